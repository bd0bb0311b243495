"""What a request without a signature may do: the ACLs of bucket and object. The account's own keys may do all."""

from __future__ import annotations

from enum import Enum

from local.standins.oss.errors import access_denied
from local.standins.oss.objects import Bucket, StoredObject


class Right(Enum):
    """`OWN` covers everything about settings; only a signed request has it, whatever the ACLs say."""

    READ = "read"
    WRITE = "write"
    OWN = "own"


def check_access(caller: str | None, right: Right, bucket: Bucket, stored: StoredObject | None) -> None:
    """`stored` is the object asked for, None for the bucket itself or a key that is not there."""
    if caller is not None:
        return
    has_own_acl = stored is not None and stored.acl != "default"
    acl = stored.acl if stored is not None and has_own_acl else bucket.acl
    if acl == "public-read-write" or (acl == "public-read" and right is Right.READ):
        return
    if has_own_acl:
        raise access_denied(f"You do not have {right.value} acl permission on this object.")
    raise access_denied("You have no right to access this object because of bucket acl.")

"""The stand-ins' refusals as errors of ours, through the same table as the vendors' own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from local.standins.errors import VendorError
from local.standins.mns.errors import MnsError
from local.standins.oss.errors import OssError
from local.standins.tablestore.errors import TablestoreError
from shared.clients.codes import Answer, Vendor, classify

_REFUSALS = (VendorError, OssError, TablestoreError, MnsError)


@contextmanager
def answering(vendor: Vendor, *, sent: bool, **fields: object) -> Iterator[None]:
    """`sent` and `fields` as for `classify`."""
    try:
        yield
    except _REFUSALS as error:
        raise classify(Answer(vendor, error.status, error.code, error.message), sent=sent, **fields) from error

"""Uploads and views straight between a browser and OSS: what our function signs, and the browser then does.

Forms are signed as OSS4-HMAC-SHA256 over the policy (help.aliyun.com "PostObject", "signature version 4 in form
fields"); oss2 2.19.1 has no call for it. Everything else is oss2's.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from urllib.parse import quote

import oss2

from shared.clients.credentials import Credentials, Keys
from shared.clients.oss import OssObjects, once, reading
from shared.clients.oss_rules import our_key, sharing_s
from shared.ports import Form, ObjectInfo, Part, Place
from shared.settings import Settings

ALGORITHM = "OSS4-HMAC-SHA256"
PARTS_PAGE = 1000


class OssUploads(OssObjects):
    """`Uploads` on OSS."""

    def __init__(self, settings: Settings, env: Mapping[str, str]) -> None:
        super().__init__(settings, env)
        self._credentials = Credentials(env)
        self._region = settings.region

    def hosts(self) -> str:
        found = {"/".join(self._address(Place(bucket, "")).split("/")[:3]) for bucket in self._buckets}
        return " ".join(sorted(found))

    def form(self, place: Place, content_type: str, bytes_max: int, lasting_s: int, now: float) -> Form:
        keys, key = self._credentials.read(), our_key(place.key)
        at = datetime.fromtimestamp(now, timezone.utc)
        signed = {
            "key": key,
            "Content-Type": content_type,
            "x-oss-signature-version": ALGORITHM,
            "x-oss-credential": f"{keys.key_id}/{at:%Y%m%d}/{self._region}/oss/aliyun_v4_request",
            "x-oss-date": f"{at:%Y%m%dT%H%M%SZ}",
            "success_action_status": "204",
            **({"x-oss-security-token": keys.token} if keys.token else {}),
        }
        until = at + timedelta(seconds=sharing_s(lasting_s))
        conditions: list[object] = [{"bucket": self._buckets[place.bucket].bucket_name}]
        conditions += [["eq", f"${name}", value] for name, value in signed.items()]
        conditions += [["content-length-range", 1, bytes_max]]
        told = json.dumps({"expiration": f"{until:%Y-%m-%dT%H:%M:%S}.000Z", "conditions": conditions})
        policy = base64.b64encode(told.encode()).decode()
        fields = {**signed, "policy": policy, "x-oss-signature": _signature(keys, at, self._region, policy)}
        return Form(self._address(place), fields)

    def begin(self, place: Place, content_type: str) -> str:
        bucket, key = self._buckets[place.bucket], our_key(place.key)
        return str(once(lambda: bucket.init_multipart_upload(key, {"Content-Type": content_type}), place).upload_id)

    def part_urls(self, place: Place, upload: str, numbers: Sequence[int], lasting_s: int) -> list[str]:
        bucket, key = self._buckets[place.bucket], our_key(place.key)
        asked = ({"uploadId": upload, "partNumber": str(number)} for number in numbers)
        return [str(bucket.sign_url("PUT", key, sharing_s(lasting_s), params=each, slash_safe=True)) for each in asked]

    def parts(self, place: Place, upload: str) -> list[Part]:
        bucket, found, is_more = self._buckets[place.bucket], list[Part](), True
        while is_more:
            after = str(found[-1].number) if found else ""
            page = reading(lambda after=after: bucket.list_parts(place.key, upload, after, PARTS_PAGE), place)  # type: ignore[misc]  # mypy cannot infer a lambda with a default
            found += [Part(each.part_number, each.size, each.etag) for each in page.parts]
            is_more = page.is_truncated
        return found

    def complete(self, place: Place, upload: str) -> ObjectInfo:
        parts = self.parts(place, upload)
        told = [oss2.models.PartInfo(part.number, part.etag) for part in parts]
        bucket = self._buckets[place.bucket]
        result = once(lambda: bucket.complete_multipart_upload(place.key, upload, told), place)
        return ObjectInfo(place.key, sum(part.size for part in parts), result.etag, 0.0)

    def view(self, place: Place, lasting_s: int, file_name: str = "") -> str:
        asked = f"attachment; filename*=UTF-8''{quote(file_name)}" if file_name else ""
        params = {"response-content-disposition": asked} if asked else None
        bucket, key = self._buckets[place.bucket], our_key(place.key)
        return str(bucket.sign_url("GET", key, sharing_s(lasting_s), params=params, slash_safe=True))

    def _address(self, place: Place) -> str:
        """Where a form is posted to: the bucket itself."""
        url = str(self._buckets[place.bucket].sign_url("POST", "x", 60, slash_safe=True))
        return url.partition("?")[0].removesuffix("x")


def _signature(keys: Keys, at: datetime, region: str, policy: str) -> str:
    """Each part of the scope is signed with the key before it."""
    key = f"aliyun_v4{keys.secret}".encode()
    for part in (f"{at:%Y%m%d}", region, "oss", "aliyun_v4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, policy.encode(), hashlib.sha256).hexdigest()

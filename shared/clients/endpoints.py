"""Every address in one place: the vendor's own hosts of a region, or one address that stands in for all of them."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from shared.domain.frozen import frozen
from shared.ports import Bucket, Place
from shared.settings import Settings


@frozen
class Endpoints:
    """Derived from the settings only. `is_override` when one address stands in for the vendor's hosts."""

    region: str
    instance: str
    account_id: str
    override: str
    buckets: tuple[tuple[Bucket, str], ...]

    @classmethod
    def of(cls, settings: Settings) -> Endpoints:
        buckets = (
            (Bucket.INPUT, settings.input_bucket),
            (Bucket.WORK, settings.work_bucket),
            (Bucket.OUTPUT, settings.output_bucket),
        )
        override = settings.endpoint.rstrip("/")
        return cls(settings.region, settings.instance, settings.account_id, override, buckets)

    @property
    def is_override(self) -> bool:
        return bool(self.override)

    @property
    def is_plain_http(self) -> bool:
        return urlsplit(self.override).scheme == "http"

    @property
    def oss(self) -> str:
        """The public endpoint, not `-internal`: Model Studio must reach the urls signed for it."""
        return self.override or f"https://oss-{self.region}.aliyuncs.com"

    @property
    def tablestore(self) -> str:
        return self.override or f"https://{self.instance}.{self.region}.ots.aliyuncs.com"

    @property
    def mns(self) -> str:
        return self.override or f"https://{self.account_id}.mns.{self.region}.aliyuncs.com"

    @property
    def model_studio(self) -> str:
        return f"{self.override or 'https://dashscope.aliyuncs.com'}/api/v1"

    @property
    def dingtalk(self) -> str:
        return f"{self.override or 'https://oapi.dingtalk.com'}/robot/send"

    @property
    def ims_host(self) -> str:
        """Host and port without a scheme, as the core SDK wants it.

        Explicit, because aliyun-python-sdk-ice 1.0.2 maps nearly every region to the one bare `ice.aliyuncs.com`.
        """
        return urlsplit(self.override).netloc or f"ice.{self.region}.aliyuncs.com"

    @property
    def ims_scheme(self) -> str:
        """Explicit as well: the core SDK speaks plain http unless told otherwise."""
        return "http" if self.is_plain_http else "https"

    def bucket(self, bucket: Bucket) -> str:
        return dict(self.buckets)[bucket]

    def plain_url(self, place: Place) -> str:
        """The address IMS reads and writes with its own role: always the vendor's form, even beside an override."""
        return f"https://{self.bucket(place.bucket)}.oss-{self.region}.aliyuncs.com/{quote(place.key)}"

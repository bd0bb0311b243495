"""What neither `s.yaml` nor `template.yaml` can do, done after a deployment. Each part may be repeated: it looks first.

The voice's sample needs no rights in a bucket: Model Studio gets a signed url, like every other file it reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from shared.clients.ims_documents import EVENTS
from shared.settings import Settings

if TYPE_CHECKING:
    import oss2

OLD_VERSIONS = "old-versions"
OLD_VERSIONS_DAYS = 7
"""How long a version of a story is kept that was written over; `erase` deletes all of them at once."""

Words = tuple[str, str]


def install(settings: Settings, env: Mapping[str, str]) -> Iterator[Words]:
    """Do all of it; for each part what was done, or that it was so already."""
    yield _announcements(settings, env)
    yield _old_versions(settings, env)


def _announcements(settings: Settings, env: Mapping[str, str]) -> Words:
    """One setting of the account and region, which this overwrites."""
    from shared.clients.ims import ImsMediaJobs  # noqa: PLC0415  only this command and the doctor need it

    ims, wanted = ImsMediaJobs(settings, env), settings.ims_callback_queue
    queue, events = ims.subscribed()
    if queue == wanted and set(EVENTS) <= events:
        return f"IMS 已经把任务结束通知发到 {wanted}", f"IMS announces its jobs in {wanted} already"
    ims.subscribe(wanted)
    before = (f"（原来是 {queue}）", f" (before: {queue})") if queue else ("", "")
    return f"IMS 现在把任务结束通知发到 {wanted}{before[0]}", f"IMS announces its jobs in {wanted}{before[1]}"


def _old_versions(settings: Settings, env: Mapping[str, str]) -> Words:
    """ROS has no word for the end of old versions; its own rules of the bucket are kept."""
    import oss2  # noqa: PLC0415  as above
    from oss2.models import BucketLifecycle, LifecycleRule, NoncurrentVersionExpiration  # noqa: PLC0415  as above

    bucket = _output(settings, env)
    try:
        rules = bucket.get_bucket_lifecycle().rules
    except oss2.exceptions.NoSuchLifecycle:
        rules = []
    name = settings.output_bucket
    if any(rule.noncurrent_version_expiration for rule in rules):
        return f"{name} 的旧版本已会删除", f"{name} forgets old versions already"
    ends = NoncurrentVersionExpiration(OLD_VERSIONS_DAYS)
    bucket.put_bucket_lifecycle(
        BucketLifecycle([*rules, LifecycleRule(OLD_VERSIONS, "", noncurrent_version_expiration=ends)])
    )
    return (
        f"{name} 的旧版本 {OLD_VERSIONS_DAYS} 天后删除",
        f"{name} forgets old versions after {OLD_VERSIONS_DAYS} days",
    )


def _output(settings: Settings, env: Mapping[str, str]) -> oss2.Bucket:
    import oss2  # noqa: PLC0415  as above

    from shared.clients.credentials import Credentials  # noqa: PLC0415  as above
    from shared.clients.endpoints import Endpoints  # noqa: PLC0415  as above

    endpoints = Endpoints.of(settings)
    auth = oss2.ProviderAuthV4(Credentials(env))
    return oss2.Bucket(auth, endpoints.oss, settings.output_bucket, region=endpoints.region)

"""What OSS tells its triggers when an object comes or goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ObjectEvent:
    """`name` carries no `oss:` prefix. `time` is seconds since the epoch; `delta_size` may be negative on an overwrite.

    Names as the FC trigger schema has them: `ObjectCreated:PutObject`, `PostObject`, `CopyObject`, `AppendObject`,
    `PutSymlink`, `InitiateMultipartUpload`, `UploadPart`, `UploadPartCopy`, `CompleteMultipartUpload`;
    `ObjectRemoved:DeleteObject`, `DeleteObjects`, `AbortMultipartUpload`.
    """

    name: str
    bucket: str
    key: str
    etag: str
    size: int
    content_type: str
    request_id: str
    time: float
    user_meta: dict[str, str] = field(default_factory=dict)
    delta_size: int = 0


Listener = Callable[[ObjectEvent], None]

"""`x-oss-process=video/snapshot`: one frame of a film as a picture (OSS: "video snapshots").

Only what is asked of it here is understood: `t` in milliseconds, the format, a width (`w`; 0 is that of the film) with
the height in proportion (`h_0`), and the film upright (`ar_auto`; without it OSS shows it as it is stored).
The picture is made by whoever was put into `OssState.frame_of`.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from local.standins.http import Response
from local.standins.oss.call import Call
from local.standins.oss.errors import OssError, invalid_argument, not_implemented

TYPES = {"jpg": "image/jpeg", "png": "image/png"}


def snapshot(call: Call) -> Response:
    """The frame, or the refusal OSS words for a wrong or unknown process."""
    process = call.query["x-oss-process"]
    name, *fields = process.split(",")
    frame_of = call.state.frame_of
    if name != "video/snapshot" or frame_of is None:
        raise not_implemented(f"x-oss-process {name}")
    asked = dict(field.split("_", 1) for field in fields if "_" in field)
    if asked.get("ar") != "auto":
        raise not_implemented("video/snapshot without ar_auto")
    if not (asked.get("t", "").isdecimal() and asked.get("w", "0").isdecimal()) or asked.get("f") not in TYPES:
        raise invalid_argument("The snapshot needs a time t and a format f.", "x-oss-process", process)
    with tempfile.TemporaryDirectory(prefix="echobot-frame-") as folder:
        film = call.state.as_file(call.bucket, call.key, Path(folder))
        try:
            picture = frame_of(film, int(asked["t"]) / 1000, asked["f"], int(asked.get("w", "0")))
        except ValueError as error:
            raise OssError(400, "InvalidArgument", f"This film cannot be read: {error}") from error
    return Response(200, {"Content-Type": TYPES[asked["f"]], "Content-Length": str(len(picture))}, picture)

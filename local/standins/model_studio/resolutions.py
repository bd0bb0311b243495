"""How many pixels a film has of which a `resolution` was asked. Its shape is that of the picture it begins with.

help.aliyun.com/zh/model-studio/image-to-video-api-reference: the proportions of the picture are kept as well as they
can be, and the pixels are about those of 640*480 or 1920*1080. The example of .../wan-s2v-api has 512*640 at 480P.
"""

from __future__ import annotations

from collections.abc import Mapping

PIXELS: Mapping[str, int] = {"480P": 640 * 480, "720P": 1280 * 720, "1080P": 1920 * 1080}

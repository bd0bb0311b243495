"""Finds a font that can draw Chinese: from an installed package, else from the system; else one for Latin only."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

# Noto Sans SC, OFL; an optional package of fonts and nothing else.
FONT_PACKAGE = ("pylopdf_fonts_zh_cn", "NotoSansSC-Regular.otf", "Noto Sans SC")

FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "C:/Windows/Fonts",
)
CHINESE = {
    "NotoSansCJK-Regular.ttc": "Noto Sans CJK SC",
    "NotoSansCJKsc-Regular.otf": "Noto Sans CJK SC",
    "NotoSansSC-Regular.otf": "Noto Sans SC",
    "SourceHanSansSC-Regular.otf": "Source Han Sans SC",
    "wqy-zenhei.ttc": "WenQuanYi Zen Hei",
    "wqy-microhei.ttc": "WenQuanYi Micro Hei",
    "PingFang.ttc": "PingFang SC",
    "Hiragino Sans GB.ttc": "Hiragino Sans GB",
    "msyh.ttc": "Microsoft YaHei",
}
LATIN = {
    "DejaVuSans.ttf": "DejaVu Sans",
    "LiberationSans-Regular.ttf": "Liberation Sans",
    "Arial.ttf": "Arial",
    "arial.ttf": "Arial",
}


@dataclass(frozen=True)
class Font:
    path: Path
    family: str
    has_chinese: bool

    def can_draw(self, text: str) -> bool:
        """Latin letters always; anything beyond Latin Extended only with a Chinese font."""
        return self.has_chinese or all(ord(character) < 0x250 for character in text)


def find_font(folders: tuple[str, ...] = FOLDERS) -> Font | None:
    """The best font on this machine; None when there is none at all."""
    package, name, family = FONT_PACKAGE
    spec = importlib.util.find_spec(package)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        if (Path(folder) / name).is_file():
            return Font(Path(folder) / name, family, has_chinese=True)
    files = {path.name: path for folder in folders for path in sorted(Path(folder).rglob("*.[ot]t[fc]"))}
    for known, has_chinese in ((CHINESE, True), (LATIN, False)):
        for file, family_name in known.items():
            if file in files:
                return Font(files[file], family_name, has_chinese)
    return None

"""What the documents' tests need to know of Markdown."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READMES = (ROOT / "README.md", ROOT / "README.zh.md")
PAGES = (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")))

_FENCE = re.compile(r"^ *```.*?^ *```", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(.*)$", re.MULTILINE)


def text(page: Path) -> str:
    return page.read_text("utf-8")


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def blocks(page: Path) -> list[str]:
    """Code between fences."""
    return _FENCE.findall(text(page))


def inline(page: Path) -> list[str]:
    """Code within the text."""
    return _CODE.findall(_FENCE.sub("", text(page)))


def links(page: Path) -> list[str]:
    """Targets of links and pictures, but for other sites."""
    found = _LINK.findall(_FENCE.sub("", text(page)))
    return [target for target in found if "://" not in target]


def anchors(page: Path) -> set[str]:
    """What a link may name behind `#`."""
    headings = _HEADING.findall(_FENCE.sub("", text(page)))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}

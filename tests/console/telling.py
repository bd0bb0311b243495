"""A family tells a story through the page, with toy files."""

from __future__ import annotations

from typing import Any

from tests.console.house import Visitor, told
from tests.stage import CAPTIONS
from tests.toys import toy_film, toy_png, toy_wav

CONSENT = {"who": "王芳", "voice": True, "face": True, "adult": True}
FILES: dict[str, tuple[str, bytes]] = {
    "photo": ("png", toy_png()),
    "voice": ("wav", toy_wav(12.0)),
    "film": ("mp4", toy_film(10.0, CAPTIONS)),
}


def asked(files: dict[str, tuple[str, bytes]] | None = None, **more: Any) -> dict[str, Any]:
    given = FILES if files is None else files
    listed = [{"asset": name, "extension": ending, "size": len(body)} for name, (ending, body) in given.items()]
    return {"options": {"language": "zh"}, "consent": CONSENT, "files": listed, **more}


def begin(
    family: Visitor, files: dict[str, tuple[str, bytes]] | None = None, *, says_yes: bool = True, **more: Any
) -> str:
    """Start a story, upload its files, and agree to its cost; its name."""
    given = FILES if files is None else files
    begun = told(family.post("/stories", asked(given, **more)))
    for ticket in begun["tickets"]:
        assert family.house.post_form(ticket["form"], given[ticket["asset"]][1]) == 204
    family.house.stage.timing.run(5.0)  # what was uploaded is looked at
    if says_yes:
        family.post(f"/stories/{begun['job']}/yes")
        family.house.stage.timing.run(2.0)
    return str(begun["job"])

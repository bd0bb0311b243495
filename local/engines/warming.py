"""What a family of engines loads before its first call, so that a story need not wait for it."""

from __future__ import annotations

import importlib

from local.engines import weights

IMPORTS = {
    "reading": ("local.engines.captions",),
    "sound": ("local.engines.sound",),
    "voice": ("local.engines.voice",),
    "portrait": ("local.engines.portrait",),
    "film": ("local.engines.film", "local.engines.film.frame"),
}
LOADED = {
    "reading": ("local.engines.captions.letters", "local.engines.captions.words"),
    "sound": ("local.engines.sound.separation",),
    "voice": ("local.engines.voice.kokoro", "local.engines.voice.speaker", "local.engines.voice.enrolment"),
}
"""Modules whose weights every story needs; the others' (a recogniser's) are loaded when they are asked for."""


def warm(family: str) -> None:
    """Import the family and load its models. WeightsError when one is missing: the call that needs it will say so."""
    for name in IMPORTS[family]:
        importlib.import_module(name)
    for name in LOADED.get(family, ()):
        importlib.import_module(name)
        weights.load_all_of(name)

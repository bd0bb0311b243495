"""An enrolled voice as bytes: readable JSON, so that a profile can be kept, compared and inspected."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from local.engines.contract import RejectionError
from local.engines.voice.envelope import BANDS_HZ

VERSION = 1


@dataclass(frozen=True)
class Accent:
    """How the voice speaks one language: the native voice behind the melody, and what brings it to the parent's."""

    melody: str
    f0_scale: float
    gains_db: tuple[float, ...]


@dataclass(frozen=True)
class Profile:
    """`timbre` are shares of stock voices, which add up to 1; `accents` has the language that it was enrolled in.

    `formants`: how much higher the resonances of this voice lie than those of the mix. `colour_db`: the parent's mean
    spectrum in bands, which further accents are found with. A voice of espeak-ng has no timbre, and all accents; its
    melodies are voices of that program.
    """

    f0_hz: float
    timbre: Mapping[str, float]
    accents: Mapping[str, Accent]
    formants: float = 1.0
    colour_db: tuple[float, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether it was enrolled where Kokoro's weights were missing."""
        return not self.timbre

    def to_bytes(self) -> bytes:
        return json.dumps({"version": VERSION, **asdict(self)}, sort_keys=True).encode()

    @classmethod
    def from_bytes(cls, profile: bytes) -> Profile:
        """Raises RejectionError, as CosyVoice does for a voice it does not know."""
        try:
            return _read(json.loads(profile))
        except (ValueError, KeyError, TypeError, AttributeError) as cause:
            raise RejectionError("InvalidParameter", "Request voice is invalid!") from cause


def _read(fields: Any) -> Profile:
    if fields["version"] != VERSION:
        raise ValueError(fields["version"])
    colour_db = tuple(float(level) for level in fields.get("colour_db", ()))  # profiles of earlier versions have none
    if not {"zh", "en"} <= set(fields["accents"]) and len(colour_db) != len(BANDS_HZ):
        raise ValueError("an accent is missing, and what it could be found with")
    return Profile(
        f0_hz=float(fields["f0_hz"]),
        timbre={str(name): float(share) for name, share in fields["timbre"].items()},
        accents={
            str(language): Accent(
                str(accent["melody"]), float(accent["f0_scale"]), tuple(float(gain) for gain in accent["gains_db"])
            )
            for language, accent in fields["accents"].items()
        },
        formants=float(fields.get("formants", 1.0)),  # nor these
        colour_db=colour_db,
    )

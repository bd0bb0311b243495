"""The part of CosyVoice's SSML that changes what is heard here: speak, break, prosody, sub, phoneme.

Say-as is read as the plain text inside it, sound events are left out; any other tag is refused.
Source: CosyVoice's SSML page. The SDK's `call()` turns SSML on for plain text too, so text without a root is taken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from xml.parsers import expat

from local.engines.contract import RejectionError
from local.engines.voice.readings import Reading, reading

BREAK_MAX_S = 10.0
FACTOR_MIN, FACTOR_MAX = 0.5, 2.0

_BREAK_S = {"none": 0.0, "x-weak": 0.1, "weak": 0.2, "medium": 0.5, "strong": 0.8, "x-strong": 1.2}
_RATES = {"x-slow": 0.5, "slow": 0.75, "medium": 1.0, "default": 1.0, "fast": 1.25, "x-fast": 1.5}
_PITCHES = {"x-low": 0.7, "low": 0.85, "medium": 1.0, "default": 1.0, "high": 1.15, "x-high": 1.3}
_TRANSPARENT = frozenset({"say-as", "s", "p", "w"})
_DURATION = re.compile(r"([\d.]+)(ms|s)")
_FACTOR = re.compile(r"([+-]?)([\d.]+)(%?)")


@dataclass(frozen=True)
class Piece:
    """Text to be spoken at `rate` and `pitch` times the usual, parts of it as `readings` say; without text a pause."""

    text: str = ""
    rate: float = 1.0
    pitch: float = 1.0
    pause_s: float = 0.0
    readings: tuple[Reading, ...] = ()


def pieces(ssml: str) -> list[Piece]:
    """What to say, in order. Raises RejectionError when it is not SSML the vendor would take."""
    document = ssml.strip()
    if not re.match(r"<\?xml|<speak\b", document):
        document = f"<speak>{document}</speak>"
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = reader.doctype  # nothing good comes of entities
    try:
        parser.Parse(document.encode(), True)
    except expat.ExpatError as cause:
        raise _refused(str(cause)) from cause
    return reader.found


class _Reader:
    """Follows the tags as they open and close."""

    def __init__(self) -> None:
        self.found: list[Piece] = []
        self._open: list[str] = []
        self._factors = [(1.0, 1.0)]
        self._unheard = 0
        self._reading: tuple[str, str] | None = None  # alphabet and sounds of the phoneme that is open

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if (tag == "speak") != (not self._open):
            raise _refused(f"<{tag}> is not allowed here")
        self._open.append(tag)
        rate, pitch = self._factors[-1]
        if tag in ("speak", "prosody"):
            rate *= _factor(attributes.get("rate", "1"), _RATES)
            pitch *= _factor(attributes.get("pitch", "1"), _PITCHES)
        elif tag == "break":
            self.found.append(Piece(pause_s=_pause_s(attributes)))
        elif tag == "sub":
            self.text(attributes.get("alias", ""))
        elif tag == "phoneme":
            self._reading = attributes.get("alphabet", ""), attributes.get("ph", "")
        elif tag not in _TRANSPARENT and tag != "soundEvent":
            raise _refused(f"<{tag}> is not supported")
        self._unheard += tag in ("sub", "soundEvent", "break")
        self._factors.append((rate, pitch))

    def end(self, tag: str) -> None:
        self._open.pop()
        self._factors.pop()
        self._unheard -= tag in ("sub", "soundEvent", "break")
        if tag == "phoneme":
            if self._reading:
                raise _refused("a phoneme without text")
            self._reading = None

    def text(self, text: str) -> None:
        if self._unheard or not text.strip():
            return
        rate, pitch = self._factors[-1]
        last = self.found[-1] if self.found else Piece()
        if last.text and (last.rate, last.pitch) == (rate, pitch):
            self.found.pop()
        else:
            last = Piece("", rate, pitch)
        self.found.append(replace(last, text=last.text + text, readings=last.readings + self._readings(text, last)))

    def _readings(self, text: str, before: Piece) -> tuple[Reading, ...]:
        if self._reading is None:
            return ()
        alphabet, sounds = self._reading
        self._reading = None
        try:
            return (reading(alphabet, sounds, text.strip(), len(before.text) + len(text) - len(text.lstrip())),)
        except ValueError as cause:
            raise _refused(f"phoneme: {cause}") from cause

    def doctype(self, *_: object) -> None:
        raise _refused("a document type is not allowed")


def _pause_s(attributes: dict[str, str]) -> float:
    time = attributes.get("time")
    if time is None:
        strength = attributes.get("strength", "medium")
        if strength not in _BREAK_S:
            raise _refused(f"break strength {strength!r}")
        return _BREAK_S[strength]
    duration = _DURATION.fullmatch(time.strip())
    seconds = _number(duration[1]) / (1000 if duration[2] == "ms" else 1) if duration else -1
    if not 0 <= seconds <= BREAK_MAX_S:
        raise _refused(f"break time {time!r}")
    return seconds


def _factor(value: str, named: dict[str, float]) -> float:
    """`1.2`, `120%`, `+20%` or a name."""
    value = value.strip()
    if value in named:
        return named[value]
    written = _FACTOR.fullmatch(value)
    if written is None or (written[1] and not written[3]):
        raise _refused(f"{value!r} is no rate or pitch")
    number = _number(written[2]) / (100 if written[3] else 1)
    factor = {"+": 1 + number, "-": 1 - number, "": number}[written[1]]
    if not FACTOR_MIN <= factor <= FACTOR_MAX:
        raise _refused(f"{value!r} is not within {FACTOR_MIN} and {FACTOR_MAX}")
    return factor


def _number(digits: str) -> float:
    try:
        return float(digits)
    except ValueError:
        raise _refused(f"{digits!r} is no number") from None


def _refused(why: str) -> RejectionError:
    return RejectionError("InvalidParameter", f"Please ensure input text is valid. SSML: {why}")

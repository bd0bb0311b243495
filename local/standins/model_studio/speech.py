"""Speech of CosyVoice: the rules that its REST, its event stream and its WebSocket share.

help.aliyun.com/zh/model-studio/cosyvoice-tts-http-api and .../cosyvoice-websocket-api.
"""

from __future__ import annotations

import io
import re
import wave
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import soundfile

from local.engines.contract import RejectionError, Speech, SpeechStyle, Word
from local.engines.workers import EngineFailedError
from local.standins.errors import VendorError
from local.standins.model_studio import refusals
from local.standins.model_studio.bench import Bench
from local.standins.model_studio.voices import SPEECH_YUAN_PER_10K, Voices

CONTENT_TYPES = {"mp3": "audio/mpeg", "wav": "audio/wav", "pcm": "audio/pcm"}
SAMPLE_RATES = (8_000, 16_000, 22_050, 24_000, 44_100, 48_000)
CHARACTERS_MAX = 20_000
INSTRUCTION_CHARACTERS_MAX = 100
CALLS_PER_S = 3  # for each model
_TAG = re.compile(r"<[/a-zA-Z][^<>]*>")
_ENTITY = re.compile(r"&(amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);")
_HANZI = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


@dataclass(frozen=True)
class Line:
    """One thing to be said, with every parameter in range."""

    model: str
    voice: str
    text: str
    format: str
    ssml: bool
    style: SpeechStyle
    timed: bool = False  # times of words are told only when they are asked for

    @property
    def characters(self) -> int:
        return counted(plain(self.text) if self.ssml else self.text)


@dataclass(frozen=True)
class Spoken:
    """A whole sound file (or bare samples for `pcm`) and what it was billed by."""

    sound: bytes
    content_type: str
    characters: int
    words: tuple[Word, ...]

    @property
    def words_ms(self) -> list[dict[str, object]]:
        """Times of words as the streaming replies have them."""
        return [
            {"text": word.text, "begin_time": round(word.start_s * 1000), "end_time": round(word.end_s * 1000)}
            for word in self.words
        ]


def counted(text: str) -> int:
    """Characters as CosyVoice bills them: a Chinese character (also in Japanese or Korean text) counts as two."""
    return len(text) + len(_HANZI.findall(text))


def plain(ssml: str) -> str:
    """The words of an SSML text; tags are not counted."""
    return _ENTITY.sub("x", _TAG.sub("", ssml))


def line_of(model: str, fields: Mapping[str, Any]) -> Line:
    """The request's fields, checked; VendorError `InvalidParameter` in the vendor's words where they are known."""
    voice, text = fields.get("voice"), fields.get("text")
    if not isinstance(voice, str) or not voice:
        raise refusals.invalid_parameter("Request voice is invalid!")
    if not isinstance(text, str) or not text.strip():
        raise refusals.invalid_parameter("Please ensure input text is valid.")
    # The SDK sends "Default" and 0 when its caller leaves the choice to the vendor: mp3 of 22,050 Hz.
    form = "mp3" if fields.get("format", "Default") == "Default" else fields["format"]
    if form not in CONTENT_TYPES:
        raise refusals.invalid_parameter(f"format {form} is not offered by this stand-in.")
    rate_hz = fields.get("sample_rate") or 22_050
    if rate_hz not in SAMPLE_RATES:
        raise refusals.invalid_parameter("sample_rate is invalid.")
    instruction = fields.get("instruction") or ""
    if counted(instruction) > INSTRUCTION_CHARACTERS_MAX:
        raise refusals.invalid_parameter("[tts:]Engine return error code: 428")
    ssml = bool(fields.get("enable_ssml", False))
    style = SpeechStyle(
        rate=_within(fields, "rate", 1.0, 0.5, 2.0),
        pitch=_within(fields, "pitch", 1.0, 0.5, 2.0),
        volume=int(_within(fields, "volume", 50, 0, 100)),
        seed=int(_within(fields, "seed", 0, 0, 65_535)),
        sample_rate=rate_hz,
        ssml=ssml,
    )
    line = Line(model, voice, text, form, ssml, style, timed=bool(fields.get("word_timestamp_enabled", False)))
    if ssml and not _is_well_formed(text):
        raise refusals.invalid_parameter("Please ensure input text is valid.")
    if line.characters > CHARACTERS_MAX:
        raise refusals.invalid_parameter(f"The text is longer than {CHARACTERS_MAX} characters.")
    return line


class Speaking:
    """Says lines with enrolled voices, and charges for them."""

    def __init__(self, bench: Bench, voices: Voices) -> None:
        self._bench = bench
        self._voices = voices

    def check_model(self, model: str) -> None:
        self._bench.check_is_on(model)
        if model not in SPEECH_YUAN_PER_10K:
            raise refusals.unknown_model()

    def say(self, line: Line, ref: str) -> Spoken:
        """Blocks while the engine speaks. Only what was spoken is charged."""
        self.check_model(line.model)
        profile = self._voices.profile(line.voice, line.model)
        try:
            speech = self._bench.engines.speak(profile, line.text, line.style)
        except RejectionError as error:
            raise VendorError(400, error.code, error.message) from error
        except EngineFailedError as error:
            raise refusals.engine_failed(error) from error
        yuan = line.characters * SPEECH_YUAN_PER_10K[line.model] / 10_000
        self._bench.register.charge(line.model, yuan, ref)
        words = speech.words if line.timed else ()
        return Spoken(_encoded(speech, line.format), CONTENT_TYPES[line.format], line.characters, words)


def _within(fields: Mapping[str, Any], name: str, usual: float, least: float, most: float) -> float:
    value = fields.get(name, usual)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise refusals.invalid_parameter(f"{name} should be {least} to {most}.")
    return value


def _is_well_formed(ssml: str) -> bool:
    """Whether nothing but whole tags and known entities uses the characters of markup."""
    rest = plain(ssml)
    return "<" not in rest and "&" not in rest


def _encoded(speech: Speech, form: str) -> bytes:
    if form == "pcm":
        return speech.pcm
    body = io.BytesIO()
    if form == "wav":
        with wave.open(body, "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(speech.sample_rate)
            sound.writeframes(speech.pcm)
    else:
        with soundfile.SoundFile(body, "w", speech.sample_rate, 1, format="MP3") as sound:
            sound.buffer_write(speech.pcm, "int16")
    return body.getvalue()

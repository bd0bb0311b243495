"""What CosyVoice is asked and what it answers, without any wire: limits are checked here, since the service accepts
some bad values and fails later. Facts: help.aliyun.com/zh/model-studio/cosyvoice-clone-api as of 2026-11.
"""

from __future__ import annotations

import io
import re
import unicodedata
import wave
from collections.abc import Iterable, Mapping
from typing import Any

from shared.clients import replies
from shared.domain.errors import Corrupt, Refused
from shared.domain.wave import write
from shared.ports import EnrolledVoice, Fate, Verdict

TEXT_MAX = 20_000
RATE_MIN, RATE_MAX = 0.5, 2.0
SEED_MAX = 65_535
SAMPLE_RATE = 24_000  # what the speech of a story is worked on in
SAMPLE_BYTES = 2

_PREFIX = re.compile(r"[a-z0-9]{1,9}")
"""The SDK's comment says lower case, digits, fewer than 10; the page is laxer."""


def checked_prefix(prefix: str) -> str:
    if not _PREFIX.fullmatch(prefix):
        raise Corrupt("internal", f"not a voice prefix: {prefix!r}")
    return prefix


def create_voice(model: str, prefix: str, sample_url: str, language: str) -> dict[str, object]:
    return {
        "action": "create_voice",
        "target_model": model,
        "prefix": checked_prefix(prefix),
        "url": sample_url,
        "language_hints": [language],
    }


def speech_input(voice_id: str, text: str, *, rate: float, seed: int, is_ssml: bool = False) -> dict[str, object]:
    if not text.strip() or len(text) > TEXT_MAX:
        raise Corrupt("internal", f"a text of {len(text)} characters cannot be spoken")
    if not RATE_MIN <= rate <= RATE_MAX:
        raise Corrupt("internal", f"rate {rate} is not within {RATE_MIN} to {RATE_MAX}")
    if not 0 <= seed <= SEED_MAX:
        raise Corrupt("internal", f"seed {seed} is not within 0 to {SEED_MAX}")
    return {
        "text": text,
        "voice": voice_id,
        "format": "wav",
        "sample_rate": SAMPLE_RATE,
        "rate": rate,
        "seed": seed,
        "enable_ssml": is_ssml,
    }


def voice_verdict(status: str) -> Verdict:
    """`DEPLOYING` while the sample is looked at, `OK`, or `UNDEPLOYED` when it was turned down, without a reason."""
    if status == "OK":
        return Verdict(Fate.SUCCEEDED)
    if status == "UNDEPLOYED":
        return Verdict(Fate.FAILED, error=Refused("voice.rejected", "UNDEPLOYED"))
    return Verdict(Fate.RUNNING)


def oldest_first(prefix: str, listed: Iterable[Mapping[str, Any]]) -> list[EnrolledVoice]:
    """Of what the list shows, the voices of exactly this prefix: an id is `<model>-<prefix>-<unique>`."""
    voices = [
        EnrolledVoice(replies.text(each.get("voice_id")), replies.text(each.get("gmt_create"))) for each in listed
    ]
    ours = [voice for voice in voices if voice.voice_id.rpartition("-")[0].endswith(f"-{prefix}")]
    return sorted(ours, key=lambda voice: (voice.created, voice.voice_id))


def checked_wav(wav: bytes) -> bytes:
    """RIFF, mono, signed 16 bit, as asked for, or `Corrupt`. A sound written as a stream announces any length in its
    head; then the head is written anew. Nothing at all, or a head without a sound, is silence, which is for whoever
    listens to judge.
    """
    if not wav:
        return write(b"", SAMPLE_RATE)
    try:
        with wave.open(io.BytesIO(wav)) as sound:
            shape, rate = (sound.getnchannels(), sound.getsampwidth()), sound.getframerate()
            announced = sound.getnframes()
            pcm = sound.readframes(announced)
    except (wave.Error, EOFError, RuntimeError) as error:  # the last: a chunk whose size leads out of the file
        raise Corrupt("vendor.contract", f"speech is not a wav: {error}") from error
    if shape != (1, SAMPLE_BYTES):
        raise Corrupt("vendor.contract", f"speech has {shape[0]} channels, {shape[1] * 8} bits")
    return wav if len(pcm) == announced * SAMPLE_BYTES else write(pcm, rate)


def billed_characters(usage: Mapping[str, Any], text: str) -> int:
    """As the vendor counted; else by its rule: a Chinese character counts twice, everything else once."""
    told = replies.number(usage.get("characters"))
    if told is not None and 0 < told <= 2 * TEXT_MAX:
        return round(told)
    return sum(2 if unicodedata.name(letter, "").startswith("CJK UNIFIED") else 1 for letter in text)

"""A story of twenty minutes through the real functions, read by a stand-in voice whose every syllable can be counted.

The voice has a pace of its own, differs from line to line, keeps a rate it is asked for only roughly, and loses the
end of some lines, as a cloned one does. What is measured is the sound of the segments, not what the code says of it.
"""

from __future__ import annotations

import io
import math
import random
import struct
import wave as riff
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from bench.media.rows import Row, at_least, at_most, peer
from bench.telling.onsets import Samples, errors_s, onsets
from local.engines.contract import Speech, SpeechStyle
from shared.domain import fitting, keys
from shared.domain.cues import Cue, write_srt
from shared.domain.han import is_han
from shared.domain.job import JobState
from shared.ports import Bucket, Place
from tests.stage import Stage
from tests.toys import ToyEngines, toy_film

MINUTES = 20
PACE = 1.15
SPREAD = 0.06  # how much the same text differs
DISOBEDIENCE = 0.03  # how much a rate is missed
LOST_ENDS = 0.05
SYLLABLE_SHARE = 0.6  # of its time a syllable sounds, then it is quiet
RATE_HZ = 24_000
LIMIT_S = 0.05
TEXTS = (
    "森林边上住着一只爱看星星的小狐狸。",
    "一天夜里，一颗小星星从天上掉了下来。",
    "它掉进湖里，冷得直发抖。",
    "小狐狸划着树叶船，把它轻轻捞起来。",
    "别怕，我带你回家。",
)


class CountedVoice(ToyEngines):
    """Every Chinese character is one burst of sound, every comma and stop a pause."""

    def speak(self, profile: bytes, text: str, style: SpeechStyle) -> Speech:
        del profile
        dice = random.Random(f"{text} {style.seed}")
        each_s = fitting.HAN_MS / 1000 * PACE * dice.uniform(1 - SPREAD, 1 + SPREAD)
        each_s /= style.rate * dice.uniform(1 - DISOBEDIENCE, 1 + DISOBEDIENCE)
        burst = _burst(each_s * SYLLABLE_SHARE, style.sample_rate) + _quiet(each_s * (1 - SYLLABLE_SHARE), style)
        pieces = [burst if is_han(one) else _quiet(fitting.COMMA_MS / 1000 / style.rate, style) for one in text[:-1]]
        pcm = b"".join([*pieces, _quiet(0.1, style)])
        if dice.random() < LOST_ENDS:
            pcm = pcm[: len(pcm) * 2 // 5]
        return Speech(pcm, style.sample_rate, ())


def measure(work: Path) -> list[Row]:
    """Rows of one long story; `work` is not needed."""
    del work
    cues = _captions()
    stage = Stage(engines=CountedVoice(), settings={"face_pause_s": 0.9, "keep_work": True})
    seconds = cues[-1].end_ms / 1000 + 3.0
    stage.tell(film=toy_film(seconds), captions=write_srt(cues).encode(), options=b'{"assets": ["captions"]}')
    stage.run(10 * 24 * 3600.0)
    if stage.job().state is not JobState.DONE:
        raise RuntimeError(f"the story ended as {stage.job().state.value}: {stage.error()}")
    heard = _film_sound(stage, seconds)
    lines = [one for one in stage.report()["lines"] if "joined_to" not in one]
    starts = [line["slot"][0] / 1000 for line in lines]
    late = errors_s(onsets(heard, RATE_HZ), starts)
    rates = [line["rate"] * line["squeeze"] for line in lines]
    spoken = sum(sum(map(is_han, line["text"])) for line in lines)
    known = [abs(one) for one in late if one is not None]
    sent_s = sum(_sent_s(row.result) for (step, _), row in stage.steps().items() if step == "speak")
    takes = sum(line["takes"] for line in lines)
    return [
        peer("long", f"lines of a story of {seconds / 60:.1f} minutes", len(lines), ""),
        at_most("long", "lines whose beginning could not be heard", len(late) - len(known), 0, ""),
        at_most("long", "line start error, the largest", 1000 * max(known), 1000 * LIMIT_S, "ms"),
        at_most(
            "long", "growth of the line start error in the whole story", 1000 * abs(_growth(starts, late)), 5, "ms"
        ),
        at_least("long", "lines read at 0.9 to 1.2 of the usual speed", 100 * _share(rates, 0.9, 1.2), 95, "%"),
        at_most("long", "the fastest line", max(rates), fitting.RATE_MAX, "x"),
        at_most("long", "syllables lost of those written", spoken - _syllables(heard), 0, ""),
        peer("long", "readings bought for each line", takes / len(lines), ""),
        peer("long", "lines told to a person as doubtful", sum(bool(line["doubts"]) for line in lines), ""),
        peer("long", "sent to the avatar engine, of the story's length", sent_s / seconds, "x"),
    ]


def _sent_s(spoken: Mapping[str, Any]) -> float:
    return float(spoken["end_ms"] - spoken["start_ms"]) / 1000


def _begin_s(spoken: Mapping[str, Any]) -> float:
    return float(spoken["start_ms"]) / 1000


def _captions() -> list[Cue]:
    """Slots as a narrator leaves them: most with room, some tight."""
    dice = random.Random(5)
    cues: list[Cue] = []
    now_ms = 1000
    while now_ms < MINUTES * 60_000:
        text = dice.choice(TEXTS)
        natural_ms = fitting.predict_ms(text, "zh") * PACE
        length_ms = round(natural_ms * dice.choice((0.9, 1.0, 1.05, 1.15, 1.3)))
        cues.append(Cue(len(cues) + 1, now_ms, now_ms + length_ms, text))
        now_ms += length_ms + dice.choice((150, 400, 900, 1500, 3000))
    return cues


def _film_sound(stage: Stage, seconds: float) -> Samples:
    """The speech of all segments at their times, as the timeline has them."""
    whole = np.zeros(round(seconds * RATE_HZ), np.float32)
    for (step, item), row in stage.steps().items():
        if step == "speak":
            body = stage.world.objects.read(Place(Bucket.WORK, keys.job_speech("story", item)))
            with riff.open(io.BytesIO(body)) as sound:
                samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(np.float32) / 32768
            first = round(_begin_s(row.result) * RATE_HZ)
            whole[first : first + len(samples)] += samples[: len(whole) - first]
    return whole


def _syllables(heard: Samples) -> int:
    """Bursts of sound."""
    size = RATE_HZ // 100
    loud = np.abs(heard[: len(heard) // size * size]).reshape(-1, size).max(axis=1) > 0.05
    return int(np.count_nonzero(loud[1:] & ~loud[:-1])) + int(loud[0])


def _growth(starts: list[float], late: list[float | None]) -> float:
    """How much later lines begin at the story's end than at its beginning: a straight line through all errors."""
    known = [(at, error) for at, error in zip(starts, late, strict=True) if error is not None]
    slope = np.polyfit([at for at, _ in known], [error for _, error in known], 1)[0]
    return float(slope * starts[-1])


def _share(values: list[float], low: float, high: float) -> float:
    return sum(low - 1e-9 <= value <= high + 1e-9 for value in values) / len(values)


def _burst(seconds: float, rate: int) -> bytes:
    """A tone that swells and dies, so that nothing clicks."""
    length = round(seconds * rate)
    values = [
        round(9000 * math.sin(math.pi * at / length) * math.sin(at * 2 * math.pi * 200 / rate)) for at in range(length)
    ]
    return struct.pack(f"<{length}h", *values)


def _quiet(seconds: float, style: SpeechStyle) -> bytes:
    return bytes(2 * round(seconds * style.sample_rate))

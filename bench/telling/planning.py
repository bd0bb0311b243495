"""How long planning takes: a thousand captions to a script, in processor time, and whether it grows with their number;
what the last means cost that work on finished sound.
"""

from __future__ import annotations

import random
import time
from pathlib import Path

from bench.media.rows import Row, at_most, peer
from shared.domain import script, tempo
from shared.domain.cues import Cue, write_srt
from shared.domain.wave import read, resampled

CUES = 1000
RUNS = 5
RATE = 24_000
SAMPLE = Path(__file__).resolve().parents[2] / "local" / "samples" / "father.wav"
TEXTS = (
    "从前，森林边上住着一只爱看星星的小狐狸，",
    "它每天晚上都数星星。",
    "Once upon a time there was a little fox",
    "who counted the stars every night.",
    "“别怕！”小兔子说：“我带你去 3 号山洞。”",
)


def measure(work: Path) -> list[Row]:
    """Rows; `work` is not needed."""
    del work
    small, large = (min(_planned_s(count) for _ in range(RUNS)) for count in (CUES, 4 * CUES))
    sound = resampled(read(SAMPLE.read_bytes()), RATE)[: 2 * RATE * 10]
    begun = time.process_time()
    tempo.shorter(sound, RATE, tempo.SHORTER_MAX)
    squeezed_s = time.process_time() - begun
    return [
        at_most("planning", f"a script of {CUES:,} captions, processor time", small, 0.2, "s"),
        at_most("planning", "four times the captions take longer by a factor of", large / small, 6, ""),
        peer("planning", "a second of speech made a tenth shorter, processor time", squeezed_s / 10, "s"),
    ]


def captions(count: int, seed: int = 1) -> tuple[bytes, int]:
    """So many captions, some of them crowded, and the length of their film in ms."""
    dice = random.Random(seed)
    cues: list[Cue] = []
    now_ms = 1000
    for number in range(1, count + 1):
        text = dice.choice(TEXTS)
        length_ms = round(len(text) * dice.choice((60, 150, 240, 300))) + 300
        cues.append(Cue(number, now_ms, now_ms + length_ms, f"{text}{number}"))
        now_ms += length_ms + dice.choice((40, 300, 900, 2500))
    return write_srt(cues).encode(), now_ms


def _planned_s(count: int) -> float:
    srt, film_ms = captions(count)
    begun = time.process_time()
    script.write(srt, language="zh", film_ms=film_ms, limit_ms=58_000)
    return time.process_time() - begun

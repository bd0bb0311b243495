"""How well burned-in captions are read and how fast, and how well a narrator under music is heard."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.media.captioned import BARE, CASES, CHINESE, FPS, PAN, Case, cues_of, film_of
from bench.media.listening import character_errors, distance, heard, letters, syllable_errors
from bench.media.rows import Row, at_most, peer
from local.engines.captions import read_captions, recognise
from local.engines.captions.wording import has_han
from local.engines.contract import Caption, RejectionError, SpeechStyle
from local.engines.sound.decode import decode
from local.engines.voice import speak
from local.engines.voice.envelope import BANDS_HZ
from local.engines.voice.profile import Accent, Profile
from local.samples.story import soundtrack

BARE_S = 8.0
TIMED_S, TIMED_LINES = 40.0, 16
NARRATORS = ("zf_xiaobei", "zf_xiaoyi", "zm_yunjian", "zm_yunxi")  # Kokoro's Chinese voices that are understood best
NARRATION_HZ, PAUSE_S = 24_000, 0.8


@dataclass(frozen=True)
class Compared:
    """Captions read, held against those drawn: characters wrong and drawn in each language, and frames."""

    wrong: dict[str, int]
    drawn: dict[str, int]
    starts_off: list[float]
    invented: int

    @property
    def share(self) -> float:
        return sum(self.wrong.values()) / sum(self.drawn.values())


def measure(work: Path) -> Iterator[Row]:
    """Rows for every film, for both languages over all of them, for speed, and for recognition if it is installed."""
    yield from _reading(work)
    yield _invention(work)
    yield _speed(work)
    yield from _listening(work)


def compared(read: Sequence[Caption], drawn: Sequence[Caption]) -> Compared:
    """Each caption drawn is held against the one read that shows longest with it; marks and spaces count.

    One that was not read has all its characters wrong; one that was read beside is invented.
    """
    left = list(read)
    wrong, characters = {"zh": 0, "en": 0}, {"zh": 0, "en": 0}
    starts_off = []
    for cue in drawn:
        best = max(left, key=lambda one: _together_s(one, cue), default=None)
        if best is None or _together_s(best, cue) <= 0:
            best = None
        else:
            left.remove(best)
            starts_off.append(abs(best.start_s - cue.start_s) * FPS)
        for language in wrong:
            wanted = _lines(cue, language)
            wrong[language] += distance(_lines(best, language) if best else "", wanted)
            characters[language] += len(wanted)
    return Compared(wrong, characters, starts_off, len(left))


def _together_s(one: Caption, other: Caption) -> float:
    return min(one.end_s, other.end_s) - max(one.start_s, other.start_s)


def _lines(caption: Caption, language: str) -> str:
    return " ".join(line for line in caption.text.split("\n") if has_han(line) == (language == "zh"))


def _reading(work: Path) -> list[Row]:
    rows, whole = [], []
    for number, case in enumerate(CASES):
        cues = cues_of(case.languages)
        found = compared(read_captions(film_of(case, cues, work / f"captions-{number}.mp4")), cues)
        rows.append(at_most("captions", f"{case.name}: character errors", 100 * found.share, 1, "%"))
        rows.append(at_most("captions", f"{case.name}: worst start", max(found.starts_off, default=0), 2, "frames"))
        whole.append(found)
    for language, name in (("zh", "Chinese"), ("en", "English")):
        wrong, drawn = (sum(counts[language] for counts in part) for part in _counts(whole))
        rows.append(at_most("captions", f"all films, {name}: character errors", 100 * wrong / drawn, 1, "%"))
    invented = sum(found.invented for found in whole)
    return [*rows, at_most("captions", "all films: captions that nobody drew", invented, 0, "captions")]


def _counts(found: Sequence[Compared]) -> tuple[list[dict[str, int]], list[dict[str, int]]]:
    return [one.wrong for one in found], [one.drawn for one in found]


def _invention(work: Path) -> Row:
    films = [film_of(case, [], work / f"bare-{number}.mp4", BARE_S) for number, case in enumerate(BARE)]
    invented = sum(len(read_captions(film)) for film in films)
    return at_most("captions", f"{len(films)} films without captions: invented", invented, 0, "captions")


def _speed(work: Path) -> Row:
    """Models are loaded by now."""
    film = film_of(Case("timed", PAN), cues_of("zh+en", TIMED_LINES), work / "timed.mp4", TIMED_S)
    started = time.perf_counter()
    read_captions(film)
    share = (time.perf_counter() - started) / TIMED_S
    return at_most("captions", f"reading {TIMED_S:.0f} s of 720p, of its length", share, 0.15, "")


def _listening(work: Path) -> list[Row]:
    """No rows where no recogniser is installed."""
    rows, wrong, said, off_s = [], 0, 0, 0.0
    for narrator in NARRATORS:
        film, cues = _narrated(narrator, work)
        try:
            found = recognise(film)
        except RejectionError as error:
            print(error.message)
            return []
        lines = [cue.text for cue in cues]
        written = "".join(one.text for one in found)
        wanted = letters("".join(lines))
        missed = distance(letters(written), wanted)
        wrong, said = wrong + missed, said + len(wanted)
        off_s = max([off_s, *(min(abs(one.start_s - cue.start_s) for one in found) for cue in cues)])
        rows.append(peer("captions", f"{narrator} under music: characters misheard", 100 * missed / len(wanted), "%"))
        by_sound = 100 * syllable_errors(written, lines, tones=True)
        rows.append(peer("captions", f"{narrator} under music: syllables with tones misheard", by_sound, "%"))
        alone = 100 * character_errors(_heard_alone(work / f"{narrator}-alone.wav"), lines)
        rows.append(peer("captions", f"{narrator} without music, as first heard: characters misheard", alone, "%"))
    rows.append(at_most("captions", "Chinese narrators under music: characters misheard", 100 * wrong / said, 8, "%"))
    return [*rows, peer("captions", "recognised sentences: worst start", off_s, "s")]


def _heard_alone(narration: Path) -> str:
    """What the recogniser writes down when it is given the voice as it was before the music."""
    return heard(np.concatenate([block.ravel() for block in decode(narration, 16_000, channels=1)]), "zh")


def _narrated(narrator: str, work: Path) -> tuple[Path, list[Caption]]:
    """The lines in a stock voice, under the sample film's music at the sample film's level."""
    plain = Accent(narrator, 1.0, (0.0,) * len(BANDS_HZ))
    profile = Profile(200.0, {narrator: 1.0}, {"zh": plain, "en": plain}).to_bytes()
    at, cues, lines = 1.0, [], []
    for text in CHINESE:
        pcm = np.frombuffer(speak(profile, text, SpeechStyle(sample_rate=NARRATION_HZ)).pcm, "<i2")
        lines.append(soundtrack.trimmed(pcm.astype(np.float32) / np.float32(32768), NARRATION_HZ))
        cues.append(Caption(at, at + len(lines[-1]) / soundtrack.RATE_HZ, text))
        at = cues[-1].end_s + PAUSE_S
    narration = soundtrack.narrate(lines, [cue.start_s for cue in cues], at + 1)
    path = work / f"{narrator}.wav"
    soundtrack.write_wav(work / f"{narrator}-alone.wav", narration)
    soundtrack.write_wav(path, soundtrack.mix(narration, soundtrack.compose(at + 1)))
    return path, cues

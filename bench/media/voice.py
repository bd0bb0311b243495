"""How well and how fast the local voice speaks: understood, alike, in its slot; beside espeak-ng where it is installed.

Parents are the project's two samples and any recording put into `<work>/parents`. Each is enrolled from its first ten
seconds; the rest is what the voice is compared with. The stock voice is what a family would hear without a sample: one
woman's and one man's voice for each language. Where the engine builds on another stock voice, because that is nearer to
the parent to begin with, the gain over this one is told too.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from bench.media.identity import second_embedding
from bench.media.listening import (
    NotHeardError,
    character_errors,
    heard,
    spelling_apart_errors,
    syllable_errors,
)
from bench.media.rows import Row, at_least, at_most, peer
from local.engines.contract import SpeechStyle
from local.engines.sound.resample import resample
from local.engines.voice import enrol, sample, speak, speaker
from local.engines.voice.envelope import BANDS_HZ
from local.engines.voice.language import Language
from local.engines.voice.profile import Accent, Profile
from local.engines.weights import WeightsError
from local.samples.story.schedule import schedule
from local.samples.story.text import LINES
from shared.domain import fitting, wave
from shared.domain.cues import Cue
from shared.domain.segments import slots

SAMPLES = Path(__file__).resolve().parents[2] / "local" / "samples"
ENROLLED_S = 10
HELD_OUT_S_MIN = 5
RATE_HZ = 24_000
HURRY = 1.15  # a narrator in haste leaves less room
PAUSE = np.zeros(RATE_HZ // 2, np.float32)
WOMAN_FROM_HZ = 155
STOCK: dict[Language, tuple[str, str]] = {"zh": ("zf_xiaobei", "zm_yunxi"), "en": ("af_heart", "am_michael")}
ESPEAK_VOICES: dict[Language, str] = {"zh": "cmn", "en": "en-us"}
# Read by nobody while the engine was made.
UNSEEN: dict[Language, tuple[str, ...]] = {
    "zh": (
        "老爷爷种了一个大萝卜，怎么拔也拔不动。",
        "小猫跑过来，说，我来帮你们一起拔吧。",
        "下雨了，蚂蚁们急急忙忙地往家里搬粮食。",
        "妈妈把窗户打开，外面飘进来一阵花香。",
    ),
    "en": (
        "The old man planted a turnip, and it grew and grew.",
        "A small grey mouse came running to help them pull.",
        "When the rain began, the ants carried their crumbs home.",
        "Mother opened the window and let the smell of flowers in.",
    ),
}

Samples = NDArray[np.float32]
Embed = Callable[[Samples], NDArray[np.float32]]
Say = Callable[[str], Samples]


@dataclass(frozen=True)
class Parent:
    """`profiles` are voices enrolled from the beginning of a recording, `held_out` its rest at 16 kHz."""

    name: str
    profiles: Mapping[Language, bytes]
    held_out: Samples
    enrol_s: Mapping[Language, float]

    def melody(self, language: Language) -> str:
        """The native voice that the enrolled one is built on."""
        return Profile.from_bytes(self.profiles[language]).accents[language].melody

    def stock(self, language: Language) -> str:
        """The voice that would tell the story if the parent had none."""
        woman, man = STOCK[language]
        return woman if Profile.from_bytes(self.profiles[language]).f0_hz > WOMAN_FROM_HZ else man


def measure(work: Path) -> list[Row]:
    """Rows for every parent in both languages, for the slots of two films, and for the peer."""
    parents = [_parent(recording, work) for recording in _recordings(work)]
    rows: list[Row] = []
    for parent in parents:
        rows += _likeness(parent)
        rows += [
            peer("voice", f"{parent.name}, {language}: enrolled in", s, "s") for language, s in parent.enrol_s.items()
        ]
    rows += _fit(parents)
    return [*rows, *_espeak(parents[0], work)]


def _recordings(work: Path) -> list[Path]:
    return [SAMPLES / "mother.wav", SAMPLES / "father.wav", *sorted((work / "parents").glob("*.wav"))]


def _parent(recording: Path, work: Path) -> Parent:
    whole = sample.load(recording)
    cut = ENROLLED_S * sample.SAMPLE_RATE
    if len(whole) < cut + HELD_OUT_S_MIN * sample.SAMPLE_RATE:
        raise ValueError(f"{recording.name} is too short to keep a part of it back")
    beginning = work / f"{recording.stem}-enrolled.wav"
    soundfile.write(beginning, whole[:cut], sample.SAMPLE_RATE)
    profiles: dict[Language, bytes] = {}
    took_s: dict[Language, float] = {}
    for language in ESPEAK_VOICES:
        started = time.perf_counter()
        profiles[language] = enrol(beginning, language)
        took_s[language] = time.perf_counter() - started
    held_out = resample(whole[cut:], sample.SAMPLE_RATE, speaker.SAMPLE_RATE)
    return Parent(recording.stem, profiles, held_out, took_s)


def _likeness(parent: Parent) -> Iterator[Row]:
    for language in ESPEAK_VOICES:
        lines, unseen = _story(language), UNSEEN[language]
        what = f"{parent.name}, {language}"
        started = time.perf_counter()
        ours = _told(_voice(parent.profiles[language]), lines)
        took_s = time.perf_counter() - started
        for name in dict.fromkeys((parent.stock(language), parent.melody(language))):
            stock = _told(_voice(_plain(name)), lines)
            for row in _understood(f"{name}, {language}: the story", stock, lines, language):
                yield peer(row.engine, row.what, row.value, row.unit)
            yield from _similarity(f"{what}: than {name}", parent.held_out, ours, stock, name == parent.stock(language))
        yield from _understood(f"{what}: the story", ours, lines, language)
        yield from _understood(
            f"{what}: unseen lines", _told(_voice(parent.profiles[language]), unseen), unseen, language
        )
        yield peer("voice", f"{what}: time a second takes", took_s / (len(ours) / RATE_HZ), "s")


def _plain(name: str) -> bytes:
    """A stock voice as it comes."""
    as_is = Accent(name, 1.0, (0.0,) * len(BANDS_HZ))
    return Profile(0.0, {name: 1.0}, {"zh": as_is, "en": as_is}).to_bytes()


def _similarity(what: str, held_out: Samples, ours: Samples, stock: Samples, has_goal: bool) -> Iterator[Row]:
    embedders: list[tuple[str, Embed, float]] = [("", speaker.embedding, 0.15), (" (2nd)", second_embedding, 0.08)]
    for name, embed, gain_min in embedders:
        try:
            wanted = embed(held_out)
            alike, unlike = (float(wanted @ embed(_at_16k(told))) for told in (ours, stock))
        except WeightsError as error:
            print(f"voice: not compared by the second embedder: {error}")
            continue
        gained = f"{what}, nearer to the parent by{name}"
        yield peer("voice", f"{what}, likeness of either{name}: stock", unlike, "")
        yield peer("voice", f"{what}, likeness of either{name}: new", alike, "")
        if has_goal:
            yield at_least("voice", gained, alike - unlike, gain_min, "")
        else:
            yield peer("voice", gained, alike - unlike, "")


def _understood(what: str, told: Samples, lines: Sequence[str], language: Language) -> Iterator[Row]:
    try:
        written = heard(_at_16k(told), language)
    except NotHeardError as error:
        print(f"voice: not listened to: {error}")
        return
    if language != "zh":
        yield at_most("voice", f"{what}: characters misheard", 100 * character_errors(written, lines), 8, "%")
        return
    yield at_most("voice", f"{what}: characters misheard", 100 * spelling_apart_errors(written, lines), 8, "%")
    yield peer("voice", f"{what}: characters misheard, as spelled", 100 * character_errors(written, lines), "%")
    for name, tones in (("syllables with tones", True), ("syllables", False)):
        yield peer("voice", f"{what}: {name} misheard", 100 * syllable_errors(written, lines, tones=tones), "%")


def _fit(parents: Sequence[Parent]) -> Iterator[Row]:
    """Each parent tells the film that the other narrates, at its own pace and hurried."""
    for narrator, teller in ((parents[1], parents[0]), (parents[0], parents[1])):
        spoken_s = [len(_spoken(narrator.profiles["zh"], line.chinese)) / RATE_HZ for line in LINES]
        for pace, hurry in (("", 1.0), (", hurried", HURRY)):
            overrun_ms, fastest = _worst_fit(teller.profiles["zh"], _cues([length_s / hurry for length_s in spoken_s]))
            what = f"{teller.name} tells the film of {narrator.name}{pace}"
            yield at_most("voice", f"{what}: past its slot, worst cue", overrun_ms, 0, "ms")
            yield at_most("voice", f"{what}: fastest cue", fastest, fitting.RATE_MAX, "x")


def _cues(spoken_s: Sequence[float]) -> list[Cue]:
    captions, _ = schedule(spoken_s)
    return [
        Cue(number, round(caption.start_s * 1000), round(caption.end_s * 1000), line.chinese)
        for number, (caption, line) in enumerate(zip(captions, LINES, strict=True), 1)
    ]


def _worst_fit(profile: bytes, cues: Sequence[Cue]) -> tuple[float, float]:
    """Milliseconds past the slot and the rate of the worst cue, spoken and spoken again as the step `speak` does."""
    film_ms = cues[-1].end_ms + 2000
    overruns, rates = [], []
    for cue, slot in zip(cues, slots(cues, film_ms), strict=True):
        rate: float | None = fitting.choose_rate(cue.text, slot, "zh")
        for _ in range(2):
            if rate is None:
                break
            used = rate
            spoken_ms = _heard_ms(profile, cue.text, used)
            rate = fitting.retake(spoken_ms, used, slot)
        overruns.append(spoken_ms - slot.room_ms)
        rates.append(used)
    return float(max(0, *overruns)), max(rates)


def _heard_ms(profile: bytes, text: str, rate: float) -> int:
    pcm = speak(profile, text, SpeechStyle(rate=rate, sample_rate=RATE_HZ)).pcm
    return wave.duration_ms(wave.trim_silence(pcm, RATE_HZ)[0], RATE_HZ)


def _espeak(parent: Parent, work: Path) -> Iterator[Row]:
    program = shutil.which("espeak-ng")
    if program is None:
        print("voice: espeak-ng is not installed; nothing is compared with it")
        return
    for language, voice in ESPEAK_VOICES.items():

        def say(text: str, voice: str = voice) -> Samples:
            command = [str(program), "-v", voice, "-w", str(work / "espeak.wav"), text]
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
            read, rate = soundfile.read(work / "espeak.wav", dtype="float32")
            return resample(read, rate, RATE_HZ)

        lines = _story(language)
        told = _told(say, lines)
        alike = float(speaker.embedding(parent.held_out) @ speaker.embedding(_at_16k(told)))
        yield peer("voice", f"espeak-ng, {language}: likeness to {parent.name}", alike, "")
        for row in _understood(f"espeak-ng, {language}: the story", told, lines, language):
            yield peer(row.engine, row.what, row.value, row.unit)


def _story(language: Language) -> list[str]:
    return [line.chinese if language == "zh" else line.english for line in LINES]


def _voice(profile: bytes) -> Say:
    return lambda text: _spoken(profile, text)


def _spoken(profile: bytes, text: str) -> Samples:
    pcm = speak(profile, text, SpeechStyle(sample_rate=RATE_HZ)).pcm
    return np.asarray(np.frombuffer(pcm, "<i2") / 32768, np.float32)


def _told(say: Say, lines: Sequence[str]) -> Samples:
    """The lines one after the other, with a pause behind each."""
    return np.concatenate([part for line in lines for part in (say(line), PAUSE)])


def _at_16k(samples: Samples) -> Samples:
    return resample(samples, RATE_HZ, speaker.SAMPLE_RATE)

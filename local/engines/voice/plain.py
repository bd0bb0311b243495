"""The voice where Kokoro's weights are missing: espeak-ng, at the parent's pitch and in the colour of the sample.

Another person speaks, and is understood worse. Words have no times of their own here: a stretch's are shared out by
their letters. Pitch and pace are kept, and pinyin wanted by SSML; phonemes of the CMU dictionary are not: such words
are read as they are written.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

import numpy as np

from local.engines.contract import SpeechStyle, Word
from local.engines.sound.resample import resample
from local.engines.voice import envelope, espeak, kokoro, mandarin, pitch
from local.engines.voice.language import Language, half_width, stretches
from local.engines.voice.profile import Accent, Profile
from local.engines.voice.ssml import Piece
from local.engines.voice.takes import Samples, Take, audible
from local.engines.weights import WeightsError

_READ_ALOUD: dict[Language, str] = {
    "zh": "从前，有一只小狐狸，住在月亮下面的森林里。我们一起去看大海吧！",
    "en": "Once upon a time, a little fox lived in the forest under the moon.",
}
_log = logging.getLogger(__name__)


def enrolled(f0_hz: float, colour_db: envelope.Curve, missing: WeightsError) -> Profile:
    """A voice for `takes` from a parent's pitch and colour; WeightsError when espeak-ng is missing too."""
    if not espeak.is_installed():
        raise WeightsError(f"{missing}; {espeak.PROGRAM} would speak, worse, but is not installed either") from missing
    _log.warning("%s: %s speaks instead, which is understood worse and less like the parent", missing, espeak.PROGRAM)
    return Profile(round(f0_hz, 2), {}, {language: _accent(language, f0_hz, colour_db) for language in _READ_ALOUD})


def takes(voice: Profile, piece: Piece, style: SpeechStyle) -> Iterator[Take]:
    """A piece with a text, stretch by stretch; WeightsError when espeak-ng is missing."""
    for language, stretch, spelled in _spelled(piece):
        accent = voice.accents[language]
        f0_scale = accent.f0_scale * style.pitch * piece.pitch
        spoken = espeak.say(spelled, accent.melody, style.rate * piece.rate, f0_scale)
        if spoken.any():
            coloured = envelope.coloured(spoken, np.array(accent.gains_db))
            start, stop = audible(coloured)
            yield _worded(coloured[start:stop], language, stretch)


def _accent(language: Language, f0_hz: float, colour_db: envelope.Curve) -> Accent:
    """The voice nearest in pitch, and what it lacks in pitch and colour."""
    pitches = espeak.VOICES[language]
    name = min(pitches, key=lambda voice: abs(np.log(f0_hz / pitches[voice])))
    f0_scale = f0_hz / pitches[name]
    ((_, _, spelled),) = _spelled(Piece(_READ_ALOUD[language]))
    spoken = espeak.say(spelled, name, f0_scale=f0_scale)
    measured = pitch.voiced_f0(resample(spoken, kokoro.SAMPLE_RATE, pitch.SAMPLE_RATE))
    if len(measured):
        f0_scale *= f0_hz / float(np.median(measured))
    gains = envelope.gains_db(spoken, colour_db)
    return Accent(name, round(f0_scale, 4), tuple(round(float(gain), 2) for gain in gains))


def _spelled(piece: Piece) -> Iterator[tuple[Language, str, str]]:
    """Each stretch of one language, as written and as espeak-ng reads it."""
    wanted = {at: sound for reading in piece.readings for at, sound in enumerate(reading.pinyin, reading.first)}
    at = 0
    for language, stretch in stretches(half_width(piece.text)):
        if language == "zh":
            inside = {place - at: wanted[place] for place in wanted if at <= place < at + len(stretch)}
            yield language, stretch, mandarin.spelled(stretch, inside)
        else:
            yield language, stretch, stretch
        at += len(stretch)


def _worded(samples: Samples, language: Language, text: str) -> Take:
    """Chinese by characters, English by words."""
    words = [letter for letter in text if letter.isalnum()] if language == "zh" else text.split()
    ends = np.cumsum([0, *map(len, words)]) / max(1, sum(map(len, words))) * len(samples) / kokoro.SAMPLE_RATE
    times = zip(words, ends[:-1].tolist(), ends[1:].tolist(), strict=True)
    return Take(samples, tuple(Word(word, start_s, end_s) for word, start_s, end_s in times))

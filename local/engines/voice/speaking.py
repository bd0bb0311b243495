"""Speak text in an enrolled voice."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from local.engines.contract import RejectionError, Speech, SpeechStyle, Word
from local.engines.sound.levelling import levelled
from local.engines.sound.resample import resample
from local.engines.voice import envelope, kokoro, plain, ssml
from local.engines.voice.accents import accent_of
from local.engines.voice.breaths import Breath, breaths
from local.engines.voice.language import main_language, units
from local.engines.voice.pace import at_rate
from local.engines.voice.profile import Accent, Profile
from local.engines.voice.takes import Take, audible, joined, pause

LOUDNESS_LUFS = -18.5  # of the speech of one call at volume 50; 3 LU louder in both ears, so a film comes to -16
BETWEEN_BREATHS_S = 0.3

_LABEL_LEAD_S = 0.06  # the model sounds a phoneme so much earlier than its lengths add up to: measured

Samples = NDArray[np.float32]


def speak(profile: bytes, text: str, style: SpeechStyle) -> Speech:
    """The same input gives the same samples; `style.seed` changes nothing, for this model draws no lots.

    Raises RejectionError(`InvalidParameter`) for a profile that is none, invalid SSML, or text without a sound, and
    WeightsError when what the voice was enrolled with is not installed.
    """
    voice = Profile.from_bytes(profile)
    pieces = ssml.pieces(text) if style.ssml else [ssml.Piece(text)]
    accent = accent_of(profile, main_language("".join(piece.text for piece in pieces)))
    takes: list[Take] = []
    for piece in pieces:
        if piece.pause_s:
            takes.append(pause(piece.pause_s))
        for take in plain.takes(voice, piece, style) if voice.is_plain else _takes(voice, accent, piece, style):
            if takes and takes[-1].words:
                takes.append(pause(BETWEEN_BREATHS_S / (style.rate * piece.rate)))
            takes.append(take)
    if not any(take.words for take in takes):
        raise RejectionError("InvalidParameter", "Please ensure input text is valid.")
    whole = joined(takes)
    resampled = resample(whole.samples, kokoro.SAMPLE_RATE, style.sample_rate)
    samples = _levelled(resampled, style.sample_rate, style.volume)
    pcm = np.clip(np.round(samples * 32767), -32768, 32767).astype("<i2").tobytes()
    return Speech(pcm, style.sample_rate, whole.words)


def _takes(voice: Profile, accent: Accent, piece: ssml.Piece, style: SpeechStyle) -> Iterator[Take]:
    for breath in breaths(units(piece.text, piece.readings)):
        tone = at_rate(breath, _tone(voice, accent, style, piece), style.rate * piece.rate)
        yield _spoken(breath, tone, accent)


def _tone(voice: Profile, accent: Accent, style: SpeechStyle, piece: ssml.Piece) -> kokoro.Tone:
    f0_scale = accent.f0_scale * style.pitch * piece.pitch
    return kokoro.Tone(voice.timbre, accent.melody, f0_scale, formants=voice.formants)


def _spoken(breath: Breath, tone: kokoro.Tone, accent: Accent) -> Take:
    """One breath, without the silence the model puts around it, in the colour of the parent's voice."""
    spoken = kokoro.say(list(breath.tokens), tone)
    coloured = envelope.coloured(spoken.samples, np.array(accent.gains_db))
    start, stop = audible(coloured)
    ends = np.cumsum(spoken.lengths) * kokoro.FRAME_S - _LABEL_LEAD_S - start / kokoro.SAMPLE_RATE
    length_s = (stop - start) / kokoro.SAMPLE_RATE

    def moment(tokens: int) -> float:
        """Seconds into the take where so many tokens have sounded; one more stands for the mark at the start."""
        return float(np.clip(ends[tokens], 0.0, length_s))

    words = tuple(Word(span.text, moment(span.first), moment(span.last + 1)) for span in breath.words)
    return Take(coloured[start:stop], words)


def _levelled(samples: Samples, rate: int, volume: int) -> Samples:
    """At the target loudness; `volume` 50 leaves it, 100 doubles the amplitude, 0 is silence."""
    if not volume:
        return np.zeros_like(samples)
    return levelled(samples, rate, LOUDNESS_LUFS + 20 * math.log10(volume / 50))

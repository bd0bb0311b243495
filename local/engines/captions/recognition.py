"""Sentences heard in a film, where the packages of requirements-asr.txt are installed.

Where music is heard between the words the voice is taken out of it first. Speech is found in the sound, and several
stretches of it are written down at once: in company their words are understood better, and it is three times as fast.
Each sentence has the time of the stretch it was heard in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from local.engines import ffmpeg
from local.engines.captions import speech, whisper
from local.engines.captions.speech import RATE, Region, Samples
from local.engines.captions.whisper import Token
from local.engines.captions.wording import has_han, written
from local.engines.contract import Caption, Progress, RejectionError, no_progress
from local.engines.sound import voice_alone
from local.engines.sound.decode import decode
from local.engines.weights import WeightsError

SEPARATION_SHARE = 0.3  # of the work
AROUND_S = 0.15  # heard before and after, for the first and last sounds
HEARD_S = 28.0  # at once; the recogniser takes thirty
ENDS = ("。", "！", "？", ".", "!", "?", "…")
SENTENCE_S_MIN = 1.5  # less before a full stop is "Mr."
SAID_BEFORE_END_S = 0.1  # a token is said at its end, whatever pause there was before
SILENCE_DB = -50.0  # under full scale: what is softer between words is no music
SILENT_SHARE = 0.9  # a breath or a click is none either
SILENCE_S_MIN = 0.2  # less of it tells nothing
FRAME = RATE // 50  # samples, 20 ms
NAMED = 6  # stretches of speech, when there is nothing to write them down


@dataclass(frozen=True)
class _Piece:
    """Tokens of one sentence, or of its part in one stretch of speech."""

    region: Region
    tokens: tuple[Token, ...]


def recognise(film: Path, progress: Progress = no_progress) -> list[Caption]:
    """The sentences in order; empty when nobody speaks.

    RejectionError `ASRUnavailable` says what to install or to give when no recogniser is here, and when speech was
    heard where at least that can be told. FfmpegError when it is no film.
    """
    if not ffmpeg.probe(film).has_audio:
        return []
    regions: Sequence[Region] = ()
    try:
        speech.ready()
        voice = _sound(film)
        regions = speech.speech_regions(voice)
        if not is_alone(voice, regions):
            voice = _voice(film, voice, lambda done: progress(SEPARATION_SHARE * done))
            regions = speech.speech_regions(voice)
        captions = _written(voice, regions, lambda done: progress(SEPARATION_SHARE + (1 - SEPARATION_SHARE) * done))
    except WeightsError as error:
        raise RejectionError("ASRUnavailable", unavailable(error, regions)) from error
    progress(1.0)
    return captions


def sentences(tokens: Iterable[Token], regions: Sequence[Region]) -> list[Caption]:
    """Tokens put together: each goes to the stretch of speech it was said in, a full stop ends a sentence. Pure."""
    pieces: list[_Piece] = []
    for token in tokens:
        last = pieces[-1] if pieces else None
        if last is not None and not _begins_anew(token, last):
            region = last.region
        else:
            region = min(regions, key=lambda one: max(one.start_s - _said_s(token), _said_s(token) - one.end_s, 0.0))
        if last is None or region != last.region or _is_over(last, token):
            pieces.append(_Piece(region, (token,)))
        else:
            pieces[-1] = _Piece(region, (*last.tokens, token))
    return [caption for at, piece in enumerate(pieces) if (caption := _caption(pieces, at, piece)).text]


def is_alone(sound: Samples, regions: Sequence[Region]) -> bool:
    """Whether a voice is heard without music, by its pauses: to part the two is a third of the work, and speech that
    was made for a story needs none of it. Pure.
    """
    speaks = np.zeros(len(sound), bool)
    for region in regions:
        speaks[int(region.start_s * RATE) : int(region.end_s * RATE)] = True
    between = sound[~speaks]
    frames = between[: len(between) // FRAME * FRAME].reshape(-1, FRAME)
    if frames.size < SILENCE_S_MIN * RATE:
        return False
    levels = np.sqrt(np.mean(np.square(frames, dtype=np.float64), axis=1))
    return float(np.mean(levels < 10 ** (SILENCE_DB / 20))) >= SILENT_SHARE


def unavailable(error: WeightsError, regions: Sequence[Region]) -> str:
    """Why nothing was written down, what was heard all the same, and what a person can do."""
    times = ", ".join(f"{region.start_s:.1f}-{region.end_s:.1f} s" for region in regions[:NAMED])
    heard = f"Somebody speaks {len(regions)} times in the film ({times}{', ...' if len(regions) > NAMED else ''}). "
    advice = "`make install-asr` installs a recogniser; or give the film's captions as captions.srt."
    return f"{heard if regions else ''}No speech recogniser is installed on this machine: {error}. {advice}"


def _sound(film: Path) -> Samples:
    return np.concatenate([block.ravel() for block in decode(film, RATE, channels=1)])


def _voice(film: Path, sound: Samples, progress: Progress) -> Samples:
    """The film's voice without its music; with it when the nets that part them are not installed."""
    try:
        return voice_alone(film, RATE, progress)
    except WeightsError:
        return sound


def _written(voice: Samples, regions: Sequence[Region], progress: Progress) -> list[Caption]:
    if not regions:
        return []
    whisper.ready()
    language = whisper.language_of(np.concatenate([_part(voice, region) for region in regions]))
    captions = []
    for together in _windows(regions):
        progress(regions.index(together[0]) / len(regions))
        window = Region(max(0.0, together[0].start_s - AROUND_S), together[-1].end_s + AROUND_S)
        tokens = whisper.tokens_of(_part(voice, window), language)
        captions += sentences(
            (replace(one, start_s=window.start_s + one.start_s, end_s=window.start_s + one.end_s) for one in tokens),
            together,
        )
    return captions


def _windows(regions: Sequence[Region]) -> list[list[Region]]:
    """Stretches of speech that the recogniser can hear at once."""
    windows: list[list[Region]] = []
    for region in regions:
        if windows and region.end_s - windows[-1][0].start_s <= HEARD_S:
            windows[-1].append(region)
        else:
            windows.append([region])
    return windows


def _begins_anew(token: Token, last: _Piece) -> bool:
    """Marks have no sound of their own, and time does not go back: such tokens stay with the one before."""
    return _is_sound(token) and _said_s(token) > last.region.end_s


def _said_s(token: Token) -> float:
    return max(token.start_s, token.end_s - SAID_BEFORE_END_S)


def _is_sound(token: Token) -> bool:
    """Whether it begins a letter, a figure or a Chinese character, which may be spread over several tokens."""
    if 0x80 <= token.text[0] < 0xC0:  # UTF-8: the rest of a character
        return False
    try:
        return any(character.isalnum() for character in token.text.decode())
    except UnicodeDecodeError:
        return True


def _is_over(piece: _Piece, following: Token) -> bool:
    lasted_s = following.start_s - piece.tokens[0].start_s
    return _is_sound(following) and _text(piece).endswith(ENDS) and lasted_s >= SENTENCE_S_MIN


def _caption(pieces: Sequence[_Piece], at: int, piece: _Piece) -> Caption:
    is_last = at + 1 == len(pieces) or pieces[at + 1].region != piece.region
    end_s = piece.region.end_s if is_last else pieces[at + 1].tokens[0].start_s
    return Caption(round(_start_s(pieces, at), 3), round(end_s, 3), _text(piece))


def _start_s(pieces: Sequence[_Piece], at: int) -> float:
    """Within a stretch of speech a later sentence begins with its first token."""
    piece = pieces[at]
    is_first = at == 0 or pieces[at - 1].region != piece.region
    return piece.region.start_s if is_first else piece.tokens[0].start_s


def _text(piece: _Piece) -> str:
    text = b"".join(token.text for token in piece.tokens).decode("utf-8", "ignore").strip()
    return written([text]) if has_han(text) else text


def _part(samples: Samples, region: Region) -> Samples:
    return samples[int(region.start_s * RATE) : int(region.end_s * RATE)]

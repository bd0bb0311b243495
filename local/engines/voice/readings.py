"""How a name or a word shall be said: pinyin, or the phonemes of the CMU dictionary, as SSML's `phoneme` has them.

Source: CosyVoice's SSML page. `py`: one syllable with its tone 1-5 for each character; `cmu`: ARPAbet, stress optional.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from local.engines.voice.mandarin import Syllable, phonemes, table

_SYLLABLE = re.compile(r"([a-zü:]+)([1-5])")
_ARPABET = re.compile(r"([A-Z]{1,2})([012]?)")
# ARPAbet to the phonemes Kokoro was trained on (American English of misaki, where one letter stands for a diphthong).
_SOUNDS = table(
    "AA=ɑ AE=æ AH=ʌ AO=ɔ AW=W AY=I EH=ɛ ER=ɜɹ EY=A IH=ɪ IY=i OW=O OY=Y UH=ʊ UW=u B=b CH=ʧ D=d DH=ð F=f G=ɡ HH=h "
    "JH=ʤ K=k L=l M=m N=n NG=ŋ P=p R=ɹ S=s SH=ʃ T=t TH=θ V=v W=w Y=j Z=z ZH=ʒ"
)
_UNSTRESSED = {"AH": "ə", "ER": "əɹ"}
_STRESS = {"1": "ˈ", "2": "ˌ"}


@dataclass(frozen=True)
class Reading:
    """Characters `first` to before `stop` of a text, and their pinyin one by one, or the phonemes of the whole."""

    first: int
    stop: int
    pinyin: tuple[str, ...] = ()
    phonemes: str = ""


def reading(alphabet: str, sounds: str, text: str, first: int) -> Reading:
    """The reading of `text`, which begins at `first`. ValueError for a wrong alphabet, sound or number of sounds."""
    stop = first + len(text)
    if alphabet == "cmu":
        return Reading(first, stop, phonemes="".join(_sound(sound) for sound in sounds.split()))
    if alphabet != "py":
        raise ValueError(f"alphabet {alphabet!r}")
    syllables = tuple(syllable.replace("u:", "ü") for syllable in sounds.lower().split())
    if len(syllables) != len(text):
        raise ValueError(f"{len(syllables)} syllables for {len(text)} characters")
    for syllable in syllables:
        written = _SYLLABLE.fullmatch(syllable)
        if written is None or not phonemes(Syllable("", written[1].replace("ü", "v"), int(written[2]))):
            raise ValueError(f"{syllable!r} is no pinyin with a tone")
    return Reading(first, stop, tuple(syllable.replace("ü", "v") for syllable in syllables))


def _sound(written: str) -> str:
    sound = _ARPABET.fullmatch(written.upper())
    if sound is None or sound[1] not in _SOUNDS:
        raise ValueError(f"{written!r} is no phoneme of the CMU dictionary")
    if sound[2] == "0" and sound[1] in _UNSTRESSED:
        return _UNSTRESSED[sound[1]]
    return _STRESS.get(sound[2], "") + _SOUNDS[sound[1]]

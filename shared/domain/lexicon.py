"""How names and characters of several readings are to be said: a family's `lexicon`, put into a line for CosyVoice.

A value is pinyin with tones, one syllable for each character (`{"重山": "chong2 shan1"}`), or ARPAbet as the CMU
dictionary has it (`{"Saoirse": "S IH1 R SH AH0"}`), or the word as it would be written if it were said so
(`{"Hermione": "Her-my-oh-nee"}`). The first two become SSML's `phoneme`; only lines with one of them are sent as SSML,
and of these every other character is escaped, so that no caption can bring markup of its own.
Source: CosyVoice's SSML page: cloned voices of v2, v3 and v3.5; `py` and `cmu`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from shared.domain.frozen import frozen
from shared.domain.han import is_han

WORDS_MAX = 200
WORD_CHARACTERS_MAX = 40
SOUND_CHARACTERS_MAX = 200

_MODELS = re.compile(r"cosyvoice-(?:v2|v3-(?:flash|plus)|v3\.5-(?:flash|plus))(?:-.*)?")
_PINYIN = re.compile(r"[a-zü]{1,6}[1-5](?: [a-zü]{1,6}[1-5])*")
_ARPABET = re.compile(
    r"(?:A[AEHOWY]|E[HRY]|I[HY]|O[WY]|U[HW]|CH|DH|HH|JH|NG|SH|TH|ZH|[BDFGKLMNPRSTVWYZ])[012]?"
)  # the CMU dictionary's 39 sounds, vowels with their stress
_MARKUP = re.compile(r"[<>&\[\]{}\\]")
_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"})


@frozen
class Wording:
    """A line as it is sent. `unlearnt` are the words whose sound cannot be told to this voice model."""

    text: str
    is_ssml: bool = False
    unlearnt: tuple[str, ...] = ()


def is_entry(word: object, sound: object) -> bool:
    """Whether a lexicon may say this of a word."""
    return (
        _is_plain(word, WORD_CHARACTERS_MAX)
        and _is_plain(sound, SOUND_CHARACTERS_MAX)
        and any(map(str.isalnum, str(word)))
        and (_PINYIN.fullmatch(str(sound)) is None or _is_pinyin(str(word), str(sound)))
    )


def wording(text: str, lexicon: Mapping[str, str], model: str) -> Wording:
    """The line as it is to be sent to `model`, its words said as the lexicon has them; longer words go first."""
    known = {word.casefold(): sound for word, sound in lexicon.items()}
    found = list(_finder(lexicon).finditer(text)) if lexicon else []
    phonemes = [word for match in found if _alphabet(word := match.group(), known[word.casefold()])]
    if phonemes and not _MODELS.fullmatch(model):
        kept = {word: sound for word, sound in lexicon.items() if not _alphabet(word, sound)}
        return Wording(wording(text, kept, model).text, unlearnt=tuple(dict.fromkeys(phonemes)))
    is_ssml = bool(phonemes)
    parts, done = [], 0
    for match in found:
        parts += [_plain(text[done : match.start()], is_ssml), _said(match.group(), known, is_ssml)]
        done = match.end()
    said = "".join([*parts, _plain(text[done:], is_ssml)])
    return Wording(f"<speak>{said}</speak>" if is_ssml else said, is_ssml)


def _said(word: str, known: Mapping[str, str], is_ssml: bool) -> str:
    sound = known[word.casefold()]
    alphabet = _alphabet(word, sound)
    if not alphabet:
        return _plain(sound, is_ssml)
    # Pinyin's u with two dots is typed as v.
    return f'<phoneme alphabet="{alphabet}" ph="{_plain(sound.replace("ü", "v"), True)}">{_plain(word, True)}</phoneme>'


def _plain(text: str, is_ssml: bool) -> str:
    return "".join(filter(_is_xml, text)).translate(_ESCAPED) if is_ssml else text


def _is_xml(character: str) -> bool:
    """XML 1.0 has no place for control characters, surrogates and two others, however they are written."""
    is_high = character >= "\ue000" and character not in "\ufffe\uffff"
    return is_high or " " <= character <= "\ud7ff" or character in "\t\n\r"


def _finder(lexicon: Mapping[str, str]) -> re.Pattern[str]:
    """Any of the words; one of Latin letters only where it stands by itself."""
    words = sorted(lexicon, key=lambda word: (-len(word), word))
    return re.compile("|".join(_bounded(word) for word in words), re.IGNORECASE | re.ASCII)


def _bounded(word: str) -> str:
    before = r"(?<![A-Za-z])" if word[0].isascii() and word[0].isalpha() else ""
    after = r"(?![A-Za-z])" if word[-1].isascii() and word[-1].isalpha() else ""
    return f"{before}{re.escape(word)}{after}"


def _alphabet(word: str, sound: str) -> str:
    """SSML's name for what the sound is written in; empty for another spelling of the word."""
    if _is_pinyin(word, sound):
        return "py"
    is_arpabet = all(map(_ARPABET.fullmatch, sound.split(" ")))
    return "cmu" if is_arpabet and not any(map(is_han, word)) else ""


def _is_pinyin(word: str, sound: str) -> bool:
    return _PINYIN.fullmatch(sound) is not None and all(map(is_han, word)) and len(sound.split(" ")) == len(word)


def _is_plain(text: object, most: int) -> bool:
    return (
        isinstance(text, str)
        and 0 < len(text) <= most
        and text == text.strip()
        and text.isprintable()
        and not _MARKUP.search(text)
    )

"""Chinese text to the phonemes Kokoro was trained on: IPA syllables with tone arrows, words set apart by spaces.

Readings come from pypinyin, words from rjieba; tone sandhi and the syllable table are here.
The table is that of misaki's first Chinese module (Apache-2.0), which the model's training used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate
from types import MappingProxyType

import rjieba
from pypinyin import Style, lazy_pinyin
from pypinyin.constants import PINYIN_DICT
from pypinyin.contrib.tone_convert import to_finals, to_initials

from local.engines.voice.company import readings, weak
from local.engines.voice.figures import in_words
from local.engines.voice.unit import Unit

TONES = {1: "→", 2: "↗", 3: "↓", 4: "↘", 5: ""}


def table(pairs: str) -> dict[str, str]:
    """`b=p p=pʰ` as a dictionary."""
    return dict(pair.split("=") for pair in pairs.split())


INITIALS = table("b=p p=pʰ m=m f=f d=t t=tʰ n=n l=l g=k k=kʰ h=x j=ʨ q=ʨʰ x=ɕ zh=ꭧ ch=ꭧʰ sh=ʂ r=ɻ z=ʦ c=ʦʰ s=s =")
# The tone's arrow takes the place of the 0.
FINALS = table(
    "a=a0 ai=ai0 an=a0n ang=a0ŋ ao=au0 e=ɤ0 ei=ei0 en=ə0n eng=ə0ŋ i=i0 ia=ja0 ian=jɛ0n iang=ja0ŋ iao=jau0 ie=je0 "
    "in=i0n iou=jou0 ing=i0ŋ iong=jʊ0ŋ ong=ʊ0ŋ ou=ou0 u=u0 uei=wei0 ua=wa0 uai=wai0 uan=wa0n uen=wə0n uang=wa0ŋ "
    "ueng=wə0ŋ uo=wo0 o=wo0 v=y0 ve=ɥe0 van=ɥɛ0n vn=y0n"
)
# Syllables with no initial, or none that pinyin spells: interjections and humming.
WHOLE = {"er": "ɚ0", "o": "ɔ0", "io": "jɔ0", "ê": "ɛ0", "m": "m0", "n": "n0", "ng": "ŋ0", "hm": "hm0", "hng": "hŋ0"}
BUZZED = "ɨ0"  # the vowel of zi, ci, si, zhi, chi, shi, ri
BUZZING = frozenset({"z", "c", "s", "zh", "ch", "sh", "r"})

PUNCTUATION = {
    **dict.fromkeys("，、,", ", "),
    **dict.fromkeys("。．.", ". "),
    **dict.fromkeys("！!", "! "),
    **dict.fromkeys("？?", "? "),
    **dict.fromkeys("：:", ": "),
    **dict.fromkeys("；;", "; "),
    **dict.fromkeys("《「『【“«", " “"),
    **dict.fromkeys("》」』】”»", "” "),
    **dict.fromkeys("（(", " ("),
    **dict.fromkeys("）)", ") "),
    **dict.fromkeys("—–", "— "),
    **dict.fromkeys("…", "… "),
    **dict.fromkeys(" \t\n\r　", " "),
}

OPENING = frozenset({" “", " ("})

NUMERALS = "零〇一二三四五六七八九十百千万亿第"
COUNTED_WITH_ONE = "零〇一二三四五六七八九十月日号"
LEADING_TO_ONE = "有这那每另"  # after these 一 counts what follows even where both are taken for one word
PARTICLES = frozenset("的地得着了过吧呢啊呀吗嘛啦哇哦喽呗")
WEAK = {"地": "de", "得": "de", "着": "zhe", "了": "le"}

_HAN = re.compile(r"[\u3400-\u9fff]+")

Wanted = Mapping[int, str]  # pinyin with its tone, by the place of the character
NOTHING: Wanted = MappingProxyType({})


@dataclass(frozen=True)
class Syllable:
    """A character as it is read: pinyin without tone, and the tone 1-5, 5 being neutral."""

    character: str
    pinyin: str
    tone: int


def units(text: str, wanted: Wanted = NOTHING) -> list[Unit]:
    """What is spoken for a stretch of Chinese, one unit a character; words and punctuation are kept apart."""
    return _units(text, wanted, phonemes)


def spelled(text: str, wanted: Wanted = NOTHING) -> str:
    """The same as pinyin with tones: `wo3 men5, hao3`."""
    said = _units(text, wanted, lambda syllable: f"{syllable.pinyin}{syllable.tone} " if syllable.pinyin else "")
    return re.sub(r" +(?=[ ,.!?:;”)…])", "", "".join(unit.phonemes for unit in said)).strip()


def _units(text: str, wanted: Wanted, sound: Callable[[Syllable], str]) -> list[Unit]:
    found: list[Unit] = []
    text, wanted = _figures_said(text, wanted)
    at = 0
    for stretch in _HAN.finditer(text):
        found += _punctuation(text[at : stretch.start()])
        inside = {place - stretch.start(): wanted[place] for place in wanted if place >= stretch.start()}
        for word in read(rjieba.cut(stretch[0]), inside):
            if not (found and found[-1].phonemes in OPENING):
                found.append(Unit("", " "))
            found += [Unit(syllable.character, sound(syllable)) for syllable in word]
        at = stretch.end()
    return found + _punctuation(text[at:])


def read(words: list[str], wanted: Wanted = NOTHING) -> list[list[Syllable]]:
    """The reading of each word, tones as they are spoken in this company. What is wanted stays as it is wanted."""
    usual = _weakened(_imposed([_particles(_lexical(word)) for word in words], readings(words)), weak(words))
    return _imposed(_third_tones(_in_company(_imposed(usual, wanted))), wanted)


def phonemes(syllable: Syllable) -> str:
    """Kokoro's phonemes; empty for a character nobody knows how to read."""
    initial, final = _split(syllable.pinyin)
    if syllable.pinyin in WHOLE:
        sound = WHOLE[syllable.pinyin]
    elif initial in BUZZING and final == "i":
        sound = INITIALS[initial] + BUZZED
    elif initial in INITIALS and final in FINALS:
        sound = INITIALS[initial] + FINALS[final]
    else:
        return ""
    return sound.replace("0", TONES[syllable.tone])


def _weakened(words: list[list[Syllable]], places: frozenset[int]) -> list[list[Syllable]]:
    """Without a tone at these places; particles there have their weak reading."""
    flat = [syllable for word in words for syllable in word]
    spoken = [
        replace(syllable, pinyin=WEAK.get(syllable.character, syllable.pinyin), tone=5) if at in places else syllable
        for at, syllable in enumerate(flat)
    ]
    return _regroup(spoken, words)


def _imposed(words: list[list[Syllable]], wanted: Wanted) -> list[list[Syllable]]:
    if not wanted:
        return words
    flat = [syllable for word in words for syllable in word]
    read_so = [
        _syllable(syllable.character, wanted[at]) if at in wanted else syllable for at, syllable in enumerate(flat)
    ]
    return _regroup(read_so, words)


def _figures_said(text: str, wanted: Wanted) -> tuple[str, Wanted]:
    """Figures in words; the places of what is wanted move with them."""
    said, places, at = "", {}, 0
    for place in sorted(wanted):
        said += in_words(text[at:place])
        places[len(said)] = wanted[place]
        said += text[place]
        at = place + 1
    return said + in_words(text[at:]), places


@lru_cache(maxsize=2048)
def _split(pinyin: str) -> tuple[str, str]:
    return to_initials(pinyin, strict=True), to_finals(pinyin, strict=True, v_to_u=False).replace("ü", "v")


def _lexical(word: str) -> list[Syllable]:
    # pypinyin runs characters it cannot read together, which would shift all that follow.
    unread = "".join(character for character in word if ord(character) not in PINYIN_DICT)
    readable = word.translate({ord(character): "" for character in unread})
    spelled = iter(lazy_pinyin(readable, style=Style.TONE3, neutral_tone_with_five=True))
    return [
        Syllable(character, "", 5) if character in unread else _syllable(character, next(spelled)) for character in word
    ]


def _syllable(character: str, spelled: str) -> Syllable:
    return Syllable(character, spelled[:-1], int(spelled[-1]))


def _particles(word: list[Syllable]) -> list[Syllable]:
    """Particles standing alone are neutral, 地, 得, 着 and 了 then have their weak reading; so are 得, 不 in 看得见."""
    if len(word) == 1 and word[0].character in PARTICLES:
        return [replace(word[0], pinyin=WEAK.get(word[0].character, word[0].pinyin), tone=5)]
    if len(word) == 3 and word[1].character in "得不":
        return [word[0], replace(word[1], pinyin="de" if word[1].character == "得" else "bu", tone=5), word[2]]
    return word


def _in_company(words: list[list[Syllable]]) -> list[list[Syllable]]:
    """不 and 一 take their tone from what follows, 只 its reading from what it counts, whatever the word boundaries."""
    flat = [syllable for word in words for syllable in word]
    lasts = accumulate(len(word) for word in words)
    fixed = {
        last - 1
        for last, word in zip(lasts, words, strict=True)
        if len(word) > 1 and word[-2].character not in LEADING_TO_ONE
    }
    spoken = []
    for at, syllable in enumerate(flat):
        before = flat[at - 1].character if at else ""
        after = flat[at + 1] if at + 1 < len(flat) else None
        if syllable.character == "只" and before and before in NUMERALS + "两几这那哪每半":
            spoken.append(replace(syllable, pinyin="zhi", tone=1))
        elif syllable.character == "一" and at not in fixed:
            repeats = at > 1 and flat[at - 2].character == "一"  # 一天一天
            spoken.append(replace(syllable, tone=_tone_of_one("" if repeats else before, after)))
        elif syllable.character == "不" and syllable.tone != 5:
            spoken.append(replace(syllable, tone=_tone_of_no(before, after)))
        else:
            spoken.append(syllable)
    return _regroup(spoken, words)


def _tone_of_no(before: str, after: Syllable | None) -> int:
    if after is not None and before == after.character:
        return 5  # 好不好
    return 2 if after is not None and after.tone == 4 else 4


def _tone_of_one(before: str, after: Syllable | None) -> int:
    if after is None or (before and before in NUMERALS) or after.character in COUNTED_WITH_ONE:
        return 1  # alone, part of a number or of a date
    if before == after.character:
        return 5  # 看一看
    return 2 if after.tone == 4 or after.character == "个" else 4


def _third_tones(words: list[list[Syllable]]) -> list[list[Syllable]]:
    """A third tone rises before another: within words first, then where a short word leans on the next one."""
    spoken = [
        [
            replace(syllable, tone=2) if syllable.tone == 3 and following and following.tone == 3 else syllable
            for syllable, following in zip(word, [*word[1:], None], strict=True)
        ]
        for word in words
    ]
    for at in range(len(spoken) - 2, -1, -1):
        word, following_word = spoken[at], spoken[at + 1]
        if len(word) == 1 and len(following_word) <= 2 and word[0].tone == following_word[0].tone == 3:
            spoken[at] = [replace(word[0], tone=2)]
    return spoken


def _regroup(flat: list[Syllable], words: list[list[Syllable]]) -> list[list[Syllable]]:
    rest = iter(flat)
    return [[next(rest) for _ in word] for word in words]


def _punctuation(text: str) -> list[Unit]:
    return [Unit("", PUNCTUATION[character]) for character in text if character in PUNCTUATION]

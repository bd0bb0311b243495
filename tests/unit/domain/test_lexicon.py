"""Names are said as the family says them, and no caption brings markup of its own."""

from __future__ import annotations

from xml.parsers import expat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.lexicon import WORD_CHARACTERS_MAX, Wording, is_entry, wording

MODEL = "cosyvoice-v3.5-plus"
LEXICON = {"重山": "chong2 shan1", "绿": "lü4", "Saoirse": "S IH1 R SH AH0", "Hermione": "Her-my-oh-nee", "乐": "le4"}
MARKUP = ["<", ">", "&", '"', "'", "]]>", "<!--", "<break time='9s'/>", "</speak>", "</phoneme>", "<speak>", "<?xml?>"]
ODD = ["<![CDATA[", "&amp;", "&#60;", "\x00", "\ud800", "\ufffe"]
HOSTILE = st.characters() | st.sampled_from([*MARKUP, *ODD, *LEXICON, "SAOIRSE", "狐狸"])


class Markup:
    """What an XML reader makes of a document."""

    def __init__(self, document: str) -> None:
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        parser = expat.ParserCreate()
        parser.StartElementHandler = lambda tag, attributes: self.tags.append((tag, attributes))
        parser.CharacterDataHandler = self._text
        parser.Parse(document, True)

    def _text(self, text: str) -> None:
        self.text += text


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("从前有只狐狸。", Wording("从前有只狐狸。")),
        ("1 < 2 & 3", Wording("1 < 2 & 3")),
        ("Hermione said hi.", Wording("Her-my-oh-nee said hi.")),
        (
            "重山说 <好>",
            Wording(
                '<speak><phoneme alphabet="py" ph="chong2 shan1">重山</phoneme>说 &lt;好&gt;</speak>', is_ssml=True
            ),
        ),
        ("绿", Wording('<speak><phoneme alphabet="py" ph="lv4">绿</phoneme></speak>', is_ssml=True)),
        (
            "SAOIRSE and Hermione's",
            Wording(
                '<speak><phoneme alphabet="cmu" ph="S IH1 R SH AH0">SAOIRSE</phoneme> and Her-my-oh-nee&apos;s</speak>',
                is_ssml=True,
            ),
        ),
        ("Saoirses", Wording("Saoirses")),
    ],
)
def test_words_are_said_as_the_lexicon_has_them(text: str, sent: Wording) -> None:
    assert wording(text, LEXICON, MODEL) == sent


def test_without_a_lexicon_a_line_is_sent_as_it_is() -> None:
    assert wording("重山 <b>", {}, MODEL) == Wording("重山 <b>")


def test_the_longer_word_is_meant() -> None:
    sent = wording("重山乐", {"重": "zhong4", **LEXICON}, MODEL)

    assert [attributes["ph"] for tag, attributes in Markup(sent.text).tags if tag == "phoneme"] == [
        "chong2 shan1",
        "le4",
    ]


def test_a_model_without_markup_gets_other_spellings_only_and_it_is_said_which_words_it_did_not_learn() -> None:
    sent = wording("重山和Hermione，重山", LEXICON, "cosyvoice-v1")

    assert sent == Wording("重山和Her-my-oh-nee，重山", unlearnt=("重山",))


@given(st.lists(HOSTILE, max_size=12).map("".join))
def test_no_caption_brings_markup_of_its_own(text: str) -> None:
    sent = wording(text, LEXICON, MODEL)

    if sent.is_ssml:
        found = Markup(sent.text)
        assert {tag for tag, _ in found.tags} == {"speak", "phoneme"}
        assert all(
            attributes["ph"] in {"chong2 shan1", "lv4", "le4", "S IH1 R SH AH0"} for _, attributes in found.tags[1:]
        )
    else:
        assert not any(word in text for word in ("重山", "绿", "乐"))
        assert sent.text == text.replace("Hermione", "Her-my-oh-nee") or "Hermione" in text


@pytest.mark.parametrize("entry", LEXICON.items())
def test_a_word_and_its_sound_are_taken(entry: tuple[str, str]) -> None:
    assert is_entry(*entry)


@pytest.mark.parametrize(
    ("word", "sound"),
    [
        ("", "le4"),
        ("…", "le4"),
        (" 乐", "le4"),
        ("乐", ""),
        ("乐", 4),
        ("重山", "chong2"),  # one syllable is missing
        ("fox", "fu2 ke4 si1"),
        ("乐", "<break/>"),
        ("<乐>", "le4"),
        ("乐", "[laughing]"),
        ("乐\n", "le4"),
        ("乐" * (WORD_CHARACTERS_MAX + 1), "le"),
    ],
)
def test_what_no_voice_could_say_is_not_taken(word: object, sound: object) -> None:
    assert not is_entry(word, sound)

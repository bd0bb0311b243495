"""What the narrator says of a caption, and what is only there to be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.cues import speakable


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("从前有座山", "zh", "从前有座山"),
        ("从前有座山\nOnce there was a hill", "zh", "从前有座山"),
        ("从前有座山\nOnce there was a hill", "en", "Once there was a hill"),
        ("Once there was a hill\n从前有座山。", "zh", "从前有座山。"),
        ("从前有座山\n山里有座庙", "zh", "从前有座山，山里有座庙"),
        ("从前有座山，\n山里有座庙", "zh", "从前有座山， 山里有座庙"),
        ("He ran\nand ran", "en", "He ran and ran"),
        # a line in the other language alone is part of the story
        ("OK!", "zh", "OK!"),
        ("你好", "en", "你好"),
        # names stay in a Chinese line
        ("小兔子 Peter 跳起来", "zh", "小兔子 Peter 跳起来"),
        # both languages side by side on one line
        ("小兔子跳起来。 The little rabbit jumps up.", "zh", "小兔子跳起来。"),
        ("The little rabbit jumps up. 小兔子跳起来。", "zh", "小兔子跳起来。"),
        ("小兔子跳起来。 The little rabbit jumps up.", "en", "The little rabbit jumps up."),
        ("他说 one two three 就走", "zh", "他说 one two three 就走"),
        # a number belongs to both
        ("三\nThree\n3", "en", "Three 3"),
    ],
)
def test_the_narrators_own_lines_are_chosen(text: str, language: str, said: str) -> None:
    assert speakable(text, language) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- 你好", "你好"),
        ("—— 你好", "你好"),
        (">> 你好", "你好"),
        ("♪ 小星星 ♪", "小星星"),
        ("[门响] 谁呀？", "谁呀？"),
        ("谁呀？【笑声】", "谁呀？"),
        ("（旁白）：从前", "从前"),
        ("(sighs) - [door] 走吧", "走吧"),
        ("他走了（慢慢地）。", "他走了（慢慢地）。"),
        ("[unclosed 走吧", "[unclosed 走吧"),
        ("A well-known rabbit", "A well-known rabbit"),
    ],
)
def test_dashes_notes_and_sound_effects_are_not_spoken(text: str, said: str) -> None:
    assert speakable(text, "zh") == said


@pytest.mark.parametrize("text", ["♪♪♪", "(门响)", "……", "- ", "[音乐]\n♫", "!!! ?", "", "🐰"])
def test_a_caption_without_words_is_not_spoken(text: str) -> None:
    assert speakable(text, "zh") == ""


@given(st.text(alphabet="山水Rabit no-–(（)）[]【】♪。，. \n3🐰", max_size=60), st.sampled_from(["zh", "en"]))
def test_saying_what_is_said_changes_nothing_but_the_lines(text: str, language: str) -> None:
    said = speakable(text, language)

    assert "\n" not in said
    assert said == said.strip()
    assert said == "" or any(character.isalnum() for character in said)
    assert set(said) <= set(text) | set(" ，")

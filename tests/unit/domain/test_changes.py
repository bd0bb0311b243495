"""What a correction is about to buy: changed lines and the clips that they are in, nothing else."""

from __future__ import annotations

from dataclasses import replace

from shared.domain import changes, prices
from shared.domain.cues import Cue
from shared.domain.edits import Edit
from shared.domain.grouping import Join
from shared.domain.script import Line, Script, ScriptSegment
from shared.domain.segments import Slot

TEXTS = {1: "从前有一只小狐狸。", 2: "它每天晚上", 3: "数星星。", 4: "后来它睡着了。"}
CUES = tuple(Cue(number, number * 5000, number * 5000 + 3000, text) for number, text in TEXTS.items())


def line(number: int, text: str, *joined: int) -> Line:
    joins = tuple(Join(one, TEXTS[one], one * 5000, 0.5) for one in joined)
    return Line(number, text, Slot(number * 5000, number * 5000 + 3000), joins)


WHOLE = Script(
    "zh",
    30_000,
    CUES,
    (
        ScriptSegment("0001", 5_000, 8_000, (line(1, TEXTS[1]),)),
        ScriptSegment("0002", 10_000, 18_000, (line(2, TEXTS[2] + TEXTS[3], 3),)),
        ScriptSegment("0003", 20_000, 23_000, (line(4, TEXTS[4]),)),
    ),
)


def facts(**edits: Edit) -> prices.Facts:
    found = {int(name.removeprefix("line")): edit for name, edit in edits.items()}
    return changes.facts(WHOLE, found, engine="emo", voice_model="cosyvoice-v3.5-plus", ratio="1:1")


def test_a_changed_line_is_read_again_and_its_segment_shown_again() -> None:
    found = changes.touched(WHOLE, {1: Edit("从前有一只熊。")})

    assert found.lines == {1: "从前有一只熊。"}
    assert [segment.item for segment in found.segments] == ["0001"]


def test_a_line_of_several_captions_is_read_as_a_whole() -> None:
    found = changes.touched(WHOLE, {3: Edit("数月亮。")})

    assert found.lines == {2: "它每天晚上 数月亮。"}


def test_a_line_that_goes_buys_no_reading_and_shows_the_one_before_anew() -> None:
    found = changes.touched(WHOLE, {4: Edit(drop=True)})

    assert found.lines == {}
    assert [segment.item for segment in found.segments] == ["0002", "0003"]


def test_an_edit_that_says_nothing_leaves_the_words() -> None:
    assert changes.touched(WHOLE, {1: Edit()}).lines == {1: TEXTS[1]}


def test_the_photo_and_the_music_are_not_bought_again() -> None:
    quote = prices.estimate(facts(line1=Edit("从前有一只熊。")))

    assert [item.name for item in quote.items] == ["emo-v1.1:1", "cosyvoice-v3.5-plus", "ims.film", "ims.opening"]


def test_the_cost_grows_with_what_is_changed() -> None:
    one, two = facts(line1=Edit("熊。")), facts(line1=Edit("熊。"), line4=Edit("它醒了。"))

    assert one.characters[1] < two.characters[1]
    assert one.animated_ms[1] < two.animated_ms[1]
    assert one.animated_ms[0] <= one.animated_ms[1]


def test_a_caption_that_nobody_reads_changes_no_clip() -> None:
    silent = replace(WHOLE, segments=WHOLE.segments[:2])
    found = changes.facts(silent, {4: Edit("x")}, engine="emo", voice_model="cosyvoice-v3.5-plus", ratio="1:1")

    assert (found.characters, found.animated_ms) == ((0, 0), (0, 0))

"""What a person is told of a story's price: before, from what is known of it; afterwards, against what it cost."""

from __future__ import annotations

import pytest

from shared.domain import prices, quotes, script
from shared.domain.cast import casting
from shared.domain.cues import Cue, write_srt
from shared.domain.sentences import Sentence

CUES = (Cue(1, 2_000, 4_000, "从前"), Cue(2, 6_000, 9_000, "fox"), Cue(3, 99_000, 99_500, "after the film"))
SAID = Sentence("贵", "dear")


def facts(cues: tuple[Cue, ...] | None = CUES, engine: str = "emo") -> prices.Facts:
    return quotes.facts(
        film_ms=20_000,
        engine=engine,
        voice_model="cosyvoice-v3.5-plus",
        ratio="1:1",
        keeps_music=True,
        cues=cues,
        language="zh",
    )


def test_with_captions_the_characters_are_counted_and_the_clips_bounded() -> None:
    found = facts()

    assert found.characters == (4 + 3, 4 + 3)
    assert found.animated_ms == (589, 19_000)  # three syllables of a quick voice; the whole film but its beginning
    assert not found.reads_captions


def test_words_that_no_caption_can_hold_are_quoted_as_they_will_be_animated() -> None:
    crowd = "小狐狸划着树叶船把小星星轻轻地捞了起来，又带着它慢慢地回到了湖边的家。" * 3
    one, two = facts((Cue(1, 1_000, 2_000, crowd),)), facts((Cue(1, 1_000, 2_000, crowd), Cue(2, 4_000, 5_000, crowd)))

    assert one.animated_ms[1] == 20_000
    assert two.animated_ms[1] == 20_000 + 17_000


def test_each_of_two_parents_is_told_how_much_there_is_to_read() -> None:
    draft = script.read(write_srt(CUES).encode(), language="zh", film_ms=20_000, who=casting({"papa": [2]}, "mama"))

    assert quotes.by_reader(draft, "mama") == [
        {"name": "mama", "lines": 1, "characters": 4, "seconds": 0.5},
        {"name": "papa", "lines": 1, "characters": 3, "seconds": 0.3},
    ]


def test_without_captions_all_is_guessed_from_the_films_length() -> None:
    found = facts(None)

    assert found.reads_captions
    assert found.characters[0] < found.characters[1]


def test_captions_of_nothing_cost_no_speech() -> None:
    assert facts(()).characters == (0, 0)
    assert facts(()).animated_ms == (0, 0)


def test_every_line_of_a_quote_belongs_to_a_step() -> None:
    for engine, steps in (("emo", {"detect", "animate"}), ("still", set())):
        known = facts(None, engine)
        found = {quotes.step_of(item.name, known) for item in prices.estimate(known).items}
        assert found == {"speak", "separate", "compose", *steps}


@pytest.mark.parametrize(("budget", "told"), [(0, None), (1_500_000, "1.50")])
def test_the_document_says_what_is_allowed(budget: int, told: str | None) -> None:
    known = facts()
    body = quotes.document(
        "fox", known, quotes.Offer(prices.estimate(known)), budget=budget, at=1.0, said=SAID, waits=bool(budget)
    )

    assert body["budget_yuan"] == told
    assert (body["zh"], body["en"], body["waits"]) == ("贵", "dear", bool(budget))


def test_a_receipt_sets_what_was_spent_against_the_quote() -> None:
    quoted = {
        "steps": [
            {"step": "animate", "low_yuan": "0.40", "high_yuan": "0.80"},
            {"step": "separate", "low_yuan": "0.05", "high_yuan": "0.50"},
            {"step": "separate", "low_yuan": "0.05", "high_yuan": "0.50"},
        ]
    }
    spent = [("animate", 300_000), ("animate", 200_000), ("speak", 40_000), ("detect", 0)]

    assert [tuple(line.values()) for line in quotes.receipt(quoted, spent)] == [
        ("animate", "0.40", "0.80", "0.50"),
        ("separate", "0.10", "1.00", "0.00"),
        ("speak", None, None, "0.04"),
    ]


@pytest.mark.parametrize("quoted", [None, {}, {"steps": "none"}])
def test_without_a_quote_a_receipt_says_what_was_spent(quoted: dict[str, object] | None) -> None:
    assert [tuple(line.values()) for line in quotes.receipt(quoted, [("speak", 40_000)])] == [
        ("speak", None, None, "0.04")
    ]

"""From lines that were read to the captions of a film."""

from __future__ import annotations

from collections.abc import Sequence

from local.engines.captions.assembly import Shown, Timed, assembled
from local.engines.captions.boxes import Box
from local.engines.captions.reading import Line

UPPER, LOWER, TITLE, CORNER = (200, 240), (246, 276), (40, 90), (10, 34)
FILLER = ("一天夜里", "它掉进湖里", "他们走过雪地", "小星星轻轻一跳")


def line(text: str, rows: tuple[int, int] = UPPER, score: float = 0.99, left: int = 400) -> Line:
    return Line(text, score, Box(left, rows[0], left + 20 * len(text), rows[1]))


def shown(start: int, end: int, *lines: Line) -> Shown:
    return Shown(start, end, lines)


def captions(*found: Shown, frames: int = 1000) -> list[Timed]:
    return assembled(found, frames=frames, fps=25)


def texts(found: Sequence[Timed]) -> list[str]:
    return [one.text for one in found]


def filler(start: int = 300) -> list[Shown]:
    """Four captions, so that the main track is known."""
    return [shown(start + 60 * number, start + 60 * number + 40, line(text)) for number, text in enumerate(FILLER)]


def test_a_bilingual_caption_is_chinese_over_english() -> None:
    assert captions(shown(10, 60, line("The moon", LOWER), line("月亮", UPPER))) == [Timed(10, 60, "月亮\nThe moon")]
    assert texts(captions(shown(10, 60, line("The moon", UPPER), line("月亮", LOWER)))) == ["月亮\nThe moon"]


def test_lines_found_apart_that_show_together_are_one_caption_with_the_time_of_the_fuller_one() -> None:
    found = captions(shown(10, 60, line("月亮", UPPER)), shown(12, 60, line("The moon is up", LOWER)))

    assert found == [Timed(12, 60, "月亮\nThe moon is up")]


def test_a_line_found_twice_is_there_once() -> None:
    assert texts(captions(shown(10, 60, line("good night")), shown(11, 60, line("good ni")))) == ["good night"]


def test_captions_come_in_order() -> None:
    assert texts(captions(shown(70, 90, line("second")), shown(10, 60, line("first")))) == ["first", "second"]


def test_a_caption_interrupted_for_a_moment_is_one() -> None:
    assert captions(shown(10, 40, line("good night")), shown(43, 80, line("good night"))) == [
        Timed(10, 80, "good night")
    ]


def test_the_same_words_after_a_pause_are_said_again() -> None:
    assert len(captions(shown(10, 40, line("快跑！")), shown(50, 90, line("快跑！")))) == 2
    assert len(captions(shown(10, 40, line("good night")), shown(70, 90, line("good night")))) == 2


def test_text_still_being_written_is_part_of_what_it_becomes() -> None:
    assert captions(shown(10, 30, line("小狐")), shown(30, 80, line("小狐狸来了"))) == [Timed(10, 80, "小狐狸来了")]


def test_an_unsure_reading_gives_way_to_a_like_one_but_two_sure_ones_stay() -> None:
    unsure, sure = line("他走了三步路", score=0.75), line("他走了三步路。", score=0.99)
    other = line("他走了四步路。", score=0.99)

    assert texts(captions(shown(10, 40, unsure), shown(40, 80, sure))) == ["他走了三步路。"]
    assert texts(captions(shown(10, 40, sure), shown(40, 80, other))) == ["他走了三步路。", "他走了四步路。"]


def test_patterns_that_look_like_letters_are_no_captions() -> None:
    patterns = [line("xqz", score=0.5), line("…"), line("一", left=100), line("C", score=0.8)]

    assert captions(*(shown(10 + 50 * at, 40 + 50 * at, pattern) for at, pattern in enumerate(patterns))) == []


def test_a_single_character_is_a_caption_in_the_rows_of_others() -> None:
    assert texts(captions(*filler(), shown(10, 40, line("嗯"))))[0] == "嗯"
    assert "嗯" not in texts(captions(*filler(), shown(10, 40, line("嗯", TITLE))))


def test_text_elsewhere_in_the_picture_is_not_of_the_main_track() -> None:
    more = [shown(600 + 60 * at, 640 + 60 * at, line(f"第{at}句话")) for at in range(3)]

    assert "小店" not in texts(captions(*filler(), *more, shown(10, 60, line("小店", TITLE))))


def test_a_second_line_above_the_usual_rows_is_kept() -> None:
    two_lines = shown(10, 60, line("从前有座山", (155, 195)), line("山里有座庙"))

    assert texts(captions(two_lines, *filler()))[0] == "从前有座山\n山里有座庙"


def test_a_sign_that_stays_while_captions_come_and_go_is_none() -> None:
    sign = shown(280, 560, line("儿童频道", CORNER))

    assert texts(captions(sign, *filler())) == list(FILLER)


def test_a_sign_that_stands_all_the_film_is_no_caption_even_alone() -> None:
    assert captions(shown(0, 995, line("儿童频道", CORNER))) == []

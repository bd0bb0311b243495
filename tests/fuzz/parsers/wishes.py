"""What a family wishes later, or more finely: corrections, a yes, who reads what, a taste; and the names it gives."""

from __future__ import annotations

from hypothesis import strategies as st

from shared.domain import cast, directions, edits, families, manifest, script, taste
from shared.domain.cues import Cue
from shared.domain.edits import Edit
from shared.domain.errors import Refused
from shared.domain.options import CAP_YUAN_MAX, read_options
from tests.fuzz.harness import Harness, check_error
from tests.fuzz.inputs import any_document, names
from tests.fuzz.parsers.uploads import srt_files

EDITS = {"lines": {"1": {"text": "从前"}, "2": {"drop": True}, "3": {"rate": 0.95, "say": {"重山": "chong2 shan1"}}}}
CASTS = (
    {"cast": {"original": [1], "papa": [2, 3]}, "narrator": "mama"},
    {"cast": {"alternate": ["mama", "papa"]}},
    {"cast": {"alternate": ["li--mama", "papa"], "original": [2]}, "narrator": "li--mama"},
)
TAGGED = b"1\n00:00:01,000 --> 00:00:09,000\n[papa] a fox.\n\n2\n00:00:11,000 --> 00:00:19,000\n[original]\n"
TOLD = tuple(Cue(number, number * 3000, number * 3000 + 2000, "一只小狐狸。") for number in range(1, 4))


def _are_carried_out(data: bytes, found: dict[int, Edit]) -> None:
    """Or name a line that is not there; how a line is told is written down and read again."""
    del data
    told = edits.directed(found, {})
    assert directions.load(directions.dump(told)) == {n: one for n, one in told.items() if one != directions.AS_USUAL}
    try:
        corrected = edits.apply(TOLD, found)
    except Refused as error:
        check_error(error)
    else:
        kept = [cue.start_ms for cue in TOLD if not found.get(cue.number, Edit()).drop]
        assert [(cue.number, cue.start_ms) for cue in corrected] == list(enumerate(kept, 1))


def _is_no_more_than_may_be(data: bytes, found: manifest.Yes) -> None:
    del data
    assert found.budget_yuan is None or 0 <= found.budget_yuan <= CAP_YUAN_MAX


def _told_by(drawn: tuple[bytes, bytes, bool]) -> script.Script:
    """The script of any captions for any `cast`, perhaps for a story that is tasted."""
    document, captions, is_tasted = drawn
    options = read_options(document)
    who = cast.casting(options.cast, options.narrator)
    draft = script.read(captions, language="zh", film_ms=60_000, who=who, is_tasted=is_tasted)
    return script.plan(draft, limit_ms=20_000)


def _is_one_readers_each(drawn: tuple[bytes, bytes, bool], written: script.Script) -> None:
    """And loaded back; the taste ends with a line, never within one."""
    assert script.load(script.dump(written)) == written
    who = {line.number: segment.reader for segment in written.segments for line in segment.lines}
    assert sum(len(segment.lines) for segment in written.segments) == len(who)
    assert 0 < taste.lines(written.cues) <= len(written.cues)


def _named(drawn: tuple[str, str]) -> str:
    """The name under which a parent is kept, which is the family's own; any name of a job has a title."""
    family, label = drawn
    assert families.title(family)[:20] or not family
    assert families.started_at(label) is None or families.title(label)
    return families.narrator(family, label)


def _is_the_familys(drawn: tuple[str, str], narrator: str) -> None:
    assert families.is_of(drawn[0], narrator)
    assert narrator.isascii()


HARNESSES = (
    Harness("edits", any_document(EDITS), edits.read, _are_carried_out),
    Harness("yes", any_document({"budget_yuan": 30, "taste": True}, {}), manifest.read_yes, _is_no_more_than_may_be),
    Harness(
        "cast",
        st.tuples(any_document(*CASTS), st.one_of(st.just(TAGGED), srt_files), st.booleans()),
        _told_by,
        _is_one_readers_each,
    ),
    Harness(
        "families",
        st.tuples(st.one_of(st.just("wang"), names), st.one_of(st.just("mama"), names)),
        _named,
        _is_the_familys,
    ),
)

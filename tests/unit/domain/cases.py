"""What the domain's tests draw from: cues in order, and hypothesis settings that keep the whole suite short."""

from __future__ import annotations

from hypothesis import strategies as st

from shared.domain.cues import Cue

WORDS = st.sampled_from(
    ["从前有座山", "小兔子跳过河", "Once upon a time", "好的！", "3", "山里有座庙\nIn the hills", "🐰 hop"]
)


@st.composite
def cues_in_order(
    draw: st.DrawFn, *, least: int = 0, most: int = 40, texts: st.SearchStrategy[str] = WORDS
) -> list[Cue]:
    """Cues as a reader gives them: distinct starts, no overlaps; a text repeats only after a pause."""
    spans = draw(st.lists(st.tuples(st.integers(0, 6000), st.integers(100, 9000)), min_size=least, max_size=most))
    cues: list[Cue] = []
    now_ms = 0
    for number, (pause_ms, length_ms) in enumerate(spans, 1):
        text = draw(texts)
        repeats = bool(cues) and cues[-1].text == text
        start_ms = now_ms + pause_ms + (200 if repeats else 0)
        now_ms = start_ms + length_ms
        cues.append(Cue(number, start_ms, now_ms, text))
    return cues


def film_ms_of(cues: list[Cue], after_ms: int = 3000) -> int:
    return (cues[-1].end_ms if cues else 0) + after_ms

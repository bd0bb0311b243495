"""The label on a story: put into its timeline and its metadata, and looked for in the finished film."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from shared.domain import keys, label, mp4, png, wave
from shared.domain.engines import ENGINES
from shared.domain.errors import Corrupt, Refused
from shared.domain.portrait import Box, PortraitPlace
from shared.domain.timeline import film_size, opening_box
from shared.engine.effects import digest
from shared.engine.turn import Turn
from shared.ports import Bucket, Place
from shared.steps import extents
from shared.steps.extents import Extent

FRAME_PX = 360
"""The short side of the frames that are looked at; less, and letters could not be measured."""

MOMENTS = ((0.3, 0.5, 0.1), (2.4, 2.6, 2.2))
"""Two moments two seconds apart, and others near them: at a cut two films may be a frame apart."""


def tone_url(turn: Turn) -> str:
    """Where the label that is heard lies."""
    place = Place(Bucket.WORK, keys.job_tone(turn.job.job_id))
    turn.world.objects.write(place, label.tone(), "audio/wav")
    return turn.world.objects.plain_url(place)


def apply(turn: Turn) -> Mapping[str, object] | None:
    """Write the label into the composed film's metadata and make sure of all three; what was found.

    `Corrupt("label.missing")` when the finished film does not show, sound and carry it. None when the film or its
    opening is not there: a first try of this step has begun to clean up after itself.
    """
    extent = extents.of(turn)
    film, labelled = extent.film, extent.labelled
    info = turn.world.objects.head(film)
    if info is None or turn.world.objects.head(extent.opening) is None:
        return None
    content = _number(turn, info.etag)
    text = label.metadata(turn.world.settings.producer, content, info.etag)
    patch = mp4.with_text(partial(turn.world.objects.read, film), info.size, label.KEY, text)
    turn.world.objects.patch(film, labelled, patch.at, patch.removed, patch.body)
    share = _shown(turn, extent)
    missing = [
        *([] if share >= label.LETTERS_MIN else ["picture"]),
        *([] if _heard(turn, extent.opening) else ["sound"]),
        *([] if _carried(turn, labelled) else ["metadata"]),
    ]
    if missing:
        raise Corrupt("label.missing", f"letters of {share:.3f}", where=", ".join(missing))
    return {"letters": share, "seconds": label.OPENING_S, "tone": True, "metadata": text}


def is_animated(turn: Turn) -> bool:
    """Whether a portrait was made to speak; a photo shown as it is, or none, is not synthetic."""
    return ENGINES[str(turn.result("detect")["engine"])].has_task


def place_of(turn: Turn) -> PortraitPlace:
    options = turn.job.options
    return PortraitPlace(options.corner, options.portrait_size, options.portrait_margin, options.ratio)


def _number(turn: Turn, etag: str) -> str:
    """A number that no other film has; it says nothing of the family."""
    return digest({"job": turn.job.job_id, "film": etag}).removeprefix("v1:")[:32]


def _shown(turn: Turn, extent: Extent) -> float:
    """How tall the letters are at least, as a share of the film's short side."""
    return min(_tallest(turn, extent, moments) for moments in MOMENTS)


def _tallest(turn: Turn, extent: Extent, moments: Iterable[float]) -> float:
    """At the first of these moments at which they are tall enough, else the most that any of them shows."""
    most = 0.0
    for at_s in moments:
        most = max(most, _letters(turn, extent, at_s))
        if most >= label.LETTERS_MIN:
            break
    return most


def _letters(turn: Turn, extent: Extent, at_s: float) -> float:
    if at_s >= extent.seconds:
        return 1.0  # the film is shorter than the label has to be
    width, height = film_size(int(turn.job.film["width"]), int(turn.job.film["height"]))
    scale = min(1.0, FRAME_PX / min(width, height))
    before = _frame(turn, turn.job.assets["film"].place, at_s, round(width * scale))
    # A film that was stored on its side may come as high as it was to be wide (docs/unproven.md).
    scale = len(before[0]) / width
    frames = [before, _frame(turn, extent.labelled, at_s, len(before[0]))]
    if any(abs(len(frame) - height * scale) > 2 for frame in frames):
        return 0.0
    box = opening_box(width, height, place_of(turn), is_animated=is_animated(turn))
    rows = min(map(len, frames))
    found = label.letters_px(frames[0][:rows], frames[1][:rows], _around(box, scale))
    return round(found / (min(width, height) * scale), 3)


def _frame(turn: Turn, film: Place, at_s: float, width: int) -> list[bytes]:
    return png.brightness(turn.world.objects.small_frame(film, at_s, width))


def _around(box: Box, scale: float) -> tuple[int, int, int, int]:
    """A little more than the box: fonts differ in where they put a line."""
    spare = box.height * 0.25
    edges = (box.x, box.y - spare, box.x + box.width, box.y + box.height + spare)
    left, top, right, bottom = (max(0, round(edge * scale)) for edge in edges)
    return left, top, right, bottom


def _heard(turn: Turn, opening: Place) -> bool:
    try:
        return label.is_heard(wave.read(turn.world.objects.read(opening)))
    except Refused:
        return False


def _carried(turn: Turn, film: Place) -> bool:
    info = turn.world.objects.head(film)
    return info is not None and label.is_carried(
        mp4.text_of(partial(turn.world.objects.read, film), info.size, label.KEY)
    )

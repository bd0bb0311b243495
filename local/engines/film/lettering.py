"""Text over the picture, as an ASS file for libass.

IMS's fields of text are those of ASS styles (OutlineColour, BackColour, BorderStyle, Spacing, Angle) and its content
may hold ASS override codes, so the file is written almost one to one.
"""

from __future__ import annotations

from collections.abc import Iterable

from local.engines.contract import Caption
from local.engines.film.plan import PlacedCaptions, PlacedText
from local.engines.film.timeline import ALIGNMENTS, Lettering

CAPTION_HEIGHT = 0.055  # of the canvas, when a caption file comes without FontSize
CAPTION_MARGIN = 0.05
STYLE_FIELDS = (
    "Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, "
    "StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, "
    "Encoding"
)
EVENT_FIELDS = "Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text"


def write_ass(
    canvas: tuple[int, int], family: str, texts: Iterable[PlacedText], captions: Iterable[PlacedCaptions]
) -> str:
    """The whole ASS file for a canvas of that size, all of it in one font family."""
    styles: list[str] = []
    events: list[str] = []
    for text in texts:
        name = f"T{len(styles)}"
        anchor, x, y = _place(text, canvas)
        styles.append(_style(name, family, text.lettering, text.lettering.font_size or 0, anchor, canvas))
        words = f"{{\\q2\\pos({x},{y})}}{_broken(text.content)}"
        events.append(_event(name, text.start_s, text.end_s, words))
    for file in captions:
        name = f"T{len(styles)}"
        size = file.lettering.font_size or canvas[1] * CAPTION_HEIGHT
        styles.append(_style(name, family, file.lettering, size, 2, canvas))
        events += [_event(name, caption.start_s, caption.end_s, _literal(caption)) for caption in file.captions]
    head = [
        "[Script Info]",
        "ScriptType: v4.00+",
        f"PlayResX: {canvas[0]}",
        f"PlayResY: {canvas[1]}",
        "WrapStyle: 0",
        "ScaledBorderAndShadow: yes",
    ]
    styles = ["", "[V4+ Styles]", f"Format: {STYLE_FIELDS}", *styles]
    return "\n".join([*head, *styles, "", "[Events]", f"Format: {EVENT_FIELDS}", *events, ""])


def _place(text: PlacedText, canvas: tuple[int, int]) -> tuple[int, int, int]:
    anchor, across, down = ALIGNMENTS[text.alignment]
    x = text.x.pixels(canvas[0]) if text.x else 0
    y = text.y.pixels(canvas[1]) if text.y else 0
    left = round(canvas[0] * across) + (-x if across == 1 else x)
    top = round(canvas[1] * down) + (-y if down == 1 else y)
    return anchor, left, top


def _style(name: str, family: str, look: Lettering, size: float, anchor: int, canvas: tuple[int, int]) -> str:
    margin = round(min(canvas) * CAPTION_MARGIN)
    values = [
        name,
        family,
        f"{size:g}",
        _color(look.color, look.opacity),
        _color(look.color, look.opacity),
        # a boxed text is drawn on a box of the outline's colour
        _color(look.back_color if look.is_boxed else look.outline_color, look.opacity),
        _color(look.back_color, look.opacity),
        *(str(-int(is_on)) for is_on in (look.is_bold, look.is_italic, look.is_underlined, False)),
        "100",
        "100",
        f"{look.spacing:g}",
        f"{look.angle:g}",
        "3" if look.is_boxed else "1",
        f"{look.outline:g}",
        f"{look.shadow:g}",
        str(anchor),
        *(str(margin),) * 3,
        "1",
    ]
    return f"Style: {','.join(values)}"


def _event(style: str, start_s: float, end_s: float, words: str) -> str:
    return f"Dialogue: 0,{_clock(start_s)},{_clock(end_s)},{style},,0,0,0,,{words}"


def _broken(content: str) -> str:
    """Line breaks of IMS's content: a real one, or the two characters that stand for one."""
    return content.replace("\r\n", "\\N").replace("\n", "\\N").replace("\\n", "\\N")


def _literal(caption: Caption) -> str:
    """A caption means what it says: braces and backslashes are no codes."""
    safe = caption.text.replace("\\", "＼").replace("{", "（").replace("}", "）")
    return safe.replace("\n", "\\N")


def _color(rgb: str, opacity: float) -> str:
    """ASS counts transparency, and blue first."""
    return f"&H{round(255 * (1 - opacity)):02X}{rgb[4:6]}{rgb[2:4]}{rgb[0:2]}"


def _clock(seconds: float) -> str:
    hundredths = round(seconds * 100)
    whole = hundredths // 100
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}.{hundredths % 100:02d}"

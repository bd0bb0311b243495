"""The report of a story as a page that a family can read: both languages, plots as SVG, nothing loaded, no script.

Apart, because it is markup. It says what `report.json` says and nothing else; every word that came from a family or a
vendor is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from shared.domain.sentences import sentence

WIDTH, ROW, LEFT = 960, 18, 40
LINES_MAX = 400
"""Of a longer story the rest stands in `report.json`."""

RATE_LOW, RATE_HIGH = 0.8, 1.4
ERROR_MS_MAX = 500

_STYLE = """
body{font:16px/1.6 system-ui,"Noto Sans SC","PingFang SC",sans-serif;color:#222}
body{max-width:1000px;margin:2em auto;padding:0 1em}
h1{font-size:1.5em}h2{font-size:1.15em;margin-top:2em;border-bottom:1px solid #ddd}
table{border-collapse:collapse;width:100%}
td{padding:.25em .6em;text-align:left;vertical-align:top;border-bottom:1px solid #eee}
td:last-child{min-width:6em}.en{color:#666}svg{width:100%;height:auto;background:#fafafa}
"""


def page(report: Mapping[str, Any]) -> str:
    """A whole HTML document."""
    lines = [line for line in report["lines"] if "spoken" in line][:LINES_MAX]
    sections = [
        ("一览", "At a glance", _table(_facts(report))),
        ("谁读的", "Who read", _table(_readers(report.get("readers", [])))),
        ("每一句：时间段与朗读", "Each line: its slot and what was spoken", _slots(lines)),
        ("语速", "Reading rate", _rates(lines)),
        ("开始时间的误差", "Start error", _errors(lines)),
        ("请听一听这些句子", "Lines to listen to", _doubts(lines)),
        ("等了谁", "Who was waited for", _table((one["what"], f"{one['seconds']:.0f} s") for one in report["waits"])),
        ("花了多少钱", "Money", _table(_money(report))),
        ("版本", "Versions", _table((name, str(value)) for name, value in report["versions"].items())),
    ]
    body = "".join(f"<h2>{zh} <span class=en>{en}</span></h2>{content}" for zh, en, content in sections)
    title = f"故事报告 Story report: {escape(str(report['job']))}"
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>'
    whole = f"<head>{head}<style>{_STYLE}</style></head><body><h1>{title}</h1>{body}</body>"
    return f'<!doctype html><html lang="zh">{whole}</html>\n'


def _facts(report: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    film, portrait = report["film"], report["portrait"]
    yield "影片 Film", f"{film['seconds']:.1f} s, {film['width']:.0f} × {film['height']:.0f}"
    yield "用时 Took", f"{report['took_s']:.0f} s"
    yield "字幕来自 Captions from", report["captions"]["from"]
    yield "音乐 Music", report["music"]
    yield "人像 Portrait", f"{portrait['engine']}: {portrait['seconds']:.1f} s"
    yield "人像省下 Portrait saved", f"{portrait['saved_seconds']:.1f} s ({portrait['saved_share']:.0%})"
    yield "静音占比 Silence", f"{report['silence_share']:.0%}"
    yield "人工智能标识 AI label", f"{report['label'].get('letters', 0):.1%}, {report['label'].get('seconds', 0):.0f} s"
    for note in [
        *report.get("listening", {}).get("notes", ()),
        *portrait["passed_over"],
        *portrait["notes"],
        *report["captions"]["repairs"],
    ]:
        yield "说明 Note", note


def _readers(readers: Sequence[Mapping[str, Any]]) -> Iterable[tuple[str, str]]:
    for one in readers:
        read = f"{one['lines']} 句 lines, {one['spoken_seconds']:.0f} s"
        shown = f"人像 portrait {one['portrait_seconds']:.0f} s"
        yield one["name"] or "家长 the parent", f"{read}; {shown}; ¥{one['spent_yuan']}"


def _money(report: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    if taste := report.get("taste"):
        yield "同意之前（试听） Before the yes (the taste)", f"¥{taste['spent']['total_yuan']}"
    for name, yuan in report["spent"]["by_price"].items():
        yield name, f"¥{yuan}"
    yield "合计 Total", f"¥{report['spent']['total_yuan']}"


def _table(rows: Iterable[tuple[str, str]]) -> str:
    cells = "".join(f"<tr><td>{escape(str(name))}</td><td>{escape(str(value))}</td></tr>" for name, value in rows)
    return f"<table>{cells}</table>" if cells else "<p>—</p>"


def _doubts(lines: Sequence[Mapping[str, Any]]) -> str:
    doubted = [line for line in lines if line.get("doubts")]
    return _table((f"{line['number']}  {line['text']}", " ".join(map(_doubt, line["doubts"]))) for line in doubted)


def _doubt(code: str) -> str:
    said = sentence(f"doubt.{code}", {})
    return f"{said.zh} {said.en}"


def _slots(lines: Sequence[Mapping[str, Any]]) -> str:
    """Light: the time a line may take; dark: the time it took."""
    if not lines:
        return "<p>—</p>"
    begin = min(line["slot"][0] for line in lines)
    scale = (WIDTH - LEFT) / max(1, max(line["slot"][1] for line in lines) - begin)
    marks = []
    for row, line in enumerate(lines):
        top = row * ROW
        colour = "#c0392b" if line["overrun_ms"] > 0 or line.get("doubts") else "#2d6cb5"
        marks.append(f'<text x="2" y="{top + 13}" font-size="11">{int(line["number"])}</text>')
        for (start, end), fill, inset in ((line["slot"], "#cfdcec", 3), (line["spoken"], colour, 6)):
            x, width = LEFT + (start - begin) * scale, max(1.0, (end - start) * scale)
            box = f'x="{x:.1f}" y="{top + inset}" width="{width:.1f}" height="{ROW - 2 * inset}" fill="{fill}"'
            marks.append(f"<rect {box}><title>{escape(str(line['text']))}</title></rect>")
    return _svg(len(lines) * ROW, marks)


def _rates(lines: Sequence[Mapping[str, Any]]) -> str:
    return _dots([(line["number"], line["rate"]) for line in lines], (RATE_LOW, RATE_HIGH), (0.9, 1.0, 1.2, 1.3))


def _errors(lines: Sequence[Mapping[str, Any]]) -> str:
    levels = (-ERROR_MS_MAX, -50, 50, ERROR_MS_MAX)
    return _dots([(line["number"], line["late_ms"]) for line in lines], (-ERROR_MS_MAX, ERROR_MS_MAX), levels)


def _dots(points: Sequence[tuple[int, float]], limits: tuple[float, float], levels: Sequence[float]) -> str:
    """One dot a line, in order; what lies outside the limits is drawn at the edge."""
    low, high = limits
    height, space = 160, 10

    def y(value: float) -> float:
        return space + (high - min(high, max(low, value))) / (high - low) * (height - 2 * space)

    marks = [
        f'<line x1="{LEFT}" x2="{WIDTH}" y1="{y(level):.1f}" y2="{y(level):.1f}" stroke="#ddd"/>'
        f'<text x="2" y="{y(level) + 4:.1f}" font-size="11">{level:g}</text>'
        for level in levels
    ]
    step = (WIDTH - LEFT - 20) / max(1, len(points))
    marks += [
        f'<circle cx="{LEFT + 10 + place * step:.1f}" cy="{y(value):.1f}" r="3" fill="#2d6cb5">'
        f"<title>{int(number)}: {value:g}</title></circle>"
        for place, (number, value) in enumerate(points)
    ]
    return _svg(height, marks)


def _svg(height: int, marks: Iterable[str]) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img">{"".join(marks)}</svg>'

"""ffmpeg's filter graph for a plan: every picture and every sound in one pass. Pure text.

The bottom picture is the base; each further one is overlaid within its frames only (`enable`), because an overlay
that is off costs nothing. Sounds are delayed to their start and summed without normalising, as IMS does.

Nothing in the graph is endless, not even before a trim: with several outputs the end of one does not always reach
an endless source, and ffmpeg then runs for ever (seen with 9.0.2, one run in ten).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from local.engines.ffmpeg import Input
from local.engines.film.plan import Picture, Plan, Sound

PathOf = Callable[[str], Path]

RATE_HZ = 48000
ATEMPO_MIN = 0.5  # ffmpeg's atempo goes no slower in one step
LOOP_SAMPLES_MAX = 2**31 - 1
PEAK = 0.84  # -1.5 dBFS: what lies between samples and what AAC adds stay below -1 dBTP


@dataclass
class Graph:
    """Inputs in the order of their numbers, the filters, and the labels of what comes out (None: nothing)."""

    inputs: list[Input] = field(default_factory=list)
    chains: list[str] = field(default_factory=list)
    video: str | None = None
    audio: str | None = None

    @property
    def filters(self) -> str:
        return ";\n".join(self.chains)

    def add_input(self, path: Path, *options: str) -> int:
        self.inputs.append(Input(path, options))
        return len(self.inputs) - 1


def build_graph(plan: Plan, path_of: PathOf, lettering: str | None = None) -> Graph:
    """The graph of a plan; `lettering` is libass's filter argument for the text on top, None when there is none."""
    graph = Graph()
    if plan.pictures or plan.canvas != (0, 0):
        _add_pictures(graph, plan, path_of, lettering)
    if plan.sounds:
        _add_sounds(graph, plan, path_of)
    return graph


def rate(fps: float) -> str:
    """Frames a second as ffmpeg takes them: 25, or 30000/1001."""
    fraction = Fraction(fps).limit_denominator(1001)
    return str(fraction)


def _add_pictures(graph: Graph, plan: Plan, path_of: PathOf, lettering: str | None) -> None:
    pictures = list(plan.pictures)
    if pictures and _can_be_base(pictures[0], plan):
        _add_base(graph, pictures.pop(0), plan, path_of)
    else:
        size = f"{plan.canvas[0]}x{plan.canvas[1]}"
        graph.chains.append(
            f"color=c=black:s={size}:r={rate(plan.fps)}:d={_number(plan.length_s + 1)},format=yuv420p[base]"
        )
    under = "base"
    for number, picture in enumerate(pictures):
        over, result = f"p{number}", f"v{number}"
        _add_overlay(graph, picture, plan, path_of, over)
        place = f"x={picture.box.x}:y={picture.box.y}:eof_action=pass:enable='{_window(picture, plan.fps)}'"
        graph.chains.append(f"[{under}][{over}]overlay={place}[{result}]")
        under = result
    text = f"ass={lettering}," if lettering else ""
    graph.chains.append(f"[{under}]{text}trim=end_frame={plan.frames},format=yuv420p[video]")
    graph.video = "video"


def _can_be_base(picture: Picture, plan: Plan) -> bool:
    box = picture.box
    is_inside = box.x + box.shown[0] <= plan.canvas[0] and box.y + box.shown[1] <= plan.canvas[1]
    return picture.first == 0 and picture.is_opaque and is_inside


def _add_base(graph: Graph, picture: Picture, plan: Plan, path_of: PathOf) -> None:
    """The bottom picture, padded with black to the whole canvas and to the whole length."""
    number = _add_picture_input(graph, picture, plan, path_of)
    steps = _frames(picture, plan.fps)
    if not picture.box.fills(plan.canvas):
        steps.append(f"pad={plan.canvas[0]}:{plan.canvas[1]}:{picture.box.x}:{picture.box.y}:black")
    # A film's last frame may be a little short of its length: then it stays, it does not turn black.
    rest = "clone" if picture.end == plan.frames else "add:color=black"
    steps += ["format=yuv420p", f"tpad=stop={plan.frames}:stop_mode={rest}"]
    graph.chains.append(f"[{number}:v]{','.join(steps)}[base]")


def _add_overlay(graph: Graph, picture: Picture, plan: Plan, path_of: PathOf, label: str) -> None:
    number = _add_picture_input(graph, picture, plan, path_of)
    steps = _frames(picture, plan.fps)
    head = f"[{number}:v]"
    if picture.mask_url is not None:
        graph.chains.append(f"{head}{','.join([*steps, 'format=yuv420p'])}[{label}c]")
        _add_mask(graph, picture, plan, path_of(picture.mask_url), f"{label}m")
        head, steps = f"[{label}c][{label}m]alphamerge,", []
    steps += _veils(picture)
    steps += [f"trim=end_frame={picture.end - picture.first}", f"setpts=PTS+{picture.first}"]
    graph.chains.append(f"{head}{','.join(steps)}[{label}]")


def _add_mask(graph: Graph, picture: Picture, plan: Plan, mask: Path, label: str) -> None:
    """A mask begins anew with each clip; where it is shorter than the clip its last frame stays."""
    width, height = picture.box.shown
    many = len(picture.stages) > 1
    parts = [f"{label}{place}" if many else label for place in range(len(picture.stages))]
    for part, stage in zip(parts, picture.stages, strict=True):
        number = graph.add_input(mask, "-an", "-t", _number((stage.frames + 2) / plan.fps))
        steps = [f"fps={rate(plan.fps)}:start_time=0", f"scale={width}:{height}", "setsar=1", "format=gray"]
        steps += [f"tpad=stop={stage.frames}:stop_mode=clone", f"trim=end_frame={stage.frames}"]
        graph.chains.append(f"[{number}:v]{','.join(steps)}[{part}]")
    if many:
        graph.chains.append(f"{''.join(f'[{part}]' for part in parts)}concat=n={len(parts)}[{label}]")


def _veils(picture: Picture) -> list[str]:
    """One for each stage that is not opaque, off in all the others."""
    steps, first = ["format=yuva420p"], 0
    for stage in picture.stages:
        if stage.opacity != 1:
            during = f"between(n,{first},{first + stage.frames - 1})"
            steps.append(f"lutyuv=a=val*{_number(stage.opacity)}:enable='{during}'")
        first += stage.frames
    return steps if len(steps) > 1 else []


def _add_picture_input(graph: Graph, picture: Picture, plan: Plan, path_of: PathOf) -> int:
    options = () if picture.is_still else _reading(picture.in_s, picture, plan.fps)
    # The bottom picture is the film. The many small ones over it need no threads of their own each.
    alone = ("-threads", "1") if graph.inputs else ()
    return graph.add_input(path_of(picture.url), "-an", *alone, *options)


def _reading(in_s: float, picture: Picture, fps: float) -> list[str]:
    """Read only the part that shows, with a frame to spare at either end of rounding."""
    seconds = ((picture.end - picture.first + 2) / fps) * picture.speed
    return [*(["-ss", _number(in_s)] if in_s else []), "-t", _number(seconds)]


def _frames(picture: Picture, fps: float) -> list[str]:
    """Frames of the right size on the output's grid: from here on a picture's time base is one frame."""
    box = picture.box
    # Before an overlay, ffmpeg's scaling to the size that a picture has copies it all the same.
    scale = [f"scale={box.scaled[0]}:{box.scaled[1]}:flags=bicubic"] if picture.is_scaled else []
    size = [*scale, "setsar=1"]
    if box.is_cropped:
        size.append(f"crop={box.shown[0]}:{box.shown[1]}")
    if picture.is_still:
        seconds = 1 / Fraction(fps).limit_denominator(1001)
        return [*size, f"loop=loop={picture.end - picture.first}:size=1", f"settb={seconds}", "setpts=N"]
    speed = [f"setpts=PTS/{_number(picture.speed)}"] if picture.speed != 1 else []
    return [*speed, f"fps={rate(fps)}:start_time=0", *size]


def _window(picture: Picture, fps: float) -> str:
    """From half a frame before the first to half a frame before the end, out of reach of rounding."""
    return f"between(t,{_number((picture.first - 0.5) / fps)},{_number((picture.end - 0.5) / fps)})"


def _add_sounds(graph: Graph, plan: Plan, path_of: PathOf) -> None:
    labels: list[str] = []
    for sound in plan.sounds:
        seconds = (sound.loop_s or sound.length_s * sound.speed) + 0.001
        start = ["-ss", _number(sound.in_s)] if sound.in_s else []
        number = graph.add_input(path_of(sound.url), "-vn", *start, "-t", _number(seconds))
        graph.chains.append(f"[{number}:a]{','.join(_samples(sound))}[s{len(labels)}]")
        labels.append(f"[s{len(labels)}]")
    mix = f"amix=inputs={len(labels)}:normalize=0:dropout_transition=0," if len(labels) > 1 else ""
    length = _number(plan.length_s)
    limit = f"alimiter=limit={PEAK}:level=0:latency=1,"
    graph.chains.append(f"{''.join(labels)}{mix}{limit}apad=whole_dur={length},atrim=end={length}[audio]")
    graph.audio = "audio"


def _samples(sound: Sound) -> list[str]:
    """One clip's sound as stereo, fitted, faded and delayed to its start."""
    # Left to itself ffmpeg lowers a mono voice by 3 dB when it makes it stereo.
    stereo = "pan=stereo|c0=c0|c1=c0" if sound.is_mono else "aformat=channel_layouts=stereo"
    steps = [f"aresample={RATE_HZ}:async=1:first_pts=0", stereo, "aformat=sample_fmts=fltp"]
    steps += [f"atempo={_number(step)}" for step in _tempo(sound.speed)]
    if sound.loop_s is not None:
        turns = math.ceil(sound.length_s * sound.speed / sound.loop_s)
        steps.append(f"aloop=loop={turns}:size={LOOP_SAMPLES_MAX}")
    steps.append(f"atrim=end={_number(sound.length_s)}")
    if sound.loudness.gain != 1:
        steps.append(f"volume={_number(sound.loudness.gain)}")
    for fade in sound.loudness.fades:
        length_s = min(fade.duration_s, sound.length_s)
        start_s = 0.0 if fade.is_in else sound.length_s - length_s
        kind = "in" if fade.is_in else "out"
        steps.append(f"afade=t={kind}:st={_number(start_s)}:d={_number(length_s)}:curve={fade.curve}")
    delay = round(sound.start_s * RATE_HZ)
    return [*steps, *([f"adelay={delay}S:all=1"] if delay else [])]


def _tempo(speed: float) -> list[float]:
    steps: list[float] = []
    while speed < ATEMPO_MIN:
        steps.append(ATEMPO_MIN)
        speed /= ATEMPO_MIN
    return [*steps, speed] if speed != 1 else steps


def _number(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")

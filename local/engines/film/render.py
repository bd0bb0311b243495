"""An IMS timeline in, a film out."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from local.engines import ffmpeg
from local.engines.captions.srt import parse_srt, text_of
from local.engines.contract import Caption, FetchMedia, Progress, RejectionError, no_progress
from local.engines.counted import Counted
from local.engines.film.fields import PARAMETER_ERROR
from local.engines.film.fonts import Font, find_font
from local.engines.film.graph import Graph, build_graph, rate
from local.engines.film.lettering import write_ass
from local.engines.film.parsing import parse_output, parse_timeline
from local.engines.film.plan import Plan, make_plan
from local.engines.film.timeline import Container, OutputMedia

CRF = 20
# x264 refines movement twice for "veryfast"; on painted films the second time costs a quarter of the encoder's work and
# gains 0.0003 of SSIM at the same size (measured on the sample film). Nor does it look into halves of what moves: that
# costs a sixth of its work and gains 0.0002 of SSIM and 4 % of size.
QUICK = {"veryfast": ["-subq", "1", "-partitions", "i8x8,i4x4"]}
KEYFRAME_S = 4
"""A player, and whoever asks for one frame, begins at a whole picture. Left to itself x264 makes one every ten seconds:
to get a frame of a film took twice as long, and the film was 2 to 3 % smaller.
"""
FRAMES_AT_ONCE_MIN = 4
"""x264 works on three frames at once on two processors, and leaves them idle by turns: a film took 5 % longer."""
AUDIO = {
    Container.MP4: ["-c:a", "aac", "-b:a", "160k", "-f", "mp4"],
    Container.MP3: ["-c:a", "libmp3lame", "-b:a", "160k", "-f", "mp3"],
    Container.WAV: ["-c:a", "pcm_s16le", "-f", "wav"],
}


def render(
    timeline: dict[str, object],
    output: dict[str, object],
    fetch: FetchMedia,
    film: Path,
    progress: Progress = no_progress,
) -> float:
    """Render to `film` (mp4, or mp3 or wav by the ending of the output's MediaURL); the length in seconds.

    Raises RejectionError with TimelineFormatError or InvalidParameter for what IMS would not take, for fields this
    renderer does not know, and for material that cannot be read. Fonts are whatever this machine has: `Font` is taken
    and not honoured. Text of a letter the font lacks is refused.
    """
    parsed, wanted = parse_timeline(timeline), parse_output(output)
    material = _Material(fetch)
    plan = make_plan(parsed, wanted, material.media, material.captions)
    with tempfile.TemporaryDirectory(prefix="film-") as folder:
        work = Path(folder)
        graph = build_graph(plan, material.path, _write_lettering(plan, work))
        if graph.video is None and graph.audio is None:
            raise RejectionError(PARAMETER_ERROR, "The timeline has nothing to hear.")
        (work / "graph").write_text(graph.filters, encoding="utf-8")
        try:
            ffmpeg.run(
                _arguments(graph, plan, wanted, film.absolute()),
                folder=work,
                watch=lambda done_s: progress(_counted(plan, done_s)),
            )
        except BaseException:
            film.unlink(missing_ok=True)
            raise
    progress(_counted(plan, plan.length_s))
    return plan.frames / plan.fps if graph.video else plan.length_s


def _counted(plan: Plan, done_s: float) -> Counted:
    """What ffmpeg has written so far, in frames; for sound alone in seconds."""
    if plan.canvas == (0, 0):
        return Counted(min(round(done_s), round(plan.length_s)), max(1, round(plan.length_s)), "seconds")
    return Counted(min(round(done_s * plan.fps), plan.frames), plan.frames, "frames")


class _Material:
    """Local files for the addresses in a timeline: each fetched and looked at once."""

    def __init__(self, fetch: FetchMedia) -> None:
        self._fetch = fetch
        self._paths: dict[str, Path] = {}
        self._media: dict[str, ffmpeg.Media] = {}

    def path(self, url: str) -> Path:
        if url not in self._paths:
            self._paths[url] = self._fetch(url).absolute()
        return self._paths[url]

    def media(self, url: str) -> ffmpeg.Media:
        if url not in self._media:
            try:
                self._media[url] = ffmpeg.probe(self.path(url))
            except ffmpeg.FfmpegError as error:
                raise RejectionError(PARAMETER_ERROR, f"{url} cannot be read: {error}") from error
        return self._media[url]

    def captions(self, url: str) -> list[Caption]:
        return parse_srt(text_of(self.path(url).read_bytes()))


def _write_lettering(plan: Plan, work: Path) -> str | None:
    """Put the text and its font where the graph finds them without a path; libass's argument for them."""
    if not (plan.texts or plan.captions):
        return None
    font = _font_for(plan)
    (work / "fonts").mkdir()
    shutil.copyfile(font.path, work / "fonts" / font.path.name)
    (work / "text.ass").write_text(
        write_ass(plan.canvas, font.family, plan.texts, plan.captions), encoding="utf-8", newline="\n"
    )
    return "text.ass:fontsdir=fonts"


def _font_for(plan: Plan) -> Font:
    texts = [text.content for text in plan.texts]
    texts += [caption.text for captions in plan.captions for caption in captions.captions]
    font = find_font()
    if font is None or not all(font.can_draw(text) for text in texts):
        raise RejectionError(PARAMETER_ERROR, "No font on this machine can draw the text of the timeline.")
    return font


def _arguments(graph: Graph, plan: Plan, output: OutputMedia, film: Path) -> list[ffmpeg.Argument]:
    maps = [argument for label in (graph.video, graph.audio) if label for argument in ("-map", f"[{label}]")]
    return [
        *(argument for item in graph.inputs for argument in item.arguments()),
        "-/filter_complex",
        "graph",
        *maps,
        # a family's film may say where it was filmed
        *("-map_metadata", "-1"),
        *(_video_arguments(plan, output) if graph.video else []),
        *AUDIO[output.container],
        film,
    ]


def _video_arguments(plan: Plan, output: OutputMedia) -> list[str]:
    quality = ["-crf", str(CRF if output.crf is None else output.crf)]
    if output.bitrate_kbps is not None and output.crf is None:
        quality = ["-b:v", f"{output.bitrate_kbps}k", "-maxrate", f"{output.bitrate_kbps}k"]
        quality += ["-bufsize", f"{output.bitrate_kbps * 2}k"]
    profile = ["-profile:v", output.profile] if output.profile else []
    return [*encoder(output.preset, plan.fps), *quality, *profile, "-r", rate(plan.fps), "-movflags", "+faststart"]


def encoder(preset: str, fps: float) -> list[str]:
    """The video encoder as a film is written with it, its quality aside."""
    threads = max(FRAMES_AT_ONCE_MIN, (os.cpu_count() or 1) * 3 // 2)
    return [
        *("-c:v", "libx264", "-preset", preset, *QUICK.get(preset, [])),
        *("-g", str(round(KEYFRAME_S * fps)), "-threads", str(threads), "-pix_fmt", "yuv420p"),
    ]

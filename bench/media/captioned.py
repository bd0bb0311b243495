"""Films with burned-in captions, and some without, that the reader of captions was not made with.

A photograph that travels with matplotlib, a fractal, clouds of noise and drifting colours, each in motion; new lines;
the serif font, which the sample film does not use. Captions come and go on whole frames: their times are exact.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, replace
from pathlib import Path

import matplotlib as mpl

from local.engines import ffmpeg
from local.engines.contract import Caption
from local.engines.film.lettering import write_ass
from local.engines.film.plan import PlacedText
from local.engines.film.timeline import Lettering, Measure

FPS = 25
FAMILY, FONTS = "Noto Serif SC", "pylopdf_fonts_zh_cn"
CHINESE = (
    "外婆家的院子里有一棵老槐树。",
    "树洞里住着三只胖胖的松鼠。",
    "今年秋天，它们忘了收松果。",
    "“下雪了怎么办？”最小的松鼠问。",
    "猫头鹰送来满满两筐板栗。",
    "整个冬天，树洞里都暖洋洋的。",
    "等等我！",
    "等到第二年春天，松鼠们种下了十七棵小树苗。",
)
ENGLISH = (
    "An old locust tree grew in Grandma's yard.",
    "Three plump squirrels lived in its hollow.",
    "This autumn they forgot to gather pine cones.",
    '"What if it snows?" asked the smallest one.',
    "The owl brought two baskets full of chestnuts.",
    "All winter long the hollow was warm and cosy.",
    "Wait for me!",
    "The next spring they planted seventeen little trees.",
)
FIRST_S, LONGEST_S, GAPS_S = 0.8, 2.4, (0.6, 0.0, 0.2)

WHITE = Lettering(outline=3, outline_color="201810")
THIN = Lettering(outline=1.2)
YELLOW = Lettering(color="FFE030", outline=2.5, outline_color="101010")
BARE_YELLOW = Lettering(color="FFF000", shadow=1.5)
PALE = Lettering(color="F4F4F4")
BOXED = Lettering(is_boxed=True, outline=7, back_color="101010")

# Filters after a photograph four thirds as large as the film; {w} and {h} are the film's size.
PAN = "crop={w}:{h}:'min(iw-{w},60*t)':'(ih-{h})/2*(1+sin(0.7*t))'"
SHAKE = "crop={w}:{h}:'(iw-{w})/2+8*sin(19*t)':'(ih-{h})/2+6*sin(23*t)'"
BRIGHT = "eq=brightness=0.42:contrast=0.6"
FLAT = "eq=brightness=0.06:contrast=0.22"  # greys around the middle: pale letters without an edge stand out by little
FRACTAL = "mandelbrot=s=640x360:r=25:maxiter=300:start_scale=2.2:end_scale=0.2:end_pts=700,scale={w}:{h}"
CLOUDS = "perlin=s={w}x{h}:r=25:octaves=7:persistence=0.62:xscale=4:yscale=4:tscale=0.6:random_seed=11"
COLOURS = "gradients=s={w}x{h}:r=25:n=6:speed=0.02:seed=5:c0=0xF7C59F:c1=0x2A324B:c2=0x767B91:c3=0xE1E5EE:c4=0x5B8C5A"


@dataclass(frozen=True)
class Case:
    """A film to be made. `scene` is a lavfi source, or filters for the photograph when `is_photo`."""

    name: str
    scene: str
    look: Lettering = WHITE
    languages: str = "zh"
    is_photo: bool = True
    size: tuple[int, int] = (1280, 720)
    foot: float = 0.06  # of the film's height, below the captions


CASES = (
    Case("photo in motion, white", PAN),
    Case("photo in motion, thin outline", SHAKE, THIN, "en"),
    Case("photo in motion, yellow", PAN, YELLOW, "zh+en"),
    Case("bright photo", f"{PAN},{BRIGHT}", THIN, "zh+en"),
    Case("low contrast", f"{SHAKE},{FLAT}", PALE, "zh"),
    Case("low contrast, English", f"{PAN},{FLAT}", PALE, "en"),
    Case("clouds, boxed", CLOUDS, BOXED, "zh+en", is_photo=False),
    Case("fractal, outlined", FRACTAL, WHITE, "zh+en", is_photo=False),
    Case("colours, yellow without outline", COLOURS, BARE_YELLOW, "en", is_photo=False),
    Case("upright film", SHAKE, YELLOW, "zh", size=(720, 1280), foot=0.18),
    Case("1080p", PAN, WHITE, "zh+en", size=(1920, 1080)),
)
BARE = (
    Case("photo in motion", PAN),
    Case("bright photo", f"{SHAKE},{BRIGHT}"),
    Case("fractal", FRACTAL, is_photo=False),
    Case("clouds", CLOUDS, is_photo=False),
    Case("colours", COLOURS, is_photo=False),
)


def cues_of(languages: str, lines: int = len(CHINESE)) -> list[Caption]:
    """Lines in these languages, one after another, each long enough to be read; times are those of frames."""
    cues, at = [], FIRST_S
    for number in range(lines):
        spoken = {"zh": CHINESE[number % len(CHINESE)], "en": ENGLISH[number % len(ENGLISH)]}
        text = "\n".join(spoken[language] for language in languages.split("+"))
        lasting = min(LONGEST_S, max(0.8, 0.14 * len(spoken["zh"])))
        cues.append(Caption(_on_frame(at), _on_frame(at + lasting), text))
        at = cues[-1].end_s + GAPS_S[number % len(GAPS_S)]
    return cues


def film_of(case: Case, cues: list[Caption], path: Path, length_s: float | None = None) -> Path:
    """The case as a film with these captions drawn into it."""
    width, height = case.size
    size, scale = 0.062 * min(case.size), min(case.size) / 720
    look = replace(case.look, font_size=size, outline=case.look.outline * scale)
    foot = Measure(case.foot, is_fraction=True)
    placed = [
        PlacedText(_smaller_english(cue.text, size), look, "BottomCenter", None, foot, cue.start_s, cue.end_s)
        for cue in cues
    ]
    folder = path.with_suffix("")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "text.ass").write_text(write_ass(case.size, FAMILY, placed, []), "utf-8")
    scene = case.scene.format(w=width, h=height)
    source = ["-f", "lavfi", "-i", scene]
    filters = [f"ass=text.ass:fontsdir={_fonts()}", "format=yuv420p"]
    if case.is_photo:
        photo = Path(mpl.get_data_path()) / "sample_data" / "grace_hopper.jpg"
        source = ["-loop", "1", "-framerate", str(FPS), *ffmpeg.Input(photo).arguments()]
        larger = f"scale={width * 4 // 3}:{height * 4 // 3}:force_original_aspect_ratio=increase"
        filters = [larger, scene, *filters]
    length_s = length_s or cues[-1].end_s + 0.8
    coding = ["-t", f"{length_s:.2f}", "-r", str(FPS), "-c:v", "libx264", "-preset", "veryfast", "-crf", "24"]
    ffmpeg.run([*source, "-vf", ",".join(filters), *coding, path.absolute()], folder=folder)
    return path


def _smaller_english(text: str, size: float) -> str:
    """Below a Chinese line the English one is smaller, as on bilingual films."""
    return text.replace("\n", f"\\N{{\\fs{0.68 * size:.0f}}}")


def _on_frame(seconds: float) -> float:
    return round(seconds * FPS) / FPS


def _fonts() -> Path:
    spec = importlib.util.find_spec(FONTS)
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError(f"the package {FONTS} is not installed: captions cannot be drawn")
    return Path(spec.submodule_search_locations[0])

"""The filter graph, letter by letter: what is rendered must not change unnoticed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from local.engines.film.graph import build_graph, rate
from local.engines.film.layout import Box
from local.engines.film.plan import Picture, Plan, Sound, Stage
from local.engines.film.timeline import Fade, Loudness

CANVAS = (1280, 720)
WHOLE = Box(CANVAS, CANVAS, 0, 0)


def picture(url: str, box: Box, first: int, end: int, *stages: Stage, **fields: Any) -> Picture:
    """Shown from one frame up to but not including another; opaque unless it has stages."""
    shown = stages or (Stage(end - first, 1.0),)
    rest: dict[str, Any] = {"size": (512, 512), "is_still": False, "in_s": 0.0, "speed": 1.0, "mask_url": None}
    rest |= {"start_s": first / 25, **fields}
    return Picture(url=url, box=box, first=first, end=end, stages=shown, **rest)


FILM = picture("film.mp4", WHOLE, 0, 250)
CORNER = Box((300, 300), (300, 300), 940, 40)
CLIP = picture("clip.mp4", Box((300, 412), (300, 300), 940, 40), 80, 155)
MASK = "fps=25:start_time=0,scale=300:300,setsar=1,format=gray"
HALF = "format=yuva420p,lutyuv=a=val*0.5:enable='between(n,0,74)'"
MONO = "aresample=48000:async=1:first_pts=0,pan=stereo|c0=c0|c1=c0,aformat=sample_fmts=fltp"


def plan(*pictures: Picture, sounds: tuple[Sound, ...] = ()) -> Plan:
    return Plan(CANVAS, 25.0, 10.0, pictures, sounds)


def filters(built: Plan, lettering: str | None = None) -> list[str]:
    return build_graph(built, Path, lettering).filters.split(";\n")


def test_a_film_alone_is_only_fitted_to_the_canvas() -> None:
    assert filters(plan(FILM)) == [
        "[0:v]fps=25:start_time=0,scale=1280:720:flags=bicubic,setsar=1,format=yuv420p,tpad=stop=250:stop_mode=clone[base]",
        "[base]trim=end_frame=250,format=yuv420p[video]",
    ]


def test_a_film_of_the_canvas_size_is_not_scaled() -> None:
    assert filters(plan(picture("film.mp4", WHOLE, 0, 250, size=CANVAS)))[0].startswith(
        "[0:v]fps=25:start_time=0,setsar=1,format=yuv420p,"
    )


def test_a_clip_is_overlaid_within_its_own_frames() -> None:
    assert filters(plan(FILM, CLIP))[1:] == [
        "[1:v]fps=25:start_time=0,scale=300:412:flags=bicubic,setsar=1,crop=300:300,trim=end_frame=75,setpts=PTS+80[p0]",
        "[base][p0]overlay=x=940:y=40:eof_action=pass:enable='between(t,3.18,6.18)'[v0]",
        "[v0]trim=end_frame=250,format=yuv420p[video]",
    ]


def test_a_masked_and_faded_clip_gets_its_transparency_from_both() -> None:
    masked = picture("clip.mp4", CORNER, 80, 155, Stage(75, 0.5), mask_url="mask.mp4")

    assert filters(plan(FILM, masked))[1:5] == [
        "[1:v]fps=25:start_time=0,scale=300:300:flags=bicubic,setsar=1,format=yuv420p[p0c]",
        f"[2:v]{MASK},tpad=stop=75:stop_mode=clone,trim=end_frame=75[p0m]",
        f"[p0c][p0m]alphamerge,{HALF},trim=end_frame=75,setpts=PTS+80[p0]",
        "[base][p0]overlay=x=940:y=40:eof_action=pass:enable='between(t,3.18,6.18)'[v0]",
    ]


def test_a_clip_that_fades_in_stages_is_read_once() -> None:
    fading = picture("clip.mp4", CORNER, 80, 155, Stage(2, 0.33), Stage(2, 0.67), Stage(69, 1.0), Stage(2, 0.5))

    graph = build_graph(plan(FILM, fading), Path)

    assert len(graph.inputs) == 2
    assert graph.chains[1].split("setsar=1,")[1] == (
        "format=yuva420p,lutyuv=a=val*0.33:enable='between(n,0,1)',lutyuv=a=val*0.67:enable='between(n,2,3)',"
        "lutyuv=a=val*0.5:enable='between(n,73,74)',trim=end_frame=75,setpts=PTS+80[p0]"
    )


def test_a_mask_begins_anew_with_each_stage() -> None:
    fading = picture("clip.mp4", CORNER, 80, 155, Stage(5, 0.5), Stage(70, 1.0), mask_url="mask.mp4")

    assert filters(plan(FILM, fading))[2:5] == [
        f"[2:v]{MASK},tpad=stop=5:stop_mode=clone,trim=end_frame=5[p0m0]",
        f"[3:v]{MASK},tpad=stop=70:stop_mode=clone,trim=end_frame=70[p0m1]",
        "[p0m0][p0m1]concat=n=2[p0m]",
    ]


def test_an_image_is_scaled_once_and_held() -> None:
    ring = picture("ring.png", CORNER, 25, 100, is_still=True)

    assert filters(plan(FILM, ring))[1] == (
        "[1:v]scale=300:300:flags=bicubic,setsar=1,loop=loop=75:size=1,settb=1/25,setpts=N,"
        "trim=end_frame=75,setpts=PTS+25[p0]"
    )


def test_a_film_that_does_not_fill_the_canvas_gets_bars_and_a_black_end() -> None:
    tall = picture("tall.mp4", Box((405, 720), (405, 720), 437, 0), 0, 200)

    assert filters(plan(tall))[0].endswith(
        "setsar=1,pad=1280:720:437:0:black,format=yuv420p,tpad=stop=250:stop_mode=add:color=black[base]"
    )


def test_a_film_that_starts_late_lies_on_black() -> None:
    assert filters(plan(CLIP))[0] == "color=c=black:s=1280x720:r=25:d=11,format=yuv420p[base]"


def test_only_the_part_that_shows_is_read() -> None:
    late = picture("clip.mp4", WHOLE, 0, 50, in_s=3.5, speed=2.0)

    graph = build_graph(plan(FILM, late), Path)

    assert [item.options for item in graph.inputs] == [
        ("-an", "-t", "10.08"),
        ("-an", "-threads", "1", "-ss", "3.5", "-t", "4.16"),
    ]
    assert "setpts=PTS/2,fps=25" in graph.filters


def test_text_lies_on_top_of_everything() -> None:
    assert filters(plan(FILM, CLIP), "text.ass:fontsdir=fonts")[-1] == (
        "[v0]ass=text.ass:fontsdir=fonts,trim=end_frame=250,format=yuv420p[video]"
    )


def test_one_voice_is_delayed_to_the_sample_and_filled_up_with_silence() -> None:
    voice = Sound("voice.wav", 3.2, 4.0, 0.0, 1.0, Loudness(), is_mono=True)

    assert filters(plan(FILM, sounds=(voice,)))[2:] == [
        f"[1:a]{MONO},atrim=end=4,adelay=153600S:all=1[s0]",
        "[s0]alimiter=limit=0.84:level=0:latency=1,apad=whole_dur=10,atrim=end=10[audio]",
    ]


def test_music_loops_is_turned_down_and_fades() -> None:
    fades = (Fade(True, 1.0, "tri"), Fade(False, 30.0, "exp"))
    music = Sound("music.mp3", 0.0, 10.0, 1.0, 1.0, Loudness(0.3, fades), loop_s=8.0)

    graph = build_graph(plan(FILM, sounds=(music,)), Path)

    assert graph.inputs[1].options == ("-vn", "-ss", "1", "-t", "8.001")
    assert graph.chains[2] == (
        "[1:a]aresample=48000:async=1:first_pts=0,aformat=channel_layouts=stereo,aformat=sample_fmts=fltp,"
        "aloop=loop=2:size=2147483647,atrim=end=10,volume=0.3,"
        "afade=t=in:st=0:d=1:curve=tri,afade=t=out:st=0:d=10:curve=exp[s0]"
    )


def test_several_sounds_are_summed_not_averaged() -> None:
    voice = Sound("voice.wav", 0.0, 4.0, 0.0, 1.0, Loudness())

    assert filters(plan(FILM, sounds=(voice, voice)))[-1].startswith(
        "[s0][s1]amix=inputs=2:normalize=0:dropout_transition=0,alimiter="
    )


def test_a_very_slow_sound_is_slowed_in_steps() -> None:
    voice = Sound("voice.wav", 0.0, 4.0, 0.0, 0.2, Loudness())

    assert "atempo=0.5,atempo=0.5,atempo=0.8," in filters(plan(FILM, sounds=(voice,)))[2]


def test_sound_alone_makes_no_picture() -> None:
    voice = Sound("voice.wav", 0.0, 4.0, 0.0, 1.0, Loudness())

    graph = build_graph(Plan((0, 0), 25.0, 4.0, (), (voice,)), Path)

    assert (graph.video, graph.audio, len(graph.inputs)) == (None, "audio", 1)


def test_frame_rates_are_exact() -> None:
    assert [rate(fps) for fps in (25.0, 24.0, 30000 / 1001, 12.5)] == ["25", "24", "30000/1001", "25/2"]

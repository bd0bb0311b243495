"""VideoRetalk's behaviour: a film of a person says other words, and nothing else about it changes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from local.engines import ffmpeg
from local.engines.contract import Face, RejectionError
from local.engines.portrait import animate, retalk
from local.engines.portrait.landmarks import Landmarks
from local.engines.portrait.retalk import _there_and_back
from local.engines.portrait.tracking import Tracker, steadied

SAMPLES = Path(__file__).resolve().parents[3] / "local" / "samples"
HEAD = Face((178, 69, 272, 176), (91, 0, 360, 269))
LIP_UPPER, LIP_LOWER = 13, 14
Frames = NDArray[np.uint8]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`film.mp4`: two seconds of somebody speaking, head and all; `speech.wav`: half a second of silence, then words;
    `silence.wav`; `retold.mp4`: the film with that speech.
    """
    folder = tmp_path_factory.mktemp("retalk")
    ffmpeg.run(["-ss", "0.6", "-i", SAMPLES / "mother.wav", "-t", "2", "first.wav"], folder=folder)
    ffmpeg.run(["-i", SAMPLES / "father.wav", "-af", "atrim=0.5:1.7,adelay=500", "speech.wav"], folder=folder)
    ffmpeg.run(["-f", "lavfi", "-i", "anullsrc=r=16000:cl=mono", "-t", "1", "silence.wav"], folder=folder)
    animate(SAMPLES / "portrait.png", folder / "first.wav", HEAD, "active", folder / "film.mp4")
    retalk(folder / "film.mp4", folder / "speech.wav", folder / "retold.mp4")
    return folder


def frames(clip: Path) -> Frames:
    raw = ffmpeg.run([*ffmpeg.Input(clip).arguments(), "-f", "rawvideo", "-pix_fmt", "bgr24", "pipe:1"])
    return np.frombuffer(raw, np.uint8).reshape(-1, 512, 512, 3)


def gaps(shown: Frames) -> NDArray[np.float64]:
    """Between the inner lips, in widths of the face."""
    tracker = Tracker()
    faces = [tracker.see(frame) for frame in shown]
    return np.array(
        [(face.points[LIP_LOWER, 1] - face.points[LIP_UPPER, 1]) / np.ptp(face.points[:, 0]) for face in faces if face]
    )


def test_the_mouth_is_shut_in_the_new_silence_and_opens_with_the_new_words(made: Path) -> None:
    before, after = gaps(frames(made / "film.mp4")), gaps(frames(made / "retold.mp4"))

    assert before[1:11].max() > 0.055
    assert np.median(after[1:11]) < 0.035
    # where the film's mouth flies open within one frame, the shut one shows a trace of it
    assert after[1:11].max() < 0.6 * before[1:11].max()
    assert after[13:].max() > 0.05


def test_everything_but_mouth_and_jaw_stays(made: Path) -> None:
    before, after = frames(made / "film.mp4").astype(int), frames(made / "retold.mp4").astype(int)

    difference = np.abs(after - before[: len(after)]).mean(axis=(0, 3))
    assert difference[:220].mean() < 3.5  # two encodings lie between
    assert difference[280:400, 200:320].mean() > 3 * difference[:220].mean()


def test_the_sound_is_the_speech_and_the_shorter_of_the_two_decides(made: Path) -> None:
    media = ffmpeg.probe(made / "retold.mp4")

    assert media.has_audio
    assert media.duration_s == pytest.approx(1.7, abs=0.05)


@pytest.mark.media
def test_an_extended_film_goes_back_and_forth_as_long_as_the_speech(made: Path, tmp_path: Path) -> None:
    seen: list[float] = []
    speech = SAMPLES / "father.wav"
    ffmpeg.run(["-i", speech, "-t", "2.6", tmp_path / "long.wav"])

    plain = retalk(made / "film.mp4", tmp_path / "long.wav", tmp_path / "plain.mp4")
    extended = retalk(
        made / "film.mp4", tmp_path / "long.wav", tmp_path / "more.mp4", extend=True, progress=seen.append
    )

    assert (plain, extended) == (2.0, 2.6)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_going_back_and_forth_never_jumps() -> None:
    assert [_there_and_back(number, 4) for number in range(9)] == [0, 1, 2, 3, 2, 1, 0, 1, 2]
    assert [_there_and_back(number, 1) for number in range(3)] == [0, 0, 0]


def test_a_film_without_anybody_is_refused(made: Path, tmp_path: Path) -> None:
    ffmpeg.run(["-f", "lavfi", "-i", "testsrc=s=640x480:d=0.4", tmp_path / "bars.mp4"])

    with pytest.raises(RejectionError) as caught:
        retalk(tmp_path / "bars.mp4", made / "silence.wav", tmp_path / "clip.mp4")

    assert caught.value.code == "InvalidFile.Content"
    assert not (tmp_path / "clip.mp4").exists()


def test_what_is_no_film_is_refused(made: Path, tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"no film" * 100)

    for film in (tmp_path / "film.mp4", made / "silence.wav"):
        with pytest.raises(RejectionError) as caught:
            retalk(film, made / "silence.wav", tmp_path / "clip.mp4")
        assert caught.value.code == "InvalidFile.Openerror"


def test_a_track_is_steadied_within_its_runs_and_not_over_its_gaps() -> None:
    trembling = [Landmarks(np.full((468, 3), value), 1.0) for value in (0.0, 1.0, 0.0, 1.0, 0.0, 1.0)]

    steady = steadied([*trembling, None, Landmarks(np.full((468, 3), 9.0), 1.0)])

    values = [None if face is None else float(face.points[0, 0]) for face in steady]
    assert values[6] is None
    assert values[7] == 9.0
    assert all(value is not None and 0.2 < value < 0.8 for value in values[1:5])

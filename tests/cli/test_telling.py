"""What `echobot tell` uploads, in which order, and what it refuses before it uploads anything."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import telling
from cli.app import app
from cli.telling import Telling
from shared.domain import keys, manifest
from shared.domain.errors import Refused, Retry
from shared.domain.job import WHOLE, JobState, StepState
from shared.domain.options import read_options
from shared.engine.records import load_steps
from shared.ports import Bucket, Place
from tests.engine.given import interpose, raising
from tests.stage import Stage
from tests.toys import toy_film, toy_png, toy_wav


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    bodies = {
        "film.MP4": toy_film(10.0, ((1.0, 4.0, "从前有一只小狐狸。"),)),
        "voice.wav": toy_wav(12.0),
        "photo.png": toy_png(),
        "captions.srt": "1\n00:00:01,000 --> 00:00:04,000\n月亮出来了。\n".encode(),
        "music.mp3": b"ID3",
    }
    for name, body in bodies.items():
        (tmp_path / name).write_bytes(body)
    return {name.partition(".")[0]: tmp_path / name for name in bodies}


def a_telling(files: dict[str, Path], **changes: object) -> Telling:
    given = {"film": files["film"], "voice": files["voice"], "photo": files["photo"], **changes}
    return Telling(**given)  # type: ignore[arg-type]  # any field of it


# --- what is uploaded


def test_a_film_of_the_parent_may_take_the_photos_place(files: dict[str, Path]) -> None:
    bodies = telling.uploads("story", a_telling(files, photo=None, portrait=files["film"]))

    assert list(bodies) == ["inbox/story/portrait.mp4", "inbox/story/voice.wav", "inbox/story/story.mp4"]


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["--voice", "voice"], "Give a photo or a film of the parent: --photo | --portrait."),
        (["--photo", "photo"], "Give the parent's recording (--voice), or name a parent who is kept (--narrator)."),
        (["--narrator", "mama", "--photo", "photo"], "of the narrator mama are kept: leave out --photo."),
    ],
)
def test_of_a_parent_all_is_given_or_nothing_of_one_who_is_kept(
    files: dict[str, Path], words: list[str], answer: str
) -> None:
    ended = CliRunner().invoke(app, ["tell", str(files["film"]), *(str(files.get(word, word)) for word in words)])

    assert ended.exit_code == 2
    assert answer in " ".join(ended.stderr.split())


def test_of_a_parent_who_is_kept_nothing_is_uploaded_again(files: dict[str, Path]) -> None:
    bodies = telling.uploads("story", Telling(files["film"], options={"narrator": "mama"}))

    assert list(bodies) == ["inbox/story/job.json", "inbox/story/story.mp4"]


@pytest.mark.parametrize(("engine", "lacks"), [("videoretalk", "--portrait"), ("emo", "--photo")])
def test_what_the_chosen_engine_shows_is_to_be_given(files: dict[str, Path], engine: str, lacks: str) -> None:
    other = {"photo": None, "portrait": files["film"]} if engine == "emo" else {}
    with pytest.raises(Refused) as caught:
        telling.uploads("story", a_telling(files, options={"engines": [engine]}, **other))

    assert (caught.value.code, caught.value.fields) == ("tell.face", {"names": lacks})


def test_without_a_portrait_no_photo_need_be_given(files: dict[str, Path]) -> None:
    bodies = telling.uploads("story", a_telling(files, photo=None, options={"engines": ["none"]}))

    assert list(bodies) == ["inbox/story/job.json", "inbox/story/voice.wav", "inbox/story/story.mp4"]


def test_what_makes_a_job_wait_comes_first_and_the_film_last(files: dict[str, Path]) -> None:
    """The job opens as soon as the set is whole: nothing may come after what makes it whole."""
    everything = a_telling(files, captions=files["captions"], music=files["music"], consent="王小明的妈妈")

    assert list(telling.uploads("story", everything)) == [
        "inbox/story/job.json",
        "inbox/story/consent.json",
        "inbox/story/captions.srt",
        "inbox/story/music.mp3",
        "inbox/story/photo.png",
        "inbox/story/voice.wav",
        "inbox/story/story.mp4",
    ]


def test_with_nothing_but_the_files_nothing_else_is_uploaded(files: dict[str, Path]) -> None:
    bodies = telling.uploads("story", a_telling(files))

    assert list(bodies) == ["inbox/story/photo.png", "inbox/story/voice.wav", "inbox/story/story.mp4"]
    assert bodies["inbox/story/photo.png"] == files["photo"].read_bytes()


def test_the_job_is_told_to_wait_for_the_files_that_may_be_missing(files: dict[str, Path]) -> None:
    bodies = telling.uploads("story", a_telling(files, captions=files["captions"]))

    assert json.loads(bodies["inbox/story/job.json"]) == {"assets": ["captions"]}


def test_new_music_is_added_or_left_out_where_the_options_say_so(files: dict[str, Path]) -> None:
    for said in ("add", "none"):
        bodies = telling.uploads("story", a_telling(files, music=files["music"], options={"music": said}))

        assert json.loads(bodies["inbox/story/job.json"])["music"] == said


@pytest.mark.parametrize(
    ("options", "lacks"),
    [({"music": "add"}, "music"), ({"music": "replace"}, "music"), ({"assets": ["captions"]}, "captions")],
)
def test_a_file_that_the_options_want_and_nobody_gives_is_named(
    files: dict[str, Path], options: dict[str, object], lacks: str
) -> None:
    with pytest.raises(Refused) as caught:
        telling.uploads("story", a_telling(files, options=options))

    assert (caught.value.code, caught.value.fields) == ("options.lacks", {"name": lacks})


def test_new_music_replaces_the_old(files: dict[str, Path]) -> None:
    bodies = telling.uploads("story", a_telling(files, music=files["music"], options={"music": "keep", "ratio": "3:4"}))

    assert json.loads(bodies["inbox/story/job.json"]) == {"assets": ["music"], "music": "replace", "ratio": "3:4"}


def test_files_that_the_options_wait_for_are_still_waited_for(files: dict[str, Path]) -> None:
    several = {name: files[name] for name in ("captions", "music")}
    given = a_telling(files, **several, options={"assets": ["captions"]})

    assert json.loads(telling.uploads("story", given)["inbox/story/job.json"])["assets"] == ["captions", "music"]


def test_the_options_given_are_left_as_they_were(files: dict[str, Path]) -> None:
    options = {"ratio": "3:4"}
    telling.uploads("story", a_telling(files, music=files["music"], options=options))

    assert options == {"ratio": "3:4"}


def test_all_options_that_are_uploaded_pass_the_door(files: dict[str, Path]) -> None:
    everything = a_telling(files, captions=files["captions"], music=files["music"], options={"language": "en"})

    options = read_options(telling.uploads("story", everything)["inbox/story/job.json"])
    assert (options.language, options.music, options.assets) == ("en", "replace", ("captions", "music"))


def test_a_consent_from_the_command_line_passes_the_door() -> None:
    record = telling.consent("王小明的妈妈", datetime(2026, 11, 21, tzinfo=timezone.utc))

    read = manifest.read_consent(record)
    assert (read.who, read.voice, read.face) == ("王小明的妈妈", True, True)
    assert read.when.startswith("2026-11-21")
    assert "复刻" in read.text


# --- what is refused


@pytest.mark.parametrize(
    ("name", "file", "code"),
    [
        ("photo", "photo.heic", "photo.format"),
        ("photo", "photo", "photo.format"),
        ("voice", "voice.flac", "voice.format"),
        ("film", "film.mov", "film.not_mp4"),
        ("captions", "captions.ass", "key.unknown"),
        ("music", "music.wav", "key.unknown"),
    ],
)
def test_a_file_of_the_wrong_kind_is_refused_before_anything_is_uploaded(
    files: dict[str, Path], tmp_path: Path, name: str, file: str, code: str
) -> None:
    (tmp_path / file).write_bytes(b"something")

    with pytest.raises(Refused) as caught:
        telling.uploads("story", a_telling(files, **{name: tmp_path / file}))

    assert caught.value.code == code
    assert "…" not in caught.value.sentence.en


@pytest.mark.parametrize("job_id", ["My Story", "../up", "", "故事", "a" * 49])
def test_a_name_that_no_job_can_have_is_refused_as_such(files: dict[str, Path], job_id: str) -> None:
    with pytest.raises(Refused) as caught:
        telling.uploads(job_id, a_telling(files))

    assert caught.value.code == "key.hostile"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{nonsense", "options.not_json"),
        (b"[]", "options.not_json"),
        (b'{"colour": "blue"}', "options.unknown"),
        (b'{"language": "tlh"}', "options.value"),
    ],
)
def test_options_that_the_door_would_refuse_are_refused_at_once(tmp_path: Path, body: bytes, code: str) -> None:
    (tmp_path / "job.json").write_bytes(body)

    with pytest.raises(Refused) as caught:
        telling.read_options(tmp_path / "job.json")

    assert caught.value.code == code


def test_options_are_read_with_or_without_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "job.json").write_bytes(b'\xef\xbb\xbf{"language": "en"}')

    assert telling.read_options(tmp_path / "job.json") == {"language": "en"}


def test_a_new_jobs_name_is_one_that_keys_can_carry_and_no_other_has() -> None:
    names = {telling.new_job_id() for _ in range(100)}

    assert len(names) == 100
    assert {keys.inbox(name) for name in names}


# --- up and down


def test_a_story_goes_up_is_told_and_comes_back(files: dict[str, Path], tmp_path: Path) -> None:
    stage = Stage()
    telling.put(stage.world, telling.uploads("story", a_telling(files, consent="王小明的妈妈")))
    stage.run()
    seen: list[JobState | None] = []

    ended = telling.watch(stage.world, "story", lambda state, _rows: seen.append(state))
    brought = telling.fetch(stage.world, "story", tmp_path / "out")

    assert (ended.state, ended.problems, seen) == (JobState.DONE, (), [JobState.DONE])
    assert [path.name for path in brought] == [
        "captions.srt",
        "cover.jpg",
        "quote.json",
        "report.html",
        "report.json",
        "story.mp4",
    ]
    assert (tmp_path / "out" / "story.mp4").read_bytes() == stage.output("stories/story/story.mp4")


def test_a_story_that_was_refused_comes_back_in_words(files: dict[str, Path], tmp_path: Path) -> None:
    stage = Stage()
    telling.put(stage.world, telling.uploads("story", a_telling(files)))
    stage.run()

    ended = telling.watch(stage.world, "story", lambda _state, _rows: None)

    assert ended.state is JobState.REFUSED
    assert ended.problems == (
        "还缺少同意书 consent.json：需要家长分别同意声音复刻和人脸动画。",
        "consent.json is missing: the parent must agree to voice cloning and, separately, to face animation.",
    )
    assert [path.name for path in telling.fetch(stage.world, "story", tmp_path / "out")] == ["error.json"]


def test_a_film_that_only_has_to_be_handed_over_is_looked_for_more_often(
    files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage()
    interpose(stage, "objects.frame", raising(Retry("storage.busy")))  # the cover cannot be taken at once
    waits: list[tuple[bool, float]] = []

    def pause(seconds: float) -> None:
        compose = load_steps(stage.world, "story").get(("compose", WHOLE))
        waits.append((compose is not None and compose.state is StepState.DONE, seconds))
        stage.timing.step()

    monkeypatch.setattr(telling, "pause", pause)
    telling.put(stage.world, telling.uploads("story", a_telling(files, consent="王小明的妈妈")))
    ended = telling.watch(stage.world, "story", lambda _state, _rows: None)

    assert ended.state is JobState.DONE
    assert set(waits) == {(False, telling.LOOK_EVERY_S), (True, telling.LAST_LOOKS_EVERY_S)}


def test_what_is_uploaded_says_what_it_is(files: dict[str, Path]) -> None:
    stage = Stage()
    telling.put(stage.world, telling.uploads("story", a_telling(files)))

    types = {name: stage.stand_ins.oss.head("echobot-input", f"inbox/story/{name}").content_type for name in _NAMES}
    assert types == _NAMES


_NAMES = {"story.mp4": "video/mp4", "voice.wav": "audio/wav", "photo.png": "image/png"}


def test_a_job_that_has_no_error_has_no_words() -> None:
    stage = Stage()
    assert telling.error_of(stage.world, "story") == {}

    stage.world.objects.write(Place(Bucket.OUTPUT, keys.story_error("story")), b"[]", "application/json")
    assert telling.error_of(stage.world, "story") == {}

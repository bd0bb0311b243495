"""What a family may send, ask for and must agree to; every refusal says which rule."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.catalogue.files import FileFacts
from shared.domain.engines import ENGINES
from shared.domain.errors import Refused
from shared.domain.keys import Asset, Upload, parse_upload
from shared.domain.manifest import (
    MB,
    Complete,
    Consent,
    FilmLimits,
    Missing,
    check_film,
    check_music,
    check_photo,
    check_portrait,
    check_voice,
    collect,
    read_consent,
)
from shared.domain.options import OPTIONS_BYTES_MAX, Options, read_options, write_options

PORTRAIT = FileFacts("mp4", MB, 8.0, 1280, 720, 25.0, "avc")
AGREED = {"who": "王芳", "when": "2026-11-21", "voice": True, "face": True, "adult": True, "text": "v1"}
ALL = ("story.mp4", "voice.wav", "photo.jpg", "consent.json")


def inbox(*files: str) -> list[Upload]:
    return [parse_upload(f"inbox/bear/{file}") for file in files]


def of_mum(*files: str) -> list[Upload]:
    return [parse_upload(f"narrators/mum/{file}") for file in files]


def options_of(**values: object) -> Options:
    return read_options(json.dumps(values).encode())


def refusal(act: Any, *args: Any, **facts: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        act(*args, **facts)
    return caught.value


# --- the set


def complete(found: Complete | Missing) -> Complete:
    assert isinstance(found, Complete)
    return found


@given(st.permutations(ALL))
def test_the_last_file_completes_the_set_in_whatever_order_they_come(files: list[str]) -> None:
    for count in range(len(files)):
        assert isinstance(collect(inbox(*files[:count]), None, consent_required=True), Missing)

    found = complete(collect(inbox(*files), None, consent_required=True))
    assert sorted(upload.file for upload in found.uploads.values()) == sorted(ALL)


PARENT = ("voice.wav", "photo.jpg", "consent.json")


def of(name: str, *files: str) -> list[Upload]:
    return [parse_upload(f"narrators/{name}/{file}") for file in files]


def test_everybody_whom_the_cast_names_brings_their_own_files() -> None:
    wanted = options_of(narrator="mum", cast={"papa": [2]})
    theirs = {"papa": of("papa", "portrait.mp4", *PARENT)}
    own = inbox("story.mp4")
    found = complete(collect(own, wanted, consent_required=True, of_narrator=of_mum(*PARENT), of_readers=theirs))

    assert wanted.readers == ("papa",)
    assert {upload.key for upload in found.of_readers["papa"].values()} == {
        f"narrators/papa/{file}" for file in ("portrait.mp4", *PARENT)
    }


@pytest.mark.parametrize(
    ("files", "code", "names"),
    [
        ((), "narrator.unknown", None),
        (("voice.wav", "photo.jpg"), "narrator.incomplete", "consent"),
        (("portrait.mp4",), "narrator.incomplete", "voice, consent"),
    ],
)
def test_somebody_in_the_cast_who_is_not_saved_or_did_not_agree_is_named(
    files: tuple[str, ...], code: str, names: str | None
) -> None:
    wanted = options_of(narrator="mum", cast={"papa": [2]})
    error = refusal(
        collect,
        inbox("story.mp4"),
        wanted,
        consent_required=True,
        of_narrator=of_mum(*PARENT),
        of_readers={"papa": of("papa", *files)},
    )

    assert (error.code, error.fields.get("name"), error.fields.get("names")) == (code, "papa", names)


def test_of_parents_who_take_turns_the_first_is_the_storys_own_unless_another_is_named() -> None:
    turns = ["mama", "papa"]

    assert options_of(cast={"alternate": turns}).narrator == "mama"
    assert options_of(cast={"alternate": turns}, narrator="papa").readers == ("mama",)
    assert read_options(write_options(options_of(cast={"alternate": turns}))) == options_of(cast={"alternate": turns})
    assert refusal(options_of, cast={"alternate": turns}, narrator="nana").code == "options.value"


def test_what_is_missing_is_named() -> None:
    assert collect([], None, consent_required=True) == Missing(("film", "voice", "photo", "consent"))
    assert collect(inbox("voice.mp3"), None, consent_required=False) == Missing(("film", "photo"))


def test_consent_is_waited_for_only_where_it_is_required() -> None:
    assert collect(inbox(*ALL[:3]), None, consent_required=True) == Missing(("consent",))
    assert complete(collect(inbox(*ALL[:3]), None, consent_required=False)).options == Options()


def test_a_consent_that_is_not_required_is_kept_with_the_set() -> None:
    assert Asset.CONSENT in complete(collect(inbox(*ALL), None, consent_required=False)).uploads


def test_files_named_in_the_options_are_waited_for() -> None:
    wanted = options_of(assets=["captions", "music"])

    assert collect(inbox(*ALL, "job.json"), wanted, consent_required=True) == Missing(("captions", "music"))
    found = complete(collect(inbox(*ALL, "job.json", "captions.srt", "music.mp3"), wanted, consent_required=True))
    assert found.options.music == "replace"
    assert {Asset.OPTIONS, Asset.CAPTIONS, Asset.MUSIC} <= found.uploads.keys()


def test_new_music_that_is_asked_for_is_waited_for() -> None:
    assert collect(inbox(*ALL), options_of(music="replace"), consent_required=True) == Missing(("music",))


def test_given_music_replaces_the_films_own_unless_none_is_wanted() -> None:
    files = inbox(*ALL, "music.mp3")

    assert complete(collect(files, None, consent_required=True)).options.music == "replace"
    assert complete(collect(files, options_of(music="none"), consent_required=True)).options.music == "none"
    assert complete(collect(inbox(*ALL), None, consent_required=True)).options.music == "keep"


def test_a_film_of_the_parent_completes_the_set_without_a_photo_and_is_kept_beside_one() -> None:
    files = [*ALL[:2], "consent.json", "portrait.mp4"]

    found = complete(collect(inbox(*files), None, consent_required=True)).uploads
    assert {asset.value for asset in found} == {"film", "voice", "consent", "portrait"}
    both = complete(collect(inbox(*files, "photo.png"), None, consent_required=True)).uploads
    assert {Asset.PHOTO, Asset.PORTRAIT} <= both.keys()


def test_a_narrators_files_are_used_instead_of_the_jobs_own() -> None:
    files = inbox("story.mp4", "voice.mp3", "captions.srt")
    mum = of_mum("voice.wav", "photo.png", "consent.json")

    found = complete(collect(files, options_of(narrator="mum"), consent_required=True, of_narrator=mum))

    assert {asset.value: upload.key for asset, upload in found.uploads.items()} == {
        "film": "inbox/bear/story.mp4",
        "captions": "inbox/bear/captions.srt",
        "voice": "narrators/mum/voice.wav",
        "photo": "narrators/mum/photo.png",
        "consent": "narrators/mum/consent.json",
    }


def test_an_unfinished_narrator_is_waited_for_and_an_unknown_one_refused() -> None:
    mum = options_of(narrator="mum")

    assert collect([], mum, consent_required=True) == Missing(("film", "voice", "photo", "consent"))
    assert collect(inbox("story.mp4"), mum, consent_required=True, of_narrator=of_mum("voice.wav")) == Missing(
        ("photo", "consent")
    )
    refused = refusal(collect, inbox(*ALL), mum, consent_required=True)
    assert (refused.code, refused.fields) == ("narrator.unknown", {"name": "mum"})


def test_a_narrators_files_do_not_count_for_a_job_that_names_none() -> None:
    found = collect(inbox("story.mp4"), None, consent_required=False, of_narrator=of_mum("voice.wav", "photo.png"))

    assert found == Missing(("voice", "photo"))


@pytest.mark.parametrize("files", [("voice.wav", "voice.mp3"), ("photo.jpg", "photo.png", "photo.jpeg")])
def test_the_same_kind_of_file_twice_is_refused_by_name(files: tuple[str, ...]) -> None:
    refused = refusal(collect, inbox("story.mp4", *files), None, consent_required=True)

    assert (refused.code, refused.fields) == ("key.twice", {"names": ", ".join(sorted(files))})
    narrated = refusal(collect, [], options_of(narrator="mum"), consent_required=True, of_narrator=of_mum(*files))
    assert narrated.code == "key.twice"


# --- job.json


def test_no_options_are_the_defaults() -> None:
    assert read_options(b"{}") == Options() == options_of(narrator=None)


def test_every_option_is_read() -> None:
    said: dict[str, object] = {
        "narrator": "mum",
        "family": "wang-2",
        "assets": ["captions"],
        "language": "en",
        "style": "calm",
        "ratio": "3:4",
        "corner": "bottom-left",
        "portrait_size": 0.4,
        "burn_captions": True,
        "music": "none",
        "engines": ["wan-s2v", "still"],
        "cap_yuan": 12.5,
    }

    options = read_options(b"\xef\xbb\xbf" + json.dumps(said).encode())

    assert said == {
        name: list(value) if isinstance(value, tuple) else value for name in said for value in [getattr(options, name)]
    }


OPTIONS = st.builds(
    Options,
    narrator=st.none() | st.from_regex(r"[a-z0-9]{1,20}", fullmatch=True),
    family=st.from_regex(r"[a-z0-9]{1,20}", fullmatch=True),
    assets=st.lists(st.sampled_from(["captions", "music"]), unique=True).map(tuple),
    language=st.sampled_from(["zh", "en"]),
    portrait_size=st.floats(0.15, 0.5),
    burn_captions=st.booleans(),
    engines=st.lists(st.sampled_from(sorted(ENGINES)), unique=True).map(tuple),
    cap_yuan=st.floats(0, 10_000),
)


@given(OPTIONS)
def test_options_are_read_back_as_they_were_written(options: Options) -> None:
    assert read_options(write_options(options)) == options


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("narrator", "Mum"),
        ("narrator", ""),
        ("narrator", "../x"),
        ("narrator", 7),
        ("family", None),
        ("assets", "captions"),
        ("assets", ["voice"]),
        ("assets", [["captions"]]),
        ("assets", ["music", "music"]),
        ("language", "fr"),
        ("language", ["zh"]),
        ("style", "subtle"),
        ("ratio", "16:9"),
        ("corner", "middle"),
        ("portrait_size", 0.1),
        ("portrait_size", 0.51),
        ("portrait_size", True),
        ("portrait_size", "0.3"),
        ("portrait_size", float("nan")),
        ("burn_captions", 1),
        ("music", "loud"),
        ("engines", ["magic"]),
        ("cap_yuan", -1),
        ("cap_yuan", 10_001),
        ("cap_yuan", True),
        ("cap_yuan", "5"),
        ("engines", None),
        ("engines", {"emo": 1}),
    ],
)
def test_a_wrong_value_is_refused_with_its_rule(name: str, value: object) -> None:
    refused = refusal(read_options, json.dumps({name: value}).encode())

    assert refused.code == "options.value"
    assert refused.fields["name"] == name
    assert refused.fields["rule"]


def test_an_unknown_option_is_named_beside_the_known_ones() -> None:
    refused = refusal(read_options, '{"vioce": "mum", "语言": 1}'.encode())

    assert refused.code == "options.unknown"
    assert refused.fields["name"] == "vioce"
    assert "narrator" in str(refused.fields["known"])


def test_half_a_surrogate_in_a_name_can_still_be_written_down() -> None:
    refused = refusal(read_options, b'{"\\ud800x": 1}')

    assert refused.sentence.zh.encode()
    assert refused.fields["name"] == "?x"


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe{}", b"{'a': 1}", b"[" * OPTIONS_BYTES_MAX, b'{"a":' * 10_000],
)
def test_what_is_no_json_object_is_refused(data: bytes) -> None:
    refused = refusal(read_options, data)

    assert refused.code == "options.not_json"
    assert refused.fields["why"]


def test_too_large_a_file_of_options_is_refused_unread() -> None:
    refused = refusal(read_options, b" " * (OPTIONS_BYTES_MAX + 1))

    assert (refused.code, refused.fields) == ("options.too_large", {"limit": 64})


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from([*sorted(Options.__dataclass_fields__), "who", "when", "voice", "face", "text"])


@given(st.binary(max_size=60) | st.dictionaries(NAMES, JSON, max_size=4).map(lambda found: json.dumps(found).encode()))
def test_any_bytes_are_options_and_a_consent_or_refusals(data: bytes) -> None:
    for read in (read_options, read_consent):
        try:
            found = read(data)
        except Refused as refused:
            assert refused.sentence.zh.encode()  # noqa: PT017  a value or a refusal that can be shown, nothing else
            continue
        if isinstance(found, Options):
            assert read_options(write_options(found)) == found


# --- consent.json


def consent_of(**changes: object) -> bytes:
    return json.dumps({**AGREED, **changes}).encode()


def test_a_consent_says_who_agreed_when_and_to_what() -> None:
    assert read_consent(consent_of(who=" 王芳 ", phone="1")) == Consent("王芳", "2026-11-21", "v1", True, True)
    assert read_consent(consent_of(text="a\nb\ud800")).text == "a\nb?"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"voice": False}, "voice: true"),
        ({"face": False}, "face: true"),
        ({"face": "true"}, "face: true"),
        ({"voice": 1, "face": None}, "voice: true, face: true"),
        ({"adult": False}, "adult: true"),
        ({"adult": None, "text": None}, "adult: true, text"),
        ({"text": " "}, "text"),
        ({"who": " "}, "who"),
        ({"who": None}, "who"),
        ({"who": "x" * 300}, "who"),
        ({"who": "a\x00b"}, "who"),
        ({"when": "yesterday"}, "when: YYYY-MM-DD"),
        ({"when": "2026-02-30"}, "when: YYYY-MM-DD"),
        ({"when": 20261121}, "when: YYYY-MM-DD"),
        ({"who": "", "when": "", "voice": 0, "face": 0}, "who, when: YYYY-MM-DD, voice: true, face: true"),
    ],
)
def test_a_consent_lacking_anything_is_refused_and_says_what(changes: dict[str, object], why: str) -> None:
    refused = refusal(read_consent, consent_of(**changes))

    assert (refused.code, refused.fields) == ("consent.incomplete", {"why": why})


@pytest.mark.parametrize("when", ["2026-11-21T10:00", "2026-11-21T10:00:00Z", "2026-11-21 10:00:00.123+08:00"])
def test_the_day_of_a_consent_may_come_with_a_time(when: str) -> None:
    assert read_consent(consent_of(when=when)).when == when


@pytest.mark.parametrize("data", [b"", b"[]", b"[" * 60_000, b" " * (OPTIONS_BYTES_MAX + 1)])
def test_what_is_no_consent_at_all_is_refused(data: bytes) -> None:
    assert refusal(read_consent, data).code == "consent.incomplete"


# --- the files

FILM = FileFacts("mp4", MB, 60.0, 1920, 1080, 25.0, "avc")
VOICE = {"container": "wav", "seconds": 15.0, "sample_rate": 24_000, "bits": 16, "size": MB, "voiced_ms": 12_000}
PHOTO = {"container": "jpeg", "width": 1000, "height": 1400, "size": MB}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"container": "mov"}, "film.not_mp4"),
        ({"container": ""}, "film.not_mp4"),
        ({"video_codec": "", "width": 0, "height": 0}, "film.no_video"),
        ({"seconds": 0.0}, "film.no_video"),
        ({"seconds": float("nan")}, "film.no_video"),
        ({"video_codec": "mpeg-4 visual"}, "film.codec"),
        ({"video_codec": "av1"}, "film.codec"),
        ({"height": 100}, "film.resolution"),
        ({"width": 5000}, "film.resolution"),
        ({"width": 3000, "height": 2200}, "film.resolution"),
        ({"seconds": 1800.5}, "film.too_long"),
        ({"size": 2048 * MB + 1}, "film.too_large"),
    ],
)
def test_a_film_outside_the_rules_is_refused(changes: dict[str, Any], code: str) -> None:
    assert refusal(check_film, replace(FILM, **changes), has_audio=True).code == code


def test_a_film_without_sound_is_refused() -> None:
    assert refusal(check_film, FILM, has_audio=False).code == "film.no_audio"


def test_a_film_whose_pixels_are_not_square_is_refused() -> None:
    refused = refusal(check_film, FILM, has_audio=True, pixel_ratio=1.4222)

    assert (refused.code, refused.fields) == ("film.pixels", {"ratio": "1.42"})


def test_a_film_within_the_rules_passes_upright_or_not() -> None:
    check_film(FILM, has_audio=True)
    check_film(replace(FILM, width=1080, height=1920), has_audio=True)
    check_film(replace(FILM, video_codec="hevc"), has_audio=True)
    check_film(FILM, has_audio=True, pixel_ratio=1.0006)
    limits = FilmLimits(seconds=59)
    assert refusal(check_film, FILM, has_audio=True, limits=limits).fields == {"seconds": 60, "limit": 59}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"container": "ogg"}, "voice.format"),
        ({"bits": 24}, "voice.format"),
        ({"size": 10 * MB + 1}, "voice.too_large"),
        ({"sample_rate": 8000}, "voice.sample_rate"),
        ({"seconds": 4.9}, "voice.too_short"),
        ({"seconds": float("nan")}, "voice.too_short"),
        ({"seconds": 60.1}, "voice.too_long"),
        ({"voiced_ms": 2990}, "voice.silent"),
    ],
)
def test_a_sample_outside_the_rules_is_refused(changes: dict[str, Any], code: str) -> None:
    assert refusal(check_voice, **{**VOICE, **changes}).code == code


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"voiced_ms": None},
        {"container": "mp3", "bits": 0},
        {"container": "mp4", "bits": 24},
        {"bits": 0},
        {"seconds": 5.0},
        {"seconds": 60.0},
    ],
)
def test_a_sample_within_the_rules_passes(changes: dict[str, Any]) -> None:
    check_voice(**{**VOICE, **changes})


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"container": "heif"}, "photo.format"),
        ({"size": 10 * MB + 1}, "photo.too_large"),
        ({"width": 399}, "photo.resolution"),
        ({"height": 7001}, "photo.resolution"),
    ],
)
def test_a_photo_outside_the_rules_is_refused(changes: dict[str, Any], code: str) -> None:
    assert refusal(check_photo, **{**PHOTO, **changes}).code == code


@pytest.mark.parametrize("container", ["jpeg", "png", "bmp", "webp"])
def test_a_photo_within_the_rules_passes(container: str) -> None:
    check_photo(container=container, width=400, height=7000, size=10 * MB)


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"container": "webm"}, "format"),
        ({"seconds": 1.5}, "length"),
        ({"seconds": 121.0}, "length"),
        ({"width": 480}, "side"),
        ({"fps": 10.0}, "frame rate"),
        ({"video_codec": "vp9"}, "codec"),
    ],
)
def test_a_film_of_the_parent_outside_the_rules_is_refused(changes: dict[str, Any], what: str) -> None:
    refused = refusal(check_portrait, replace(PORTRAIT, **changes))

    assert (refused.code, refused.fields["name"], refused.fields["what"]) == ("request.file", "portrait.mp4", what)


def test_a_film_of_the_parent_within_the_rules_passes() -> None:
    check_portrait(PORTRAIT)


def test_music_is_an_mp3_of_bearable_size() -> None:
    check_music(container="mp3", seconds=120.0, size=MB)

    assert refusal(check_music, container="wav", seconds=120.0, size=MB).code == "music.format"
    assert refusal(check_music, container="mp3", seconds=0.0, size=MB).code == "music.format"
    assert refusal(check_music, container="mp3", seconds=120.0, size=51 * MB).code == "music.too_large"

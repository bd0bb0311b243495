"""What families put and operators set: keys, job.json, consent.json, captions, settings."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields
from typing import Any

from hypothesis import strategies as st

from shared.domain import cues, keys, manifest, requests, script
from shared.domain.errors import Refused
from shared.domain.keys import Asset, Owner
from shared.domain.options import Options, read_options, write_options
from shared.settings import PREFIX, Settings, SettingsError
from tests.fuzz.harness import Harness, check_error
from tests.fuzz.inputs import any_document, damaged, names, odd_texts

OPTIONS = json.loads(write_options(Options(narrator="mama", engines=("emo",), assets=("music",))))
REQUESTS: tuple[object, ...] = (
    {
        "model": "wan2.2-s2v",
        "input": {"image_url": "requests/photo.png", "audio_url": "https://example.com/a.wav"},
        "parameters": {"resolution": "480P"},
        "cap_yuan": 3.5,
        "family": "fox",
    },
    {
        "model": "emo-v1",
        "input": {"image_url": "requests/a.png", "audio_url": "requests/a.wav"},
        "deployed": {"emo-v1": "x"},
    },
)
CONSENT = {
    "who": "妈妈",
    "when": "2026-11-21T10:00:00+08:00",
    "voice": True,
    "face": True,
    "adult": True,
    "text": "我同意",
}

# --- keys


def _is_its_upload(key: str, found: keys.Upload) -> None:
    assert found.key == key
    assert key.startswith(f"{'inbox' if found.owner is Owner.INBOX else 'narrators'}/{found.name}/")


def _is_its_wake(key: str, found: keys.Wake) -> None:
    assert keys.wake(found.step, found.job, found.item) == key


def _is_its_making(key: str, found: keys.Made) -> None:
    assert keys.made(found.area, found.owner, found.name) == key


def _is_its_request(key: str, found: str) -> None:
    assert keys.request(found) == key


def _built(parts: tuple[str, str]) -> list[tuple[str, str]]:
    """Every key that can be built of two texts, with the prefix it was built for."""
    made = []
    for build, prefix in BUILDERS:
        with suppress(Refused):
            made.append((prefix, build(*parts)))
    return made


def _stays_under_its_prefix(parts: tuple[str, str], made: list[tuple[str, str]]) -> None:
    del parts
    for prefix, key in made:
        assert key.startswith(prefix), key
        assert not {"", ".", ".."} & set(key.removesuffix("/").split("/")), key
        assert key.isascii(), key
        assert key.isprintable(), key
        assert "\\" not in key
        assert len(key) <= keys.KEY_BYTES_MAX


BUILDERS: tuple[tuple[Callable[[str, str], str], str], ...] = (
    (lambda one, other: keys.upload(Owner.INBOX, one, Asset.FILM, other), "inbox/"),
    (lambda one, other: keys.upload(Owner.NARRATOR, one, Asset.VOICE, other), "narrators/"),
    (lambda one, _: keys.inbox(one), "inbox/"),
    (lambda one, _: keys.narrator(one), "narrators/"),
    (lambda one, _: keys.request(one), "requests/"),
    (lambda one, other: keys.wake("speak", one, other), "steps/speak/"),
    (keys.wake, "steps/"),
    (lambda one, other: keys.made(keys.JOBS, one, other), "jobs/"),
    (lambda one, other: keys.made(one, other, "a"), ""),
    (keys.job_speech, "jobs/"),
    (keys.job_clip, "jobs/"),
    (keys.job_evidence, "jobs/"),
    (lambda one, _: keys.stems(one), "jobs/"),
    (lambda one, _: keys.story_film(one), "stories/"),
    (lambda one, _: keys.story_error(one), "stories/"),
    (keys.result, "results/"),
)

# --- files


def _are_written_back(data: bytes, found: Options) -> None:
    del data
    assert read_options(write_options(found)) == found


def _is_written_back(data: bytes, found: requests.Request) -> None:
    del data
    assert requests.read(requests.write(found)) == found


def _request(data: bytes) -> requests.Request:
    try:
        return requests.read(data)
    except requests.Wrong as wrong:
        for problem in wrong.problems:
            check_error(problem)
        raise


def _are_in_order(data: object, found: cues.Reading) -> None:
    """Sorted, apart, never empty; and written and read again they are the same, without a repair."""
    del data
    end_ms = 0
    for cue in found.cues:
        assert cue.start_ms >= end_ms
        assert cue.end_ms > cue.start_ms
        assert cue.text.strip()
        end_ms = cue.end_ms
    if found.cues:
        assert cues.read_srt(cues.write_srt(found.cues).encode()) == cues.Reading(found.cues, ())


def _script(drawn: tuple[bytes, str, int, int]) -> script.Script:
    data, language, film_ms, limit_ms = drawn
    return script.write(data, language=language, film_ms=film_ms, limit_ms=limit_ms)


def _is_loaded_back(drawn: tuple[bytes, str, int, int], written: script.Script) -> None:
    assert script.load(script.dump(written)) == written
    assert all(segment.end_ms - segment.start_ms <= drawn[3] for segment in written.segments)


@st.composite
def captions(draw: Callable[..., Any]) -> bytes:
    """Captions of any shape: line by line, right and wrong ones mixed, in some encoding."""
    line = st.one_of(
        st.from_regex(r"\d{1,3}", fullmatch=True),
        st.from_regex(
            r"[0-9]{1,3}[:：]\d{1,2}[:.,]\d{1,3}([.,]\d{0,4})? ?-{0,3}> ?\d{1,4}:\d\d:\d\d[,.]\d{1,9}", fullmatch=True
        ),
        st.sampled_from(
            ["", "1", "00:00:01,000 --> 00:00:02,000", "00:00:00,000 --> 00:00:00,000", "99:59:59,999 --> 0:0:0"]
        ),
        st.sampled_from(
            [
                "从前有一只小狐狸。",
                "<i><b>{\\an8}text",
                "<<i>b>i>",
                "\\N\\h",
                "- [雨声] 你好",
                "♪ ♪",
                "\ufeff",
                "<" * 300,
            ]
        ),
        st.text(max_size=30),
    )
    text = draw(st.sampled_from(["\n", "\r\n", "\r", "\u2028"])).join(draw(st.lists(line, max_size=14)))
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-be", "big5"]))
    mark = draw(st.sampled_from([b"", codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF8]))
    return bytes(mark + text.encode(encoding, "replace"))


srt_files = st.one_of(
    captions(),
    damaged("1\n00:00:01,000 --> 00:00:02,500\n从前\n\n2\n1:2 --> 1:9\n很久".encode()),
    st.binary(max_size=300),
)


# --- settings

_settings = st.dictionaries(
    st.one_of(
        st.sampled_from([PREFIX + field.name.upper() for field in fields(Settings)]), odd_texts.map(PREFIX.__add__)
    ),
    st.one_of(
        odd_texts, st.integers().map(str), st.floats().map(str), st.sampled_from(["true", "0", "inf", "9" * 5000])
    ),
    max_size=6,
)

HARNESSES = (
    Harness("key-upload", names, keys.parse_upload, _is_its_upload),
    Harness("key-wake", names, keys.parse_wake, _is_its_wake),
    Harness("key-made", names, keys.parse_made, _is_its_making),
    Harness("key-request", names, keys.parse_request, _is_its_request),
    Harness("key-built", st.tuples(names, names), _built, _stays_under_its_prefix),
    Harness("options", any_document(OPTIONS, {"narrator": "mama"}, {}), read_options, _are_written_back),
    Harness("consent", any_document(CONSENT, {}), manifest.read_consent),
    Harness("request", any_document(*REQUESTS), _request, _is_written_back, (requests.Wrong,)),
    Harness("srt", srt_files, cues.read_srt, _are_in_order),
    Harness(
        "script",
        st.tuples(srt_files, st.sampled_from(["zh", "en"]), st.integers(1, 10_000_000), st.integers(3_000, 60_000)),
        _script,
        _is_loaded_back,
    ),
    Harness(
        "sentences",
        st.lists(st.tuples(st.integers(-(10**12), 10**12), st.integers(-(10**12), 10**12), odd_texts), max_size=8),
        cues.from_sentences,
        _are_in_order,
    ),
    Harness("settings", _settings, Settings.from_env, refuses=(SettingsError,)),
)

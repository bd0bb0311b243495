"""Every key is built from checked parts and read back into them; a hostile one is refused, never altered."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain import keys
from shared.domain.errors import Refused
from shared.domain.keys import EXTENSIONS, OF_A_NARRATOR, Asset, Made, Owner, Upload, Wake

IDS = st.from_regex(r"[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?", fullmatch=True)
ITEMS = st.from_regex(r"[0-9]{4}|[a-z]{2,16}", fullmatch=True)
STEPS = st.from_regex(r"[a-z]{2,32}", fullmatch=True)
FILES = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,8}(\.[a-z0-9]{1,4})?", fullmatch=True).filter(
    lambda name: name[-1] not in "_-."
)
UPLOADS = st.sampled_from(
    [(Owner.INBOX, asset, extension) for asset, extensions in EXTENSIONS.items() for extension in extensions]
    + [(Owner.NARRATOR, asset, extension) for asset in OF_A_NARRATOR for extension in EXTENSIONS[asset]]
)

PARSERS: list[Callable[[str], object]] = [keys.parse_upload, keys.parse_wake, keys.parse_request, keys.parse_made]
OF_A_JOB: list[Callable[[str], str]] = [
    keys.inbox,
    keys.job,
    keys.job_captions,
    keys.job_read_captions,
    keys.job_clean_captions,
    keys.job_script,
    keys.job_film,
    keys.job_mask,
    keys.stems,
    keys.story,
    keys.story_film,
    keys.story_captions,
    keys.story_cover,
    keys.story_status,
    keys.story_report,
    keys.story_error,
    lambda name: keys.job_take(name, 1, 1),
    lambda name: keys.job_speech(name, "0001"),
    lambda name: keys.job_clip(name, "0001"),
    lambda name: keys.job_evidence(name, "emo.json"),
    lambda name: keys.result(name, "video.mp4"),
    lambda name: keys.made(keys.JOBS, name, "a.b"),
    keys.narrator,
    keys.request,
    lambda name: keys.upload(Owner.INBOX, name, Asset.FILM, "mp4"),
    lambda name: keys.wake("speak", name),
]
HOSTILE_NAMES = [
    *("", ".", "..", "../x", "a/../b", "a/b", "/a", "a\\b", "a\x00", "a\n", "A", "故事", "a b", "-a", "a-", "a" * 49),
    *("a.b", "a%2e", "a\u202eb", "ａ", "a'", 'a"', "a$b", "a;b", "a|b", "*", "~"),
]
HOSTILE_KEYS = [
    *("", "/", "//", "inbox//story.mp4", "/inbox/a/story.mp4", "inbox/../stories/a/story.mp4", "inbox/./story.mp4"),
    *("inbox/a/", "inbox/a/..", "inbox/a\\story.mp4", "inbox/a/story\x00.mp4", "inbox/a/\n", "inbox/a/story.mp4\n"),
    *("inbox/a/故事.mp4", "inbox/A/story.mp4", "inbox/a b/story.mp4", "inbox/-a/story.mp4", "narrators/a./voice.wav"),
    *("inbox/a/" + "x" * 1020, "inbox/a/\x7f", "inbox/a/\u202e4pm.story", "inbox/a/story.mp4/.."),
]


def refusal(act: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as caught:
        act()
    return caught.value


def test_keys_are_those_of_the_design() -> None:
    assert [
        keys.upload(Owner.INBOX, "bear-7", Asset.FILM, "mp4"),
        keys.upload(Owner.INBOX, "bear-7", Asset.OPTIONS, "json"),
        keys.upload(Owner.NARRATOR, "mum", Asset.VOICE, "m4a"),
        keys.wake("script", "bear-7"),
        keys.wake("animate", "bear-7", "0001"),
        keys.job_speech("bear-7", "0001"),
        keys.job_clip("bear-7", "0012"),
        keys.job_take("bear-7", 3, 2),
        keys.story_film("bear-7"),
        keys.request("r1"),
        keys.result("r1", "video.mp4"),
    ] == [
        "inbox/bear-7/story.mp4",
        "inbox/bear-7/job.json",
        "narrators/mum/voice.m4a",
        "steps/script/bear-7.json",
        "steps/animate/bear-7/0001.json",
        "jobs/bear-7/speech/0001.wav",
        "jobs/bear-7/clips/0012.mp4",
        "jobs/bear-7/takes/0003-2.wav",
        "stories/bear-7/story.mp4",
        "requests/r1.json",
        "results/r1/video.mp4",
    ]


@given(UPLOADS, IDS)
def test_an_upload_is_read_back_from_its_key(kind: tuple[Owner, Asset, str], name: str) -> None:
    owner, asset, extension = kind

    key = keys.upload(owner, name, asset, extension)

    assert keys.parse_upload(key) == Upload(owner, name, asset, extension)
    assert keys.parse_upload(key).key == key


@given(STEPS, IDS, st.just("") | ITEMS)
def test_a_wake_is_read_back_from_its_key(step: str, job: str, item: str) -> None:
    assert keys.parse_wake(keys.wake(step, job, item)) == Wake(step, job, item)


@given(IDS.filter(lambda name: len(name) <= 39))
def test_a_request_is_read_back_from_its_key(request_id: str) -> None:
    assert keys.parse_request(keys.request(request_id)) == request_id


@given(
    st.sampled_from([keys.JOBS, keys.STORIES, keys.RESULTS]), IDS, st.lists(FILES, min_size=1, max_size=4).map("/".join)
)
def test_what_we_make_is_read_back_from_its_key_and_stays_under_its_prefix(area: str, owner: str, name: str) -> None:
    key = keys.made(area, owner, name)

    assert keys.parse_made(key) == Made(area, owner, name)
    assert key.startswith(f"{area}{owner}/")


@pytest.mark.parametrize("name", HOSTILE_NAMES)
@pytest.mark.parametrize("build", OF_A_JOB)
def test_no_key_is_built_from_a_hostile_name(build: Callable[[str], str], name: str) -> None:
    assert refusal(lambda: build(name)).code == "key.hostile"


BUILDERS: list[Callable[[str], str]] = [
    lambda text: keys.made(keys.STORIES, "a", text),
    lambda text: keys.result("a", text),
    lambda text: keys.job_evidence("a", text),
    lambda text: keys.made(text, "a", "b"),
    lambda text: keys.wake("speak", "a", text),
    lambda text: keys.wake(text, "a"),
]


@given(st.text(max_size=60) | st.text(alphabet="ab./_-0", max_size=12), st.sampled_from(BUILDERS))
def test_a_built_key_never_leaves_its_prefix_whatever_it_is_built_from(text: str, build: Callable[[str], str]) -> None:
    try:
        key = build(text)
    except Refused as refused:
        key = refused.code

    assert key == "key.hostile" or key.startswith(("stories/a/", "results/a/", "jobs/a/evidence/", "steps/"))
    assert ".." not in key
    assert key.isascii()


@pytest.mark.parametrize(
    "name", ["..", "a/../b", "a//b", "a/", "/a", ".a", "a.", "a..b", "A.mp4", "a b", "a/b/c/d/e", ""]
)
def test_a_file_name_of_ours_is_held_to_the_same_rules(name: str) -> None:
    assert refusal(lambda: keys.result("r1", name)).code == "key.hostile"


@pytest.mark.parametrize("area", ["inbox/", "steps/", "jobs", "", "../jobs/"])
def test_we_make_nothing_outside_our_own_areas(area: str) -> None:
    assert refusal(lambda: keys.made(area, "a", "b")).code == "key.hostile"


@pytest.mark.parametrize("key", HOSTILE_KEYS)
def test_a_hostile_upload_is_refused(key: str) -> None:
    assert refusal(lambda: keys.parse_upload(key)).code == "key.hostile"


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("inbox/a/film.mp4", "film.mp4"),
        ("inbox/a/Story.mp4", "Story.mp4"),
        ("inbox/a/story.mov", "story.mov"),
        ("inbox/a/story.mp4.txt", "story.mp4.txt"),
        ("inbox/a/my story (1).mp4", "my story (1).mp4"),
        ("inbox/a/sub/story.mp4", "sub/story.mp4"),
        ("inbox/story.mp4", "inbox/story.mp4"),
        ("narrators/mum/story.mp4", "story.mp4"),
        ("stories/a/story.mp4", "stories/a/story.mp4"),
        ("x", "x"),
    ],
)
def test_a_file_nobody_knows_is_named_in_the_refusal(key: str, name: str) -> None:
    refused = refusal(lambda: keys.parse_upload(key))

    assert (refused.code, refused.fields) == ("key.unknown", {"name": name})
    assert name in refused.sentence.zh


def test_a_narrator_has_no_film() -> None:
    assert refusal(lambda: keys.upload(Owner.NARRATOR, "mum", Asset.FILM, "mp4")).code == "key.unknown"
    assert refusal(lambda: keys.upload(Owner.INBOX, "a", Asset.FILM, "mov")).code == "key.unknown"


def test_an_empty_folder_shown_by_a_console_is_told_apart() -> None:
    assert keys.is_folder("inbox/a/")
    assert not keys.is_folder("inbox/a/story.mp4")


@pytest.mark.parametrize(
    ("parse", "key", "code"),
    [
        (keys.parse_wake, "steps/speak/a", "key.unknown"),
        (keys.parse_wake, "steps/speak.json", "key.unknown"),
        (keys.parse_wake, "steps/speak/a/0001/x.json", "key.unknown"),
        (keys.parse_wake, "jobs/speak/a.json", "key.unknown"),
        (keys.parse_wake, "steps/speak/a/1.json", "key.hostile"),
        (keys.parse_wake, "steps/speak/A.json", "key.hostile"),
        (keys.parse_wake, "steps/Speak/a.json", "key.hostile"),
        (keys.parse_wake, "steps/speak/a.b.json", "key.hostile"),
        (keys.parse_wake, "steps/speak/.json", "key.hostile"),
        (keys.parse_request, "requests/a", "key.unknown"),
        (keys.parse_request, "requests/a/b.json", "key.unknown"),
        (keys.parse_request, "inbox/a.json", "key.unknown"),
        (keys.parse_request, "requests/A.json", "key.hostile"),
        (keys.parse_made, "jobs/a", "key.unknown"),
        (keys.parse_made, "inbox/a/story.mp4", "key.unknown"),
        (keys.parse_made, "jobs/A/x", "key.hostile"),
        (keys.parse_made, "jobs/a/x/../y", "key.hostile"),
        (keys.parse_made, "jobs/a/X", "key.hostile"),
    ],
)
def test_a_key_of_the_wrong_shape_is_refused(parse: Callable[[str], object], key: str, code: str) -> None:
    assert refusal(lambda: parse(key)).code == code


@given(st.text(max_size=80) | st.text(alphabet="abinostey/.-_0139 \\A", max_size=60))
def test_any_text_is_refused_or_is_exactly_the_key_it_says(text: str) -> None:
    for prefix in ("", "inbox/a/", "narrators/", "steps/speak/", "jobs/a/", "requests/"):
        for parse in PARSERS:
            try:
                found = parse(prefix + text)
            except Refused:
                continue
            assert prefix + text == rebuilt(found)


def rebuilt(found: object) -> str:
    if isinstance(found, Upload):
        return keys.upload(found.owner, found.name, found.asset, found.extension)
    if isinstance(found, Wake):
        return keys.wake(found.step, found.job, found.item)
    if isinstance(found, Made):
        return keys.made(found.area, found.owner, found.name)
    return keys.request(str(found))


@pytest.mark.parametrize(
    ("stems", "music"),
    [
        (["x/1-vocal.wav", "x/1-accompaniment.wav"], "x/1-accompaniment.wav"),
        (["x/vocals.wav", "x/no_vocals.wav"], "x/no_vocals.wav"),
        (["x/Instrumental.mp3"], "x/Instrumental.mp3"),
        (["x/musicdemix-voice.wav", "x/musicdemix-other.wav"], "x/musicdemix-other.wav"),
        (["x/voice.wav", "x/zzz.wav"], "x/zzz.wav"),
        (["x/voice.wav"], ""),
        (["x/a.wav", "x/b.wav"], ""),
        (["music/vocals.wav"], ""),
        ([], ""),
    ],
)
def test_the_music_is_found_among_separated_stems_by_its_name(stems: list[str], music: str) -> None:
    assert keys.music_of(stems) == music


def test_a_request_is_a_job_whose_name_no_story_may_have() -> None:
    job = keys.request_job("cat")

    assert keys.request_of(job) == "cat"
    assert keys.request_of("cat") == ""
    assert keys.error(job) == "results/cat/error.json"
    assert keys.error("cat") == "stories/cat/error.json"
    assert keys.job_request(job) == "jobs/request--cat/request.json"
    assert refusal(lambda: keys.parse_upload(f"inbox/{job}/story.mp4")).code == "key.hostile"
    assert refusal(lambda: keys.parse_request(f"requests/{'a' * 48}.json")).code == "key.hostile"
    assert refusal(lambda: keys.input_key("folder/")).code == "key.hostile"
    assert keys.input_key("requests/a/b.png") == "requests/a/b.png"


# --- editions


def test_a_corrected_story_lies_in_a_folder_of_its_own_beside_the_first() -> None:
    assert keys.edition("fox", 1) == "fox"
    assert keys.edition("fox", 2) == "fox.v2"
    assert keys.story("fox.v2") == "stories/fox/v2/"
    assert keys.story_film("fox.v12") == "stories/fox/v12/story.mp4"
    assert keys.job("fox.v2") == "jobs/fox.v2/"
    assert keys.parse_wake(keys.wake("speak", "fox.v2", "0001")) == keys.Wake("speak", "fox.v2", "0001")


@pytest.mark.parametrize("job_id", ["fox", "fox.v1", "fox.v01", "fox.v100", "fox-v2"])
def test_what_looks_like_an_edition_is_none(job_id: str) -> None:
    assert keys.edition_of(job_id) == (job_id, 1)


@pytest.mark.parametrize("number", [0, 100])
def test_there_is_an_end_to_editions(number: int) -> None:
    with pytest.raises(Refused, match=r"key\.hostile"):
        keys.edition("fox", number)


def test_nobody_uploads_under_the_name_of_an_edition() -> None:
    with pytest.raises(Refused, match=r"key\.hostile"):
        keys.parse_upload("inbox/fox.v2/story.mp4")


@pytest.mark.parametrize(
    ("name", "is_kept"),
    [
        ("script.json", True),
        ("takes/0001-1.wav", True),
        ("clips/0001.mp4", True),
        ("stems/a.wav", True),
        ("speech/0001.wav", True),
        ("story.mp4", False),
        ("captions.srt", False),
        ("evidence/a.json", False),
    ],
)
def test_what_a_correction_need_not_buy_again_is_kept(name: str, is_kept: bool) -> None:
    assert keys.is_for_corrections("fox", f"jobs/fox/{name}") is is_kept

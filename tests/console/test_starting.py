"""A family starts a story: what it may ask for, and how its files get to the bucket."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

import pytest

from shared.console import sessions, starting
from shared.domain.job import JobState
from shared.domain.keys import Asset, Owner, upload
from shared.ports import Bucket, Place
from tests.console.house import House, Visitor, told
from tests.console.telling import CONSENT, FILES, asked, begin
from tests.stage import CAPTIONS
from tests.toys import toy_film, toy_png

LARGE = 17 * 1024 * 1024


def options_of(house: House, job_id: str) -> dict[str, Any]:
    place = Place(Bucket.INPUT, upload(Owner.INBOX, job_id, Asset.OPTIONS, "json"))
    found: dict[str, Any] = json.loads(house.stage.world.objects.read(place))
    return found


def test_files_uploaded_from_the_browser_become_a_story(house: House, family: Visitor) -> None:
    job_id = begin(family)
    house.stage.run()

    assert house.stage.job(job_id).state is JobState.DONE
    assert house.stage.job(job_id).family == "lin"


def test_a_story_belongs_to_the_family_whatever_the_browser_says(house: House, family: Visitor) -> None:
    job_id = begin(family, options={"family": "wang", "narrator": "wang--papa", "language": "zh"})

    assert options_of(house, job_id) == {"family": "lin", "quote": "wait", "language": "zh"}


def test_only_what_the_page_offers_can_be_set(house: House, family: Visitor) -> None:
    job_id = begin(family, options={"engines": ["emo"], "corner": "bottom-left", "portrait_size": 0.2})

    wished = {"corner": "bottom-left", "portrait_size": 0.2}
    assert options_of(house, job_id) == {"family": "lin", "quote": "wait", **wished}


@pytest.mark.parametrize(("name", "value"), [("corner", "middle"), ("portrait_size", 3), ("language", "fr")])
def test_a_wish_that_cannot_be_is_refused_in_both_languages(family: Visitor, name: str, value: object) -> None:
    answer = family.post("/stories", asked(options={name: value}))

    assert answer.status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert told(answer)["code"] == "options.value"
    assert name in told(answer)["zh"]
    assert name in told(answer)["en"]


@pytest.mark.parametrize("tick", ["voice", "face", "adult"])
@pytest.mark.parametrize("value", [False, "true", 1, None])
def test_without_each_tick_nothing_begins(house: House, family: Visitor, tick: str, value: object) -> None:
    answer = family.post("/stories", asked(consent={**CONSENT, tick: value}))

    assert told(answer)["code"] == "consent.incomplete"
    assert house.stage.world.objects.listing(Bucket.INPUT, "inbox/") == []


def test_the_consent_says_when_by_our_clock_and_to_which_words(house: House, family: Visitor) -> None:
    job_id = begin(family, consent={**CONSENT, "when": "1999-01-01", "text": "nothing"})
    place = Place(Bucket.INPUT, upload(Owner.INBOX, job_id, Asset.CONSENT, "json"))
    found = json.loads(house.stage.world.objects.read(place))

    assert found["when"] > "2026"
    assert found["text"] == starting.TEXT_VERSION


REFUSED = [
    ("film", "mp4", 0, "film.too_large"),
    ("film", "mp4", 3 * 1024**3, "film.too_large"),
    ("photo", "png", 11 * 1024**2, "photo.too_large"),
    ("voice", "wav", 11 * 1024**2, "voice.too_large"),
    ("film", "mov", 1, "key.unknown"),
    ("film", "png", 1, "key.unknown"),
    ("poem", "txt", 1, "key.unknown"),
    ("options", "json", 1, "key.unknown"),
    ("consent", "json", 1, "key.unknown"),
    ("film", "mp4", "1", "key.unknown"),
]


@pytest.mark.parametrize(("asset", "extension", "size", "code"), REFUSED)
def test_a_file_that_will_not_do_gets_no_ticket(
    family: Visitor, asset: str, extension: str, size: object, code: str
) -> None:
    answer = family.post("/stories", asked() | {"files": [{"asset": asset, "extension": extension, "size": size}]})

    assert told(answer)["code"] == code


def test_a_ticket_is_for_one_key_one_type_and_one_size(house: House, family: Visitor) -> None:
    ticket = told(family.post("/stories", asked()))["tickets"][0]
    form, body = ticket["form"], FILES["photo"][1]

    def with_field(name: str, value: str) -> dict[str, Any]:
        return {**form, "fields": {**form["fields"], name: value}}

    assert house.post_form(form, body + b"more") == HTTPStatus.BAD_REQUEST
    assert house.post_form(with_field("key", "narrators/wang--papa/photo.png"), body) == HTTPStatus.FORBIDDEN
    assert house.post_form(with_field("Content-Type", "text/html"), body) == HTTPStatus.FORBIDDEN
    assert house.post_form(form, body) == HTTPStatus.NO_CONTENT
    house.stage.timing.run(starting.TICKET_S + 1)
    assert house.post_form(form, body) == HTTPStatus.FORBIDDEN


def test_a_large_film_goes_up_in_parts_and_goes_on_where_it_stopped(house: House, family: Visitor) -> None:
    film = toy_film(10.0, CAPTIONS)
    film += _free(LARGE)
    files = {**FILES, "film": ("mp4", film)}
    begun = told(family.post("/stories", asked(files)))
    job_id, tickets = begun["job"], {one["asset"]: one for one in begun["tickets"]}
    for name in ("photo", "voice"):
        assert house.post_form(tickets[name]["form"], files[name][1]) == HTTPStatus.NO_CONTENT
    ticket = tickets["film"]
    size, told_of = ticket["part_bytes"], {name: ticket[name] for name in ("asset", "extension", "upload")}
    count = -(-len(film) // size)

    _put_parts(family, job_id, told_of, film, [1])
    left = told(family.post(f"/stories/{job_id}/parts", {**told_of, "numbers": []}))["arrived"]
    assert left == {"1": size}
    _put_parts(family, job_id, told_of, film, list(range(2, count + 1)))
    assert told(family.post(f"/stories/{job_id}/complete", told_of))["size"] == len(film)

    house.stage.timing.run(5.0)
    family.post(f"/stories/{job_id}/yes")
    house.stage.run()
    assert house.stage.job(job_id).state is JobState.DONE


def _free(count: int) -> bytes:
    """A box of an mp4 that means nothing."""
    return count.to_bytes(4, "big") + b"free" + bytes(count - 8)


def _put_parts(family: Visitor, job_id: str, told_of: dict[str, str], film: bytes, numbers: list[int]) -> None:
    urls = told(family.post(f"/stories/{job_id}/parts", {**told_of, "numbers": numbers}))["urls"]
    size = starting.PART_BYTES
    for number, url in zip(numbers, urls, strict=True):
        assert family.house.put(url, film[(number - 1) * size : number * size]) == HTTPStatus.OK


def test_nothing_is_bought_before_the_family_has_seen_the_cost_and_said_yes(house: House, family: Visitor) -> None:
    job_id = begin(family, says_yes=False)
    house.stage.run(600.0)
    page = family.get(f"/stories/{job_id}").body.decode()

    assert house.stage.job(job_id).state is JobState.ASKED
    assert house.stage.charges() == []
    assert 'id="yes"' in page
    quote = json.loads(house.stage.output(f"stories/{job_id}/quote.json"))
    assert f"大约 {quote['low_yuan']} 到 {quote['high_yuan']} 元" in page
    assert "yes.json" not in page
    family.post(f"/stories/{job_id}/yes")
    house.stage.run()
    assert house.stage.job(job_id).state is JobState.DONE


def test_a_refused_photo_is_replaced_and_the_story_goes_on(house: House, family: Visitor) -> None:
    job_id = begin(family, {**FILES, "photo": ("png", toy_png(64, 64))})
    page = family.get(f"/stories/{job_id}").body.decode()
    assert "照片" in page
    assert house.stage.job(job_id).state is JobState.REFUSED

    asked_again = {"asset": "photo", "extension": "jpg", "size": len(toy_png())}
    ticket = told(family.post(f"/stories/{job_id}/files", asked_again))
    assert house.post_form(ticket["form"], toy_png()) == HTTPStatus.NO_CONTENT
    house.stage.timing.run(5.0)
    family.post(f"/stories/{job_id}/yes")
    house.stage.run()

    assert house.stage.job(job_id).state is JobState.DONE


def test_a_parent_is_kept_and_tells_the_next_story_too(house: House, family: Visitor) -> None:
    begin(family, narrator={"label": "mama", "is_new": True})
    house.stage.run()
    assert ">mama<" in family.get("/new").body.decode().replace("> mama<", ">mama<")

    second = begin(family, {"film": FILES["film"]}, narrator={"label": "mama", "is_new": False}, consent=None)
    house.stage.run()

    assert house.stage.job(second).state is JobState.DONE
    assert house.stage.job(second).options.narrator == "lin--mama"


def test_two_kept_parents_take_turns_and_what_was_read_is_listened_to(house: House, family: Visitor) -> None:
    for label in ("mama", "papa"):
        begin(family, narrator={"label": label, "is_new": True})
    house.stage.run()

    job_id = begin(
        family,
        {"film": FILES["film"]},
        narrator={"label": "mama", "is_new": False},
        consent=None,
        options={"listen": True},
        cast={"turns": ["papa"], "lines": {}, "original": []},
    )
    house.stage.run()

    wanted = options_of(house, job_id)
    assert (wanted["cast"], wanted["listen"]) == ({"alternate": ["lin--mama", "lin--papa"]}, True)
    assert house.stage.job(job_id).state is JobState.DONE
    report = house.stage.report(job_id)
    assert [reader["lines"] for reader in report["readers"]] == [1, 1]
    assert report["listening"]["asked"] is True


def test_captions_are_given_out_by_number(house: House, family: Visitor) -> None:
    job_id = begin(family, cast={"turns": [], "lines": {"papa": [2]}, "original": [1]})

    assert options_of(house, job_id)["cast"] == {"lin--papa": [2], "original": [1]}


@pytest.mark.parametrize(
    ("cast", "code"),
    [
        ({"turns": ["papa"]}, "cast.not_kept"),
        ({"lines": {"wang--papa": [1]}}, "narrator.name"),
        ({"turns": ["../papa"]}, "narrator.name"),
        ({"lines": {"papa": ["1"]}}, "options.value"),
        ({"lines": {"papa": "all"}}, "options.value"),
        ({"lines": {"papa": [1]}, "original": [1]}, "options.value"),
        ({"original": {"1": 2}}, "options.value"),
    ],
)
def test_a_cast_that_cannot_be_is_refused_and_nothing_begins(
    house: House, family: Visitor, cast: dict[str, object], code: str
) -> None:
    answer = family.post("/stories", asked(cast=cast))

    assert told(answer)["code"] == code
    assert house.stage.world.objects.listing(Bucket.INPUT, "inbox/") == []


@pytest.mark.parametrize("label", ["", "a--b", "../wang", "妈妈", "-a", "x" * 21])
def test_a_parents_name_stays_within_the_family(family: Visitor, label: str) -> None:
    answer = family.post("/stories", asked(narrator={"label": label, "is_new": True}))

    assert told(answer)["code"] == "narrator.name"


def test_a_family_cannot_start_stories_without_end(house: House, family: Visitor) -> None:
    for _ in range(sessions.STORIES_A_DAY):
        assert family.post("/stories", asked()).status == HTTPStatus.OK

    assert family.post("/stories", asked()).status == HTTPStatus.TOO_MANY_REQUESTS
    assert house.add("wang").post("/stories", asked()).status == HTTPStatus.OK
    house.stage.timing.run(24 * 3600.0)
    assert family.post("/stories", asked()).status == HTTPStatus.OK


def test_a_part_of_somebody_elses_upload_cannot_be_had(house: House, family: Visitor) -> None:
    job_id = begin(family)
    other = house.add("wang")
    told_of = {"asset": "film", "extension": "mp4", "upload": "0" * 32, "numbers": [1]}

    assert family.post(f"/stories/{job_id}/parts", told_of).status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert other.post(f"/stories/{job_id}/parts", told_of).status == HTTPStatus.NOT_FOUND

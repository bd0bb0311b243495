"""A family watches its story being made, and plays it."""

from __future__ import annotations

import json
import re
from http import HTTPStatus
from typing import Any

from shared.domain import cues, keys
from shared.domain.cues import Cue
from shared.domain.job import JobState
from shared.engine import status
from shared.ports import Bucket, Place
from tests.console.house import House, Visitor, told
from tests.console.telling import FILES, asked, begin
from tests.toys import toy_film

HOUR_S = 3600
LINES = ((1.0, 4.0, "<b>从前</b> & 小狐狸 --> 。"), (5.0, 8.0, "它每天晚上数星星。"))


def status_of(house: House, job_id: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(house.stage.output(keys.story_status(job_id)))
    return found


def test_the_status_follows_the_story_without_anybody_asking(house: House, family: Visitor) -> None:
    job_id = begin(family)
    seen = set()
    for _ in range(HOUR_S // 5):
        house.stage.timing.run(5.0)
        told_now = status_of(house, job_id)
        seen |= {step["step"] for step in told_now["steps"] if step["awaits"]}

    assert {"separate", "animate", "compose"} <= seen
    assert status_of(house, job_id)["state"] == "done"


def test_the_status_is_read_from_the_bucket_by_the_address_in_the_page(house: House, family: Visitor) -> None:
    job_id = begin(family)
    page = family.get(f"/stories/{job_id}").body.decode()
    found = re.search(r'data-status="([^"]+)"', page)
    assert found is not None

    url = found.group(1).replace("&amp;", "&")
    assert json.loads(house.fetch(url)) == status_of(house, job_id)


def test_the_status_says_since_when_and_how_long_yet(house: House, family: Visitor) -> None:
    job_id = begin(family)
    while not (told_now := status_of(house, job_id))["forecast"]:
        assert house.stage.job(job_id).state is JobState.OPEN
        house.stage.timing.run(5.0)

    waiting = [step for step in told_now["steps"] if step["awaits"]]
    assert all(0 < step["since_at"] <= told_now["at"] for step in waiting)
    assert told_now["forecast"]["seconds"] > 0


def test_looking_at_the_page_asks_no_vendor_and_changes_nothing(house: House, family: Visitor) -> None:
    job_id = begin(family)
    house.stage.timing.run(30.0)
    rows, charges = house.stage.steps(job_id), house.stage.charges()
    for _ in range(5):
        family.get(f"/stories/{job_id}")
        family.get("/")

    assert (house.stage.steps(job_id), house.stage.charges()) == (rows, charges)


def test_jobs_that_came_another_way_have_no_status_object(house: House) -> None:
    house.stage.tell("story")
    house.stage.run()

    assert house.stage.world.objects.head(status.place("story")) is None


def test_a_finished_story_is_played_with_its_captions(house: House, family: Visitor) -> None:
    job_id = begin(family)
    house.stage.run()
    page = family.get(f"/stories/{job_id}").body.decode()

    film = re.search(r'<video id="film"[^>]* src="([^"]+)"', page)
    assert film is not None
    assert house.fetch(film.group(1).replace("&amp;", "&")) == house.stage.output(keys.story_film(job_id))
    captions = family.get(f"/stories/{job_id}/captions.vtt")
    assert captions.content_type.startswith("text/vtt")
    assert captions.body.decode().startswith("WEBVTT\n\n00:00:01.")


def test_the_film_is_downloaded_under_its_storys_name(house: House, family: Visitor) -> None:
    job_id = begin(family)
    house.stage.run()

    page = family.get(f"/stories/{job_id}").body.decode()
    assert f"filename%2A%3DUTF-8%27%27{job_id}.mp4" in page


def test_the_storys_report_is_a_page_without_scripts(house: House, family: Visitor) -> None:
    job_id = begin(family)
    assert family.get(f"/stories/{job_id}/report").status == HTTPStatus.NOT_FOUND
    house.stage.run()

    answer = family.get(f"/stories/{job_id}/report")
    assert f"/stories/{job_id}/report" in family.get(f"/stories/{job_id}").body.decode()
    assert answer.body == house.stage.output(keys.story_page(job_id))
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_a_script_in_a_caption_is_shown_as_text(house: House, family: Visitor) -> None:
    job_id = begin(family, {**FILES, "film": ("mp4", toy_film(10.0, LINES))})
    house.stage.run()

    assert "<b>从前" not in family.get(f"/stories/{job_id}").body.decode()
    captions = family.get(f"/stories/{job_id}/captions.vtt").body.decode()
    assert captions.count("-->") == 2


def test_what_is_wrong_is_said_in_both_languages_on_the_page(house: House, family: Visitor) -> None:
    job_id = begin(family, {**FILES, "film": ("mp4", b"not a film")})

    page = family.get(f"/stories/{job_id}").body.decode()
    problem = house.stage.error(job_id)["problems"][0]
    assert problem["zh"] in page
    assert problem["en"] in page


def test_a_cancelled_story_says_so(house: House, family: Visitor) -> None:
    job_id = begin(family)
    assert told(family.post(f"/stories/{job_id}/cancel")) == {"state": "cancelled"}

    assert status_of(house, job_id)["state"] == "cancelled"
    assert "已取消" in family.get("/").body.decode()


def test_erasing_takes_the_storys_name_and_gives_a_receipt(house: House, family: Visitor) -> None:
    job_id = begin(family)
    house.stage.run()

    assert family.post(f"/stories/{job_id}/erase", {"confirm": "yes"}).status == HTTPStatus.BAD_REQUEST
    receipt = told(family.post(f"/stories/{job_id}/erase", {"confirm": job_id}))
    assert receipt["deleted"]["uploads"] > 0
    assert not any(receipt["left"].values())
    assert job_id not in family.get("/").body.decode()


def test_a_story_that_was_never_uploaded_can_be_gone_on_with(family: Visitor) -> None:
    job_id = told(family.post("/stories", asked()))["job"]

    page = family.get(f"/stories/{job_id}")
    assert page.status == HTTPStatus.OK
    assert 'id="replace"' in page.body.decode()


def test_a_long_story_has_chapters_to_jump_to_and_in_the_player(house: House, family: Visitor) -> None:
    job_id = begin(family)
    house.stage.run()
    told_at = cues.write_srt([Cue(1, 1_000, 4_000, "从前"), Cue(2, 62_500, 66_000, "第二天")])
    place = Place(Bucket.OUTPUT, keys.story_captions(job_id))
    house.stage.world.objects.write(place, told_at.encode(), "application/x-subrip")
    page = family.get(f"/stories/{job_id}").body.decode()
    vtt = family.get(f"/stories/{job_id}/chapters.vtt")

    assert f'<track kind="chapters" srclang="zh" label="章节" src="/stories/{job_id}/chapters.vtt">' in page
    assert 'data-at="62.5"><span class="at">1:02</span> 第二天</button>' in page
    assert vtt.content_type == "text/vtt; charset=utf-8"
    assert vtt.body.decode().startswith("WEBVTT\n\n00:00:00.000 --> 00:01:02.500\n")
    assert "00:01:02.500 --> 00:01:06.000\n第二天\n" in vtt.body.decode()


def test_a_short_story_has_no_chapters(house: House, family: Visitor) -> None:
    job_id = begin(family)
    house.stage.run()

    assert "chapters" not in family.get(f"/stories/{job_id}").body.decode()


LONG = {
    **FILES,
    "film": ("mp4", toy_film(56.0, [(4.0 * at, 4.0 * at + 3.0, "它每天晚上数星星。") for at in range(1, 13)])),
}


def tasted(house: House, family: Visitor) -> str:
    """A story whose taste is there; its name."""
    job_id = begin(family, LONG, says_yes=False)
    family.post(f"/stories/{job_id}/yes", {"taste": True})
    house.stage.run()
    return job_id


def test_a_family_may_taste_its_story_before_it_buys_the_rest(house: House, family: Visitor) -> None:
    job_id = begin(family, LONG, says_yes=False)
    assert 'id="first"' in family.get(f"/stories/{job_id}").body.decode()
    family.post(f"/stories/{job_id}/yes", {"taste": True})
    house.stage.run()
    page = family.get(f"/stories/{job_id}").body.decode()
    film = re.search(r'<video id="taste"[^>]* src="([^"]+)"', page)

    assert film is not None
    assert house.fetch(film.group(1).replace("&amp;", "&")) == house.stage.output(keys.story_taste(job_id))
    quote = json.loads(house.stage.output(keys.story_quote(job_id)))
    assert f"{quote['taste']['spent_yuan']} 元；其余的还要大约 {quote['rest']['low_yuan']}" in page
    assert status_of(house, job_id)["state"] == "asked"
    assert 'id="first"' not in page


def test_the_taste_has_captions(house: House, family: Visitor) -> None:
    job_id = tasted(house, family)
    text = family.get(f"/stories/{job_id}/captions.vtt").body.decode()

    assert text.startswith("WEBVTT\n\n00:00:04.")
    assert 2 <= text.count("-->") <= 4


def test_who_likes_the_taste_gets_the_story(house: House, family: Visitor) -> None:
    job_id = tasted(house, family)
    bought = house.stage.charges()
    family.post(f"/stories/{job_id}/yes")
    house.stage.run()

    assert status_of(house, job_id)["state"] == "done"
    assert status_of(house, job_id)["taste"] is None
    assert house.stage.charges() != bought


def test_who_does_not_like_it_cancels_and_pays_for_nothing_more(house: House, family: Visitor) -> None:
    job_id = tasted(house, family)
    bought = house.stage.charges()
    family.post(f"/stories/{job_id}/cancel")
    family.post(f"/stories/{job_id}/yes")
    house.stage.run()

    assert (status_of(house, job_id)["state"], house.stage.charges()) == ("cancelled", bought)


def test_another_family_cannot_watch_a_taste(house: House, family: Visitor) -> None:
    job_id = tasted(house, family)
    other = house.add("wang", "王家")

    assert other.get(f"/stories/{job_id}").status == HTTPStatus.NOT_FOUND
    assert other.get(f"/stories/{job_id}/captions.vtt").status == HTTPStatus.NOT_FOUND
    assert other.post(f"/stories/{job_id}/yes").status == HTTPStatus.NOT_FOUND


def test_of_a_short_film_no_taste_is_offered(family: Visitor) -> None:
    job_id = begin(family, says_yes=False)

    assert 'id="first"' not in family.get(f"/stories/{job_id}").body.decode()

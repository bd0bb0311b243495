"""Who gets in, and how far."""

from __future__ import annotations

import json
from http import HTTPStatus

import pytest
from itsdangerous import URLSafeSerializer

from shared.console import routes, sessions
from shared.console.http import BODY_BYTES_MAX
from shared.domain.errors import Refused
from tests.console.house import House, Visitor, opened, told
from tests.console.telling import begin

PAGES = ("/", "/new", "/operator", "/stories/lin--261121-120000-abcdef", "/stories/lin--x/captions.vtt")
DAY_S = 24 * 3600.0


@pytest.mark.parametrize("path", PAGES)
def test_without_a_link_there_is_no_page(house: House, path: str) -> None:
    assert Visitor(house).get(path).status == HTTPStatus.FORBIDDEN


def test_a_private_link_opens_the_familys_page(family: Visitor) -> None:
    answer = family.get("/")

    assert answer.status == HTTPStatus.OK
    assert "林家" in answer.body.decode()


def test_a_session_is_out_of_reach_of_scripts_and_of_other_sites(house: House) -> None:
    sessions.add(house.stage.world, "lin", "")
    answer = Visitor(house).enter(sessions.link_token(house.stage.world, "lin"))

    cookie = answer.headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Secure", "Path=/"} <= set(cookie.split("; "))


def test_a_token_that_was_altered_opens_nothing(house: House) -> None:
    sessions.add(house.stage.world, "lin", "")
    token = sessions.link_token(house.stage.world, "lin")
    for place in range(0, len(token), 7):
        other = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        assert Visitor(house).enter(other).status == HTTPStatus.FORBIDDEN


def test_a_token_signed_with_another_secret_opens_nothing(house: House) -> None:
    sessions.add(house.stage.world, "lin", "")
    forged = URLSafeSerializer("another secret", salt="echobot link").dumps({"f": "lin", "g": 1, "e": 9e9})

    assert Visitor(house).enter(str(forged)).status == HTTPStatus.FORBIDDEN


def test_a_token_for_one_purpose_is_worth_nothing_for_another(house: House, family: Visitor) -> None:
    link = sessions.link_token(house.stage.world, "lin")

    assert Visitor(house, cookie=link).get("/").status == HTTPStatus.FORBIDDEN
    assert Visitor(house).enter(family.cookie).status == HTTPStatus.FORBIDDEN
    assert Visitor(house).post("/shared", {"token": link}).status == HTTPStatus.FORBIDDEN


def test_a_link_expires_and_its_sessions_with_it(house: House) -> None:
    family = house.add(days=1.0)
    token = sessions.link_token(house.stage.world, "lin")
    house.stage.timing.run(DAY_S + 1)

    assert family.get("/").status == HTTPStatus.FORBIDDEN
    assert Visitor(house).enter(token).status == HTTPStatus.FORBIDDEN


def test_a_session_expires_before_its_link_does(house: House, family: Visitor) -> None:
    house.stage.timing.run(sessions.SESSION_S + 1)

    assert family.get("/").status == HTTPStatus.FORBIDDEN
    assert family.enter(sessions.link_token(house.stage.world, "lin")).status == HTTPStatus.OK


def test_revoking_a_family_closes_every_door_at_once(house: House, family: Visitor) -> None:
    job_id = begin(family)
    shared = told(family.post(f"/stories/{job_id}/share"))["path"].partition("#")[2]
    token = sessions.link_token(house.stage.world, "lin")
    sessions.revoke(house.stage.world, "lin")

    assert family.get("/").status == HTTPStatus.FORBIDDEN
    assert Visitor(house).enter(token).status == HTTPStatus.FORBIDDEN
    assert Visitor(house).post("/shared", {"token": shared}).status == HTTPStatus.FORBIDDEN


def test_a_new_link_makes_the_old_one_worthless(house: House, family: Visitor) -> None:
    old = sessions.link_token(house.stage.world, "lin")
    sessions.add(house.stage.world, "lin", "")

    assert Visitor(house).enter(old).status == HTTPStatus.FORBIDDEN
    assert family.get("/").status == HTTPStatus.FORBIDDEN


def test_leaving_takes_the_session_away(family: Visitor) -> None:
    assert "Max-Age=0" in family.post("/leave").headers["Set-Cookie"]


WAYS = ("", "/captions.vtt", "/clips/0001", "/report")
ACTS = ("/files", "/parts", "/complete", "/yes", "/share", "/cancel", "/erase")


@pytest.mark.parametrize("way", WAYS)
def test_nothing_of_another_family_can_be_seen(house: House, family: Visitor, way: str) -> None:
    job_id = begin(family)
    house.stage.run()
    other = house.add("wang", "王家")

    theirs = other.get(f"/stories/{job_id}{way}")
    nobodys = other.get(f"/stories/lin--261121-120000-ffffff{way}")

    assert (theirs.status, theirs.body) == (HTTPStatus.NOT_FOUND, nobodys.body)
    assert job_id not in other.get("/").body.decode()


@pytest.mark.parametrize("act", ACTS)
def test_nothing_of_another_family_can_be_changed(house: House, family: Visitor, act: str) -> None:
    job_id = begin(family)
    other = house.add("wang", "王家")
    asked = {"asset": "film", "extension": "mp4", "size": 1, "upload": "x", "confirm": job_id}

    assert other.post(f"/stories/{job_id}{act}", asked).status == HTTPStatus.NOT_FOUND
    assert house.stage.job(job_id).state.value in {"collecting", "open"}


def test_a_family_whose_name_begins_like_anothers_sees_nothing_of_it(house: House, family: Visitor) -> None:
    job_id = begin(family)
    other = house.add("linda")

    assert job_id not in other.get("/").body.decode()
    assert other.get(f"/stories/{job_id}").status == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("name", ["", "Lin", "lin-li", "lin--li", "l", "request", "9lives", "x" * 17, "../lin", "李"])
def test_a_name_that_could_be_taken_for_another_is_refused(house: House, name: str) -> None:
    with pytest.raises(Refused) as refused:
        sessions.add(house.stage.world, name, "")

    assert refused.value.code == "family.name"


def test_a_share_link_opens_one_film_and_nothing_else(house: House, family: Visitor) -> None:
    job_id = begin(family)
    house.stage.run()
    token = told(family.post(f"/stories/{job_id}/share"))["path"].partition("#")[2]
    stranger = Visitor(house)

    film = house.fetch(told(stranger.post("/shared", {"token": token}))["film"])
    assert film == house.stage.output(f"stories/{job_id}/story.mp4")
    assert stranger.enter(token).status == HTTPStatus.FORBIDDEN
    house.stage.timing.run(sessions.SHARE_S + 1)
    assert stranger.post("/shared", {"token": token}).status == HTTPStatus.FORBIDDEN


def test_an_unfinished_story_cannot_be_watched_by_its_share_link(house: House, family: Visitor) -> None:
    job_id = begin(family)
    token = told(family.post(f"/stories/{job_id}/share"))["path"].partition("#")[2]

    assert Visitor(house).post("/shared", {"token": token}).status == HTTPStatus.NOT_FOUND


def test_the_operators_way_in_shows_jobs_and_opens_no_story(house: House, family: Visitor) -> None:
    job_id = begin(family)
    operator = Visitor(house)

    assert told(operator.enter(sessions.operator_token(house.stage.world))) == {"to": "/operator"}
    assert job_id in operator.get("/operator").body.decode()
    assert operator.get(f"/stories/{job_id}").status == HTTPStatus.NOT_FOUND
    assert operator.get("/").status == HTTPStatus.SEE_OTHER


def test_a_family_has_no_operators_view(family: Visitor) -> None:
    assert family.get("/operator").status == HTTPStatus.NOT_FOUND


FOREIGN = [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}]


@pytest.mark.parametrize("headers", FOREIGN)
def test_what_another_site_has_a_browser_send_is_refused(family: Visitor, headers: dict[str, str]) -> None:
    assert family.post("/stories", {}, **headers).status == HTTPStatus.FORBIDDEN


def test_a_form_of_another_site_cannot_be_a_document(family: Visitor) -> None:
    answer = family.send("POST", "/stories", b"{}", {"Content-Type": "text/plain"})

    assert answer.status == HTTPStatus.UNSUPPORTED_MEDIA_TYPE


BODIES = (b"", b"[]", b"null", b"{", b'"x"', b"[" * 50_000, b"\xff\xfe")


@pytest.mark.parametrize("body", BODIES)
def test_what_is_no_document_is_refused(family: Visitor, body: bytes) -> None:
    answer = family.send("POST", "/stories", body, {"Content-Type": "application/json"})

    assert answer.status == HTTPStatus.BAD_REQUEST


def test_a_body_that_is_too_large_is_refused_unread(family: Visitor) -> None:
    body = json.dumps({"x": "y" * BODY_BYTES_MAX}).encode()

    answer = family.send("POST", "/stories", body, {"Content-Type": "application/json"})
    assert answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


EVENTS = (
    b"",
    b"{}",
    b"[]",
    b"null",
    b'{"requestContext": {"http": {}}}',
    b'{"requestContext": 1}',
    "ü".encode("latin-1"),
)


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_that_is_no_request_is_answered(house: House, event: bytes) -> None:
    assert routes.run(event, house.desk).status == HTTPStatus.BAD_REQUEST


STRANGE = (
    "/static/../handler.py",
    "/static/000000000000/page.css",
    "/stories/lin--..",
    "/stories/%2e%2e/x",
    "/stories/lin--a/clips/../../x",
    "//evil.example",
    "/stories/lin--a/clips/0001.mp4",
    "/stories/lin--261121-120000-abcdef%00",
)


@pytest.mark.parametrize("path", STRANGE)
def test_path_tricks_find_nothing(family: Visitor, path: str) -> None:
    assert family.get(path).status == HTTPStatus.NOT_FOUND


def test_the_wrong_method_is_told_from_the_wrong_path(family: Visitor) -> None:
    assert family.send("DELETE", "/new").status == HTTPStatus.METHOD_NOT_ALLOWED


@pytest.mark.parametrize("path", ["/", "/new", "/enter", "/nowhere", "/operator"])
def test_every_answer_carries_what_keeps_others_out(family: Visitor, path: str) -> None:
    headers = family.get(path).headers

    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert "max-age" in headers["Strict-Transport-Security"]


def test_a_script_in_a_name_is_shown_as_text(house: House) -> None:
    family = house.add(title="<script>alert(1)</script>")

    html = family.get("/").body.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_a_page_without_a_secret_lets_nobody_in() -> None:
    with opened(console_secret="short") as house:
        sessions.add(house.stage.world, "lin", "")
        answer = Visitor(house).post("/session", {"token": "x"})

    assert (answer.status, told(answer)["code"]) == (HTTPStatus.UNPROCESSABLE_ENTITY, "console.secret")


def test_a_store_that_fails_is_no_way_to_learn_anything(house: House, family: Visitor) -> None:
    token = sessions.link_token(house.stage.world, "lin")
    house.stage.stand_ins.tablestore.delete_table("families")

    answer = Visitor(house).enter(token)
    assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
    assert told(answer) == {"code": "busy"}


def test_no_token_gets_into_the_log(house: House, family: Visitor) -> None:
    family.get("/")
    family.post("/stories", {})

    assert not any(family.cookie[:20] in str(line) for line in house.stage.world.lines)

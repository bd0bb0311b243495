"""Every address of the page: who may ask, and what answers. What each shows and does is in the modules beside this."""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

from shared.console import changing, guarding, http, limiting, operating, sessions, showing, starting
from shared.console.desk import Desk, own, own_job
from shared.console.http import Answered, Request, Response, as_json
from shared.console.rendering import Pages
from shared.console.sessions import Visitor
from shared.domain.errors import EchobotError, Refused
from shared.domain.frozen import frozen
from shared.engine import withdrawal

PAGES = Pages(Path(__file__).parent)
JOB = r"(?P<job>[a-z0-9-]{1,48}(?:\.v[0-9]{1,2})?)"


@frozen
class Call:
    """One request of somebody who was let in."""

    desk: Desk
    request: Request
    visitor: Visitor
    job: str = ""
    item: str = ""


Answer = Callable[[Call], Response]


# --- for everybody


def asset(_: Desk, version: str, name: str) -> Response:
    return PAGES.asset(version, name)


def enter(desk: Desk, request: Request) -> Response:
    """A link's token becomes a session."""
    visitor, session = sessions.enter(desk.world, str(request.document().get("token", "")))
    cookie = sessions.cookie(session, secure=_is_secure(desk))
    return as_json({"to": "/operator" if visitor.is_operator else "/"}, headers={"Set-Cookie": cookie})


def shared(desk: Desk, request: Request) -> Response:
    """What a share link opens: one film."""
    job_id = sessions.shared_job(desk.world, str(request.document().get("token", "")))
    return as_json(showing.film(desk, job_id))


# --- for a family


def home(call: Call) -> Response:
    if call.visitor.is_operator:
        return Response(HTTPStatus.SEE_OTHER, headers={"Location": "/operator"})
    return PAGES.show("home", visitor=call.visitor, stories=showing.stories(call.desk, call.visitor))


def new(call: Call) -> Response:
    limits = {"film_mb": call.desk.world.settings.film_mb_max, "film_s": call.desk.world.settings.film_s_max}
    return PAGES.show("new", visitor=call.visitor, narrators=showing.narrators(call.desk, call.visitor), limits=limits)


def start(call: Call) -> Response:
    return as_json(starting.start(call.desk, call.visitor, call.request.document()))


def again(call: Call) -> Response:
    return as_json(starting.again(call.desk, call.visitor, call.job, call.request.document()))


def parts(call: Call) -> Response:
    return as_json(starting.part_urls(call.desk, call.visitor, call.job, call.request.document()))


def complete(call: Call) -> Response:
    return as_json(starting.complete(call.desk, call.visitor, call.job, call.request.document()))


def story(call: Call) -> Response:
    return PAGES.show("story", visitor=call.visitor, **showing.story(call.desk, call.visitor, call.job))


def clip(call: Call) -> Response:
    url = showing.clip(call.desk, call.visitor, call.job, call.item)
    return Response(HTTPStatus.SEE_OTHER, headers={"Location": url})


def captions(call: Call) -> Response:
    text = showing.vtt(call.desk, call.visitor, call.job)
    return Response(HTTPStatus.OK, text.encode(), "text/vtt; charset=utf-8")


def chapters(call: Call) -> Response:
    text = showing.chapters_vtt(call.desk, call.visitor, call.job)
    return Response(HTTPStatus.OK, text.encode(), "text/vtt; charset=utf-8")


def report(call: Call) -> Response:
    """The story's own report page: it has its style in itself, and no script."""
    body = showing.report_page(call.desk, call.visitor, call.job)
    return Response(HTTPStatus.OK, body, headers={"Content-Security-Policy": guarding.STYLED})


def say_yes(call: Call) -> Response:
    starting.say_yes(call.desk, call.visitor, call.job, call.request.document())
    return as_json({"state": "asked"})


def quote_change(call: Call) -> Response:
    return as_json(changing.quote(call.desk, call.visitor, call.job, call.request.document()))


def change(call: Call) -> Response:
    return as_json(changing.change(call.desk, call.visitor, call.job, call.request.document()))


def share(call: Call) -> Response:
    own_job(call.desk, call.visitor, call.job)
    token, until = sessions.share_token(call.desk.world, call.visitor, call.job)
    return as_json({"path": f"/share#{token}", "until": until})


def cancel(call: Call) -> Response:
    withdrawal.cancel(call.desk.world, own(call.visitor, call.job))
    return as_json({"state": "cancelled"})


def erase(call: Call) -> Response:
    """Only for who types the story's name: nobody gets it back."""
    if call.request.document().get("confirm") != own(call.visitor, call.job):
        raise Answered(HTTPStatus.BAD_REQUEST, "not_confirmed")
    receipt = withdrawal.erase(call.desk.world, call.job)
    return as_json({"deleted": dict(receipt.deleted), "left": dict(receipt.left), "under_way": receipt.under_way})


def leave(call: Call) -> Response:
    cookie = sessions.forgotten(secure=_is_secure(call.desk))
    return as_json({"to": "/"}, headers={"Set-Cookie": cookie})


# --- for the operator


def operator(call: Call) -> Response:
    if not call.visitor.is_operator:
        raise Answered(HTTPStatus.NOT_FOUND, "nothing_here")
    return PAGES.show("operator", **operating.overview(call.desk.world))


ROUTES: tuple[tuple[str, re.Pattern[str], Answer], ...] = tuple(
    (method, re.compile(path), answer)
    for method, path, answer in (
        ("GET", "/", home),
        ("GET", "/new", new),
        ("POST", "/stories", start),
        ("GET", f"/stories/{JOB}", story),
        ("POST", f"/stories/{JOB}/files", again),
        ("POST", f"/stories/{JOB}/parts", parts),
        ("POST", f"/stories/{JOB}/complete", complete),
        ("GET", f"/stories/{JOB}/captions.vtt", captions),
        ("GET", f"/stories/{JOB}/chapters.vtt", chapters),
        ("GET", f"/stories/{JOB}/clips/(?P<item>[0-9]{{4}})", clip),
        ("GET", f"/stories/{JOB}/report", report),
        ("POST", f"/stories/{JOB}/yes", say_yes),
        ("POST", f"/stories/{JOB}/changes/quote", quote_change),
        ("POST", f"/stories/{JOB}/changes", change),
        ("POST", f"/stories/{JOB}/share", share),
        ("POST", f"/stories/{JOB}/cancel", cancel),
        ("POST", f"/stories/{JOB}/erase", erase),
        ("POST", "/leave", leave),
        ("GET", "/operator", operator),
    )
)
STATIC = re.compile(r"/static/(?P<version>[0-9a-f]{12})/(?P<name>[a-z]+\.[a-z]+)")


def run(event: object, desk: Desk) -> Response:
    """Any request; what goes wrong is answered in words, and nothing of it tells what else there is."""
    is_asset, wants_json = False, False
    try:
        request = http.read(event)
        wants_json = request.method not in guarding.SAFE
        found = STATIC.fullmatch(request.path)
        is_asset = found is not None
        response = asset(desk, *found.groups()) if found else _answer(desk, request)
    except Answered as answered:
        is_asset = False
        response = _problem(answered.status, answered.code, wants_json=wants_json)
    except Refused as error:
        response = _refusal(error, wants_json=wants_json)
    except EchobotError as error:
        desk.world.log("page failed", {"code": error.code, "detail": error.detail[:300]})
        response = _problem(HTTPStatus.SERVICE_UNAVAILABLE, "busy", wants_json=wants_json)
    more = guarding.headers(desk.uploads.hosts(), is_asset=is_asset, secure=_is_secure(desk))
    return guarding.guarded(response, more)


def _answer(desk: Desk, request: Request) -> Response:
    guarding.same_site(request)
    limiting.spend(desk.world, request)
    if (request.method, request.path) == ("POST", "/session"):
        return enter(desk, request)
    if (request.method, request.path) == ("POST", "/shared"):
        return shared(desk, request)
    if request.method == "GET" and request.path in {"/enter", "/share"}:
        return PAGES.show(request.path[1:])
    visitor = sessions.visitor_of(desk.world, request)
    known = [(method, path.fullmatch(request.path), answer) for method, path, answer in ROUTES]
    matching = [(method, found, answer) for method, found, answer in known if found]
    for method, found, answer in matching:
        if method == request.method:
            return answer(Call(desk, request, visitor, **found.groupdict()))
    status = HTTPStatus.METHOD_NOT_ALLOWED if matching else HTTPStatus.NOT_FOUND
    raise Answered(status, "nothing_here")


def _problem(status: HTTPStatus, code: str, *, wants_json: bool) -> Response:
    return as_json({"code": code}, status) if wants_json else PAGES.show("problem", status, code=code)


def _refusal(error: Refused, *, wants_json: bool) -> Response:
    words = {"code": error.code, "zh": error.sentence.zh, "en": error.sentence.en}
    if wants_json:
        return as_json(words, HTTPStatus.UNPROCESSABLE_ENTITY)
    return PAGES.show("problem", HTTPStatus.UNPROCESSABLE_ENTITY, **words)


def _is_secure(desk: Desk) -> bool:
    """Only on this machine is the page spoken to without TLS."""
    return not desk.world.settings.endpoint

"""Who may read what, for how long, and who is believed: private objects, late and short signatures, renewed keys."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from local import deployment
from local.standins.doors.inprocess import in_process
from local.standins.doors.router import Router
from local.standins.http import Request, Response
from local.standins.oss import OssApi
from shared.clients.oss import OssObjects
from shared.domain.job import JobState
from shared.ports import Bucket, Place
from shared.settings import Settings
from tests.deployment.conftest import rendered
from tests.deployment.stack_checks import properties_of
from tests.engine.given import Call, interpose
from tests.stage import ACCOUNT, REGION, Stage
from tests.toys import toy_film

SETTINGS = Settings(account_id=ACCOUNT, model_studio_api_key="sk-test")
HERE = Place(Bucket.WORK, "jobs/fox/x")
COPIED = b"<CopyObjectResult><ETag>e</ETag><LastModified>2026-11-21T10:00:00.000Z</LastModified></CopyObjectResult>"
SHARE_S_MAX = 2 * 3600
"""How long the setting may let a photo lie open to whoever has its url: a task waits in no queue but its own."""


def env(key_id: str, token: str) -> dict[str, str]:
    names = ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN")
    return dict(zip(names, (key_id, f"secret of {key_id}", token), strict=True))


# --- private objects


def test_no_role_may_change_who_reads_a_bucket_or_an_object() -> None:
    actions = {
        action
        for role in properties_of(rendered("echobot")[1], "ALIYUN::RAM::Role").values()
        for policy in role["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    }

    assert "oss:PutObject" in actions
    assert not [action for action in actions if action.lower().endswith(("acl", "policy", "publicaccessblock"))]


def test_nobody_without_a_signature_reads_anything_of_a_story() -> None:
    stage = Stage()
    stage.tell()
    stage.run()
    api = OssApi(stage.stand_ins.oss, skew_s_max=None)
    read = []
    for bucket in (stage.settings.input_bucket, stage.settings.work_bucket, stage.settings.output_bucket):
        host = f"{bucket}.oss-{REGION}.aliyuncs.com"
        for stored in stage.stand_ins.oss.listing(bucket, "", "", 1000).entries:
            answer = api.handle(Request.of("GET", f"https://{host}/{stored.key}", {"host": host}))
            read.append((stored.key, answer.status, stored.acl))
        assert api.handle(Request.of("GET", f"https://{host}/", {"host": host})).status == 403

    assert stage.job().state is JobState.DONE
    assert "stories/story/story.mp4" in {key for key, _, _ in read}
    assert {(status, acl) for _, status, acl in read} == {(403, "default")}


class Recorder:
    """Takes every put, and turns the keys of the environment over after each call."""

    def __init__(self, variables: dict[str, str], *bodies: bytes) -> None:
        self._variables, self._bodies = variables, list(bodies)
        self.requests: list[Request] = []

    def handle(self, request: Request) -> Response:
        self.requests.append(request)
        self._variables.update(env(f"key-{len(self.requests)}", f"token-{len(self.requests)}"))
        headers = {"ETag": '"e"', "Last-Modified": "Sat, 21 Nov 2026 10:00:00 GMT"}
        if request.method == "HEAD":
            return Response(200, {**headers, "Content-Length": "0"})
        return Response(200, headers, self._bodies.pop(0) if self._bodies else COPIED)


def test_no_put_says_who_may_read() -> None:
    """The bucket is private and an object is as its bucket; a header would need a right that nobody should have."""
    variables = env("key-0", "token-0")
    recorder = Recorder(variables)
    with in_process(Router({"oss": recorder})):
        objects = OssObjects(SETTINGS, variables)
        objects.write(HERE, b"x", "text/plain")
        objects.write_new(HERE, b"x", "text/plain")
        objects.copy(HERE, Place(Bucket.OUTPUT, "stories/fox/story.mp4"))

    assert [request.method for request in recorder.requests] == ["PUT", "PUT", "HEAD", "PUT"]
    assert not [name for request in recorder.requests for name in request.headers if "acl" in name.lower()]


# --- keys that are renewed under a living instance


def test_a_token_that_is_renewed_in_the_midst_of_one_call_signs_the_rest_of_it() -> None:
    variables = env("key-0", "token-0")
    recorder = Recorder(variables, *map(_page, (1000, 1000, 1)))
    with in_process(Router({"oss": recorder})):
        OssObjects(SETTINGS, variables).listing(Bucket.WORK, "jobs/", limit=2500)

    assert [request.headers["x-oss-security-token"] for request in recorder.requests] == [
        "token-0",
        "token-1",
        "token-2",
    ]


def _page(count: int) -> bytes:
    told = "<Size>1</Size><ETag>e</ETag><Type>Normal</Type><LastModified>2026-11-21T10:00:00.000Z</LastModified>"
    entry = f"<Contents><Key>jobs/{{:04}}</Key>{told}<StorageClass>Standard</StorageClass></Contents>"
    entries = "".join(map(entry.format, range(count)))
    return f"<ListBucketResult><IsTruncated>false</IsTruncated>{entries}</ListBucketResult>".encode()


# --- urls that are signed late and for a short time


@pytest.mark.parametrize("lasting_s", [60, SETTINGS.share_s])
def test_a_signed_url_lives_as_long_as_the_setting_says(lasting_s: int) -> None:
    url = OssObjects(SETTINGS, env("key", "token")).share(HERE, lasting_s)
    query = parse_qs(urlsplit(url).query)

    assert query["x-oss-expires"] == [str(lasting_s)]
    assert urlsplit(url).scheme == "https"


def test_the_setting_is_short_here_and_in_every_deployment() -> None:
    declared = deployment.read({"ECHOBOT_ACCOUNT_ID": ACCOUNT}, region=REGION, account_id=ACCOUNT)
    set_to = [int(function.env.get("ECHOBOT_SHARE_S", SETTINGS.share_s)) for function in declared.functions]

    assert set(set_to) == {SETTINGS.share_s}
    assert SETTINGS.share_s <= SHARE_S_MAX


def test_a_url_is_signed_when_its_call_is_made_and_not_before() -> None:
    """Two segments: the second waits for the studio for minutes, and nothing of it is signed meanwhile."""
    stage = Stage(settings={"segment_s_max": 4.0})
    told: list[tuple[str, float, Any]] = []

    def note(name: str, argument: int) -> Any:
        def between(call: Call) -> Any:
            told.append((name, stage.timing.now(), call.args[argument]))
            return call()

        return between

    interpose(stage, "objects.share", note("share", 1))
    interpose(stage, "voices.enrol", note("enrol", 0))
    interpose(stage, "avatars.detect", note("detect", 0))
    interpose(stage, "avatars.animate", note("animate", 0))
    stage.tell(film=toy_film(20.0, [(1.0, 4.0, "从前有一只小狐狸。"), (10.0, 13.0, "它每天晚上数星星。")]))
    stage.run()
    shares = [at for name, at, _ in told if name == "share"]
    calls = {name: [at for other, at, _ in told if other == name] for name in ("enrol", "detect", "animate")}

    assert stage.job().state is JobState.DONE
    assert len(calls["animate"]) == 2
    assert calls["animate"][1] - calls["animate"][0] > 30
    assert sorted(shares) == sorted([*calls["enrol"], *calls["detect"], *calls["animate"], *calls["animate"]])
    assert {lasting for name, _, lasting in told if name == "share"} == {stage.settings.share_s}

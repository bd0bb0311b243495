"""What each client does when a service breaks: a write goes out once and is in doubt, a read is tried again later."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable, Iterator

import pytest

from shared.clients.transport import Idle
from shared.domain.errors import EchobotError, Retry, Unknown
from shared.ports import Bucket, Face, Film, Kind, Place, Queue, Table
from shared.settings import Settings
from tests.contract.cloud import SETTINGS, Cloud, Ports, through_sdks
from tests.contract.faulty import FAULTS, Faulty, closed_port, faulty_server

pytestmark = pytest.mark.loopback

HERE, THERE = Place(Bucket.WORK, "jobs/a"), Place(Bucket.OUTPUT, "stories/a")
FOX = ("fox",)
FACE = Face((1, 2, 3, 4), (0, 0, 8, 8))
URL = "https://example.com/x"
TIMEOUT_S = 0.1

Call = Callable[[Ports], object]

WRITES: dict[str, Call] = {
    "objects.write": lambda ports: ports.objects.write(HERE, b"x", "text/plain"),
    "objects.write_new": lambda ports: ports.objects.write_new(HERE, b"x", "text/plain"),
    "objects.copy": lambda ports: ports.objects.copy(HERE, THERE),
    "objects.delete": lambda ports: ports.objects.delete(HERE),
    "rows.insert": lambda ports: ports.rows.insert(Table.JOBS, FOX, {"state": "open"}),
    "rows.update": lambda ports: ports.rows.update(Table.JOBS, FOX, {"state": "done"}, expect={"state": "open"}),
    "rows.merge": lambda ports: ports.rows.merge(Table.JOBS, FOX, {"state": "done"}),
    "rows.delete": lambda ports: ports.rows.delete(Table.JOBS, FOX),
    "queues.send": lambda ports: ports.queues.send(Queue.RECHECK, "wake"),
    "media_jobs.read_captions": lambda ports: ports.media_jobs.read_captions(HERE, THERE, "a/separate"),
    "media_jobs.split_music": lambda ports: ports.media_jobs.split_music(HERE, THERE, "a/separate"),
    "media_jobs.recognise": lambda ports: ports.media_jobs.recognise(HERE, "a/separate"),
    "media_jobs.compose": lambda ports: ports.media_jobs.compose({}, THERE, Film(640, 480, 1.0), "t", "a/compose"),
    "voices.enrol": lambda ports: ports.voices.enrol("cosyvoice-v3.5-plus", "mum01", URL, "zh"),
    "voices.delete": lambda ports: ports.voices.delete("voice"),
    "voices.speak": lambda ports: ports.voices.speak("cosyvoice-v3.5-plus", "voice", "狐狸", rate=1.0, seed=0),
    "avatars.animate": lambda ports: ports.avatars.animate("emo", "emo-v1", URL, URL, FACE, "normal"),
}

READS: dict[str, Call] = {
    "objects.head": lambda ports: ports.objects.head(HERE),
    "objects.read": lambda ports: ports.objects.read(HERE, 2, 4),
    "objects.frame": lambda ports: ports.objects.frame(HERE, 1.0),
    "objects.listing": lambda ports: ports.objects.listing(Bucket.WORK, "jobs/"),
    "rows.get": lambda ports: ports.rows.get(Table.JOBS, FOX),
    "rows.range": lambda ports: ports.rows.range(Table.STEPS, FOX),
    "media_jobs.verdict": lambda ports: ports.media_jobs.verdict(Kind.IMS_PRODUCTION, "job"),
    "voices.verdict": lambda ports: ports.voices.verdict("voice"),
    "voices.enrolled": lambda ports: ports.voices.enrolled("mum01"),
    "avatars.detect": lambda ports: ports.avatars.detect("emo", "emo-detect-v1", URL, "1:1"),
    "avatars.verdict": lambda ports: ports.avatars.verdict("task"),
    "avatars.tasks": lambda ports: ports.avatars.tasks("emo-v1", 0.0, 1.0),
    "probe.facts": lambda ports: ports.probe.facts(HERE),
}

# what OSS says to a write is in the headers
HALF_IS_WHOLE = {"objects.write", "objects.write_new", "objects.copy", "objects.delete"}


def ports_at(port: int, scheme: str = "http") -> Ports:
    fields = {**SETTINGS.__dict__, "endpoint": f"{scheme}://127.0.0.1:{port}"}
    return through_sdks(Cloud(), Settings(**{**fields, "call_timeout_s": TIMEOUT_S, "speak_timeout_s": TIMEOUT_S}))


@pytest.fixture(scope="module")
def faulty() -> Iterator[Faulty]:
    with faulty_server() as server:
        yield server


@pytest.fixture(params=FAULTS)
def fault(request: pytest.FixtureRequest, faulty: Faulty) -> Faulty:
    faulty.fault = request.param
    faulty.requests.clear()
    return faulty


@pytest.mark.parametrize("name", WRITES)
def test_a_write_goes_out_once_and_is_in_doubt(name: str, fault: Faulty) -> None:
    if fault.fault == "half" and name in HALF_IS_WHOLE:
        pytest.skip("its answer has no body")
    fault.heads_work = True
    with pytest.raises(Unknown) as doubt:
        WRITES[name](ports_at(fault.port))

    assert doubt.value.code == "vendor.unanswered"
    assert len([request for request in fault.requests if not request.startswith("HEAD")]) == 1


@pytest.mark.parametrize("name", READS)
def test_a_read_is_tried_again_later_and_at_most_twice_at_once(name: str, fault: Faulty) -> None:
    fault.heads_work = False
    with pytest.raises(Retry) as missed:
        READS[name](ports_at(fault.port))

    assert missed.value.code == "vendor.busy"
    assert 1 <= len(fault.requests) <= 2


@pytest.mark.parametrize("name", [*WRITES, *READS])
def test_what_never_connected_certainly_did_not_happen(name: str) -> None:
    with pytest.raises(Retry) as missed:
        {**WRITES, **READS}[name](ports_at(closed_port()))

    assert missed.value.code == "vendor.busy"


@pytest.mark.parametrize("name", [*WRITES, *READS])
def test_what_is_told_of_a_lost_call_holds_no_signature(name: str, faulty: Faulty) -> None:
    faulty.fault, faulty.heads_work = "closed", False
    with pytest.raises(EchobotError) as lost:
        {**WRITES, **READS}[name](ports_at(faulty.port))

    assert lost.value.detail
    assert all(secret not in str(lost.value) for secret in ("Signature", "test-id", "test-secret", "sk-test"))


@pytest.mark.parametrize("name", [name for name in WRITES if name != "objects.copy"])
def test_a_handshake_that_breaks_is_not_repeated(name: str, faulty: Faulty) -> None:
    before = faulty.connections
    with pytest.raises((Retry, Unknown)):
        WRITES[name](ports_at(faulty.port, "https"))

    assert faulty.connections == before + 1


@pytest.mark.parametrize("name", [*WRITES, *READS])
def test_a_host_that_says_nothing_over_tls_is_given_up(name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as never_accepting, pytest.raises((Retry, Unknown)):
        {**WRITES, **READS}[name](ports_at(never_accepting.getsockname()[1], "https"))


@pytest.mark.parametrize("name", [*WRITES, *READS])
@pytest.mark.parametrize("status", ["200", "302", "403", "404", "429"])
def test_a_page_instead_of_an_answer_is_an_error_of_ours(name: str, status: str, faulty: Faulty) -> None:
    faulty.fault = status
    faulty.requests.clear()
    with contextlib.suppress(EchobotError):
        {**WRITES, **READS}[name](ports_at(faulty.port))

    assert len(faulty.requests) <= 2


def test_a_connection_that_rested_is_not_trusted() -> None:
    now = [0.0]
    idle = Idle(lambda: now[0], limit_s=20)
    passed = []
    for step in (1.0, 19.0, 20.5, 1.0):
        now[0] += step
        passed.append(idle.passed())

    assert passed == [False, False, True, False]

"""What goes over the wire when an end is announced: signatures as their receivers verify them, TLS for mail, nothing
beyond the addresses that an operator has named.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
import socket
import ssl
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from local.standins.doors.inprocess import in_process
from local.standins.doors.router import Router
from local.standins.mns.api import MnsApi
from local.standins.mns.topics import Subscription
from shared import channels
from shared.clients import dingtalk, mail, posting, webhook
from shared.clients.channels import OutsideChannels
from shared.clients.endpoints import Endpoints
from shared.domain.announcement import Announcement, compose
from shared.domain.errors import Corrupt, EchobotError, Refused, Retry, Unknown
from shared.domain.job import JobState
from shared.domain.sentences import Sentence
from shared.ports import Channel
from shared.settings import Settings
from tests.contract.cloud import ENV, Cloud

SECRET = "a secret of the webhook"
ROBOT = "SECdd0c2f5a"
DONE = compose("n" * 32, "lin--261121-153844-a126f4", JobState.DONE, 1.79e9, None, "https://page.example.com/")


def settings(**given: Any) -> Settings:
    mails = {"mail_from": "Echobot <story@example.com>", "mail_to": "mama@example.com, papa@example.com"}
    named = {"webhook_secret": SECRET, "dingtalk_token": "tok3n", "dingtalk_secret": ROBOT}
    return Settings(**{"account_id": "1", "call_timeout_s": 2.0, "announce_topic": "ends", **named, **mails, **given})


# --- a webhook and a robot


@dataclass
class Receiver:
    """Answers posts on loopback, and keeps them."""

    url: str = ""
    status: int = 200
    answer: bytes = b'{"errcode": 0, "errmsg": "ok"}'
    headers: dict[str, str] = field(default_factory=dict)
    posted: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.posted.append((self.path, dict(self.headers), body))
            if not found.status:
                return  # hangs up
            self.send_response(found.status)
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(found.answer)))
            self.end_headers()
            self.wfile.write(found.answer)

        def log_message(self, *_: object) -> None:
            """Nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}"
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


def tell(channel: Channel, receiver: Receiver, announcement: Announcement = DONE) -> None:
    at = settings(endpoint=receiver.url, webhook_url=f"{receiver.url}/hook")
    OutsideChannels(at, ENV).tell(channel, announcement)


def verified(secret: str, headers: dict[str, str], body: bytes, now: float) -> bool:
    """As docs/page.md has receivers do it."""
    timestamp = headers["Echobot-Timestamp"]
    wanted = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    is_fresh = abs(now - int(timestamp)) <= 300
    return is_fresh and hmac.compare_digest(f"v1={wanted}", headers["Echobot-Signature"])


@pytest.mark.loopback
def test_a_webhook_gets_the_announcement_signed(receiver: Receiver) -> None:
    tell(Channel.WEBHOOK, receiver)
    ((path, headers, body),) = receiver.posted
    at = float(headers["Echobot-Timestamp"])

    assert path == "/hook"
    assert json.loads(body) == DONE.document
    assert headers["Echobot-Id"] == DONE.name
    assert verified(SECRET, headers, body, at)
    assert not verified("another", headers, body, at)
    assert not verified(SECRET, headers, body + b" ", at)
    assert not verified(SECRET, headers, body, at + 301)


def test_the_signature_is_what_it_is_documented_to_be() -> None:
    """As `printf '1790000000.{"a":1}' | openssl dgst -sha256 -hmac secret` has it."""
    assert webhook.signature("secret", "1790000000", b'{"a":1}') == (
        "da8fe498621aaab99d5b11c51346b13d1a2bf2914b865b8d3edd3531cab25a3e"
    )


@pytest.mark.loopback
def test_a_robot_gets_its_signature_with_the_address(receiver: Receiver) -> None:
    tell(Channel.DINGTALK, receiver)
    ((path, _, body),) = receiver.posted
    query = dict(urllib.parse.parse_qsl(path.partition("?")[2]))
    signed = f"{query['timestamp']}\n{ROBOT}".encode()

    assert path.startswith("/robot/send?access_token=tok3n&")
    assert query["sign"] == base64.b64encode(hmac.new(ROBOT.encode(), signed, hashlib.sha256).digest()).decode()
    told = json.loads(body)
    assert told["msgtype"] == "markdown"
    assert "做好了" in told["markdown"]["text"]
    assert "is ready" in told["markdown"]["text"]
    assert "(https://page.example.com/stories/lin--261121-153844-a126f4)" in told["markdown"]["text"]


def test_what_a_family_wrote_is_no_markup_for_a_robot() -> None:
    said = Sentence("[点我](http://x)", "<b>&")
    hostile = Announcement("n", "j", "", "*s*", "failed", 0.0, said)
    text = json.loads(json.dumps(dingtalk.message(hostile)))["markdown"]["text"]

    assert r"\[点我\]\(http://x\)" in text
    assert r"\*s\*" in text


@pytest.mark.loopback
@pytest.mark.parametrize("answer", [b'{"errcode": 310000, "errmsg": "sign not match"}', b'{"errcode": 130101}'])
def test_a_robot_that_refuses_did_not_take_it(receiver: Receiver, answer: bytes) -> None:
    receiver.answer = answer
    with pytest.raises(Retry, match=r"dingtalk (310000|130101)"):
        tell(Channel.DINGTALK, receiver)


@pytest.mark.loopback
@pytest.mark.parametrize("answer", [b"", b"<html>", b"[]", b"{}"])
def test_a_robot_that_answers_something_else_may_have_taken_it(receiver: Receiver, answer: bytes) -> None:
    receiver.answer = answer
    with pytest.raises(Unknown):
        tell(Channel.DINGTALK, receiver)


@pytest.mark.loopback
@pytest.mark.parametrize("status", [301, 307, 400, 403, 429, 500])
def test_a_webhook_that_does_not_say_yes_is_told_again(receiver: Receiver, status: int) -> None:
    receiver.status = status
    receiver.headers = {"Location": f"{receiver.url}/elsewhere"}
    with pytest.raises(Retry, match=str(status)):
        tell(Channel.WEBHOOK, receiver)

    assert len(receiver.posted) == 1


@pytest.mark.loopback
def test_without_an_answer_nobody_knows(receiver: Receiver) -> None:
    receiver.status = 0
    with pytest.raises(Unknown):
        tell(Channel.WEBHOOK, receiver)

    assert len(receiver.posted) == 1


HOSTILE = [
    "http://hook.example.com/x",
    "ftp://hook.example.com/x",
    "https://127.0.0.1:1/x",
    "https://[::1]:1/x",
    "https://169.254.169.254/latest/meta-data",
]


@pytest.mark.parametrize("url", HOSTILE)
def test_only_https_and_no_address_of_ours_is_posted_to(url: str) -> None:
    with pytest.raises((Refused, Retry, Unknown)) as refused:
        posting.post(url, b"{}", {}, Endpoints.of(settings()), 1.0)

    assert not url.startswith(("http:", "ftp:")) or refused.value.code == "url.hostile"


@pytest.mark.loopback
def test_a_name_that_leads_to_this_machine_is_refused_before_a_byte_is_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(Refused) as refused:
            posting.post(f"https://localhost:{port}/x", b"{}", {}, Endpoints.of(settings()), 1.0)

    assert refused.value.code == "url.hostile"


@pytest.mark.loopback
@pytest.mark.parametrize("channel", [Channel.WEBHOOK, Channel.DINGTALK])
@pytest.mark.parametrize("status", [0, 403])
def test_an_error_tells_no_secret(receiver: Receiver, channel: Channel, status: int) -> None:
    receiver.status = status
    with pytest.raises(EchobotError) as told:
        tell(channel, receiver)

    words = f"{told.value} {told.value.detail} {told.value.__cause__}"
    assert "tok3n" not in str(told.value)
    assert SECRET not in words
    assert ROBOT not in words


# --- settings


WRONG: list[tuple[dict[str, str], Channel, str]] = [
    ({"webhook_url": "https://x", "webhook_secret": ""}, Channel.WEBHOOK, "webhook_secret"),
    ({"webhook_url": "http://x"}, Channel.WEBHOOK, "webhook_url"),
    ({"webhook_url": "https://["}, Channel.WEBHOOK, "webhook_url"),
    ({"dingtalk_secret": ""}, Channel.DINGTALK, "dingtalk_secret"),
    ({"mail_server": "smtp.example.com:25"}, Channel.MAIL, "mail_server"),
    ({"mail_server": "smtp.example.com:x"}, Channel.MAIL, "mail_server"),
    ({"mail_server": "smtp.example.com", "mail_to": ""}, Channel.MAIL, "mail_to"),
    ({"mail_server": "smtp.example.com", "mail_from": ""}, Channel.MAIL, "mail_from"),
]


@pytest.mark.parametrize(("given", "channel", "name"), WRONG)
def test_a_channel_with_a_wrong_setting_tells_nobody(given: dict[str, str], channel: Channel, name: str) -> None:
    at = settings(**given)
    with pytest.raises(Refused) as refused:
        OutsideChannels(at, ENV).tell(channel, DONE)

    assert refused.value.fields == {"name": name}
    assert channels.faults(at)[channel] == name


def test_channels_are_those_whose_address_is_known() -> None:
    assert channels.configured(Settings()) == ()
    assert channels.configured(settings(webhook_url="https://x")) == (
        Channel.TOPIC,
        Channel.WEBHOOK,
        Channel.DINGTALK,
    )
    assert channels.faults(settings(webhook_url="https://x", mail_server="smtp.example.com:587")) == {}


# --- a topic


def test_a_topic_gets_the_announcement_with_its_state_as_tag(cloud_of_topics: Cloud) -> None:
    cloud = cloud_of_topics
    api = MnsApi(cloud.account, cloud.mns)
    api.topics.create("ends")
    for name, tag in (("all", ""), ("failures", "failed")):
        cloud.mns.create_queue(name)
        endpoint = f"acs:mns:cn-beijing:1:queues/{name}"
        api.topics.subscribe(Subscription("ends", name, endpoint, 0.0, content_format="SIMPLIFIED", filter_tag=tag))
    with in_process(Router({"mns": api})):
        OutsideChannels(settings(), ENV).tell(Channel.TOPIC, DONE)

    (message,) = cloud.mns.receive("all")
    assert json.loads(message.body) == DONE.document
    assert cloud.mns.peek("failures") == []


def test_a_topic_that_is_not_there_is_our_mistake(cloud_of_topics: Cloud) -> None:
    with in_process(Router({"mns": MnsApi(cloud_of_topics.account, cloud_of_topics.mns)})), pytest.raises(Corrupt):
        OutsideChannels(settings(), ENV).tell(Channel.TOPIC, DONE)


@pytest.fixture
def cloud_of_topics() -> Cloud:
    return Cloud()


# --- mail


class Mailbox:
    """What a mail server took."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], EmailMessage]] = []
        self.answer = "250 OK"

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:  # noqa: N802  its name
        mail = message_from_bytes(envelope.content or b"", policy=policy.default)  # type: ignore[arg-type]  # bytes
        assert isinstance(mail, EmailMessage)
        self.mails.append((list(envelope.rcpt_tos), mail))
        return self.answer


def _allowed(_server: object, _session: object, _envelope: object, _kind: str, data: object) -> AuthResult:
    is_right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"story", b"pass word")
    return AuthResult(success=is_right)


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Of `localhost`, and trusted."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "x")])
    since = dt.datetime(2020, 1, 1, tzinfo=dt.timezone.utc)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(IPv4Address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, since, since + dt.timedelta(days=36500))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, plain = tmp_path / "server.pem", serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


@pytest.fixture
def mailbox(
    certificate: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Mailbox, Callable[..., Settings]]]:
    """A server that wants TLS and a login; it listens on a port of its own, which stands for 587."""
    box = Mailbox()
    secured: dict[str, Any] = {
        "tls_context": certificate,
        "require_starttls": True,
        "auth_required": True,
        "authenticator": _allowed,
    }
    controller = Controller(box, hostname="127.0.0.1", port=_free_port(), **secured)
    controller.start()
    monkeypatch.setattr(channels, "MAIL_PORTS", {controller.port})

    def at(**given: str) -> Settings:
        login = {"mail_user": "story", "mail_password": "pass word"}
        return settings(**{"mail_server": f"127.0.0.1:{controller.port}", **login, **given})

    yield box, at
    controller.stop()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


@pytest.mark.loopback
def test_a_mail_goes_to_everybody_through_tls_and_a_login(mailbox: tuple[Mailbox, Callable[..., Settings]]) -> None:
    box, at = mailbox
    OutsideChannels(at(), ENV).tell(Channel.MAIL, DONE)
    ((to, told),) = box.mails

    assert to == ["mama@example.com", "papa@example.com"]
    assert told["Subject"] == "Echobot lin 2026-11-21 23:38"
    assert told["Message-ID"] == f"<{DONE.name}@example.com>"
    assert told["Auto-Submitted"] == "auto-generated"
    body = told.get_content()
    assert "做好了" in body
    assert "is ready" in body
    assert "https://page.example.com/stories/lin--261121-153844-a126f4" in body


@pytest.mark.loopback
def test_a_mail_server_with_another_certificate_gets_neither_password_nor_mail(
    mailbox: tuple[Mailbox, Callable[..., Settings]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    box, at = mailbox
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "nobody.pem"))
    with pytest.raises(Retry, match="CERTIFICATE_VERIFY_FAILED"):
        mail.tell(at(), DONE)

    assert box.mails == []


@pytest.mark.loopback
def test_a_wrong_password_is_not_in_the_error(mailbox: tuple[Mailbox, Callable[..., Settings]]) -> None:
    box, at = mailbox
    with pytest.raises(Retry) as refused:
        mail.tell(at(mail_password="wrong horse"), DONE)

    assert "wrong horse" not in f"{refused.value} {refused.value.__cause__}"
    assert box.mails == []


@pytest.mark.loopback
def test_a_mail_that_is_refused_was_not_taken(mailbox: tuple[Mailbox, Callable[..., Settings]]) -> None:
    box, at = mailbox
    box.answer = "451 later"
    with pytest.raises(Retry, match="later"):
        mail.tell(at(), DONE)


@pytest.mark.loopback
def test_a_mail_server_that_is_not_there_is_tried_again() -> None:
    with pytest.raises(Retry):
        mail.tell(settings(mail_server=f"127.0.0.1:{_free_port()}"), DONE)


def test_a_name_with_a_line_break_makes_no_header() -> None:
    with pytest.raises(ValueError, match="linefeed"):
        mail.message(settings(mail_to="a@example.com\nBcc: b@example.com"), DONE)

"""What there is in an account, read with the vendors' own SDKs: plain facts, for `cli/doctor.py` to judge.

Each reading raises `InspectionError` instead of the SDK's error. Nothing is changed or bought.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import oss2
import requests
import tablestore
from mns.account import Account
from mns.mns_exception import MNSClientException, MNSServerException

from shared.clients.credentials import Credentials, TablestoreCredentials
from shared.clients.endpoints import Endpoints
from shared.clients.ims import ImsMediaJobs
from shared.clients.mns import EMPTY
from shared.clients.model_studio import ModelStudioAvatars
from shared.domain.errors import EchobotError, Offline, Unknown
from shared.log import redact_text
from shared.settings import Settings

WAIT_S = 10
PEEKED_MAX = 16
NOT_FOUND = 404
DETECTED_URL = "https://example.com/nobody.png"
"""A picture that nobody can fetch: the request is turned down, and costs nothing."""


class InspectionError(Exception):
    """The question could not be answered; `code` in the vendor's word."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {redact_text(detail)[:200]}" if detail else code)
        self.code = code


@dataclass(frozen=True)
class BucketFacts:
    region: str
    acl: str
    is_blocked: bool
    encryption: str
    versioning: str
    lifecycle: Mapping[str, int] = field(default_factory=dict)  # prefix -> days; 0 where only uploads are aborted
    old_versions_days: int = 0
    origins: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableFacts:
    primary_key: tuple[str, ...]
    ttl_s: int
    max_versions: int


@dataclass(frozen=True)
class QueueFacts:
    """`waiting` counts to 16."""

    hidden_s: int
    kept_s: int
    waiting: int


@dataclass(frozen=True)
class RuleFacts:
    pattern: Mapping[str, Any]
    is_enabled: bool
    endpoints: tuple[str, ...]
    dead_letters: tuple[str, ...]


@dataclass(frozen=True)
class FunctionFacts:
    timeout_s: int
    memory_mb: int
    role: str


@dataclass(frozen=True)
class AsyncFacts:
    """What FC does with a call that nobody waits for; `failures` is the ARN that hears of one given up."""

    retries: int | None
    age_s_max: int | None
    failures: str


@dataclass(frozen=True)
class TriggerFacts:
    kind: str
    source_arn: str
    role: str
    config: Mapping[str, Any]


class Inspector:
    """Reads an account. `env` holds the access key, as for everything else."""

    def __init__(self, settings: Settings, env: Mapping[str, str], clock: Callable[[], float] = time.time) -> None:
        self.settings = settings
        self._env = env
        self._credentials = Credentials(env)
        self._endpoints = Endpoints.of(settings)
        self._clock = clock

    def has_keys(self) -> bool:
        try:
            self._credentials.read()
        except EchobotError:
            return False
        return True

    def clock_ahead_s(self) -> float:
        """How far this machine's clock is ahead of the service's, in seconds."""
        try:
            answer = requests.head(self._endpoints.oss, timeout=WAIT_S)
            return self._clock() - parsedate_to_datetime(answer.headers["Date"]).timestamp()
        except (requests.RequestException, KeyError, ValueError) as error:
            raise InspectionError("NoAnswer", f"{urlsplit(self._endpoints.oss).netloc}: {error}") from error

    def bucket(self, name: str) -> BucketFacts | None:
        """None when there is no such bucket; one that belongs to somebody else is `InspectionError("AccessDenied")`."""
        auth = oss2.ProviderAuthV4(self._credentials)
        bucket = oss2.Bucket(
            auth, self._endpoints.oss, name, region=self._endpoints.region, connect_timeout=WAIT_S, enable_crc=False
        )
        with _oss():
            try:
                info = bucket.get_bucket_info()
            except oss2.exceptions.NoSuchBucket:
                return None
            rules = _or_nothing(lambda: bucket.get_bucket_lifecycle().rules, oss2.exceptions.NoSuchLifecycle)
            cors = _or_nothing(lambda: bucket.get_bucket_cors().rules, oss2.exceptions.NoSuchCors)
            old = [rule.noncurrent_version_expiration for rule in rules if rule.noncurrent_version_expiration]
            return BucketFacts(
                region=str(info.location).removeprefix("oss-"),
                acl=str(info.acl.grant),
                is_blocked=bool(bucket.get_bucket_public_access_block().block_public_access),
                encryption=str(info.bucket_encryption_rule.sse_algorithm or ""),
                versioning=str(info.versioning_status or ""),
                lifecycle={rule.prefix: int((rule.expiration and rule.expiration.days) or 0) for rule in rules},
                old_versions_days=int(old[0].noncurrent_days) if old else 0,
                origins=tuple(origin for rule in cors for origin in rule.allowed_origins),
            )

    def tables(self) -> dict[str, TableFacts]:
        client = tablestore.OTSClient(
            self._endpoints.tablestore,
            instance_name=self._endpoints.instance,
            credentials_provider=TablestoreCredentials(self._credentials),
            region=self._endpoints.region,
            socket_timeout=WAIT_S,
            retry_policy=tablestore.NoRetryPolicy(),
        )
        try:
            return {name: _table(client.describe_table(name)) for name in client.list_table()}
        except tablestore.OTSServiceError as error:
            raise InspectionError(str(error.code), str(error.message)) from error
        except (tablestore.OTSClientError, OSError) as error:
            raise InspectionError("NoAnswer", str(error)) from error

    def queue(self, name: str) -> QueueFacts | None:
        """None when there is no such queue."""
        keys = self._credentials.read()
        account = Account(self._endpoints.mns, keys.key_id, keys.secret, keys.token)
        try:
            there = account.get_queue(name)
            found, waiting = there.get_attributes(), _waiting(there)
        except MNSServerException as error:
            if error.type == "QueueNotExist":
                return None
            raise InspectionError(str(error.type), str(error.message)) from error
        except MNSClientException as error:
            raise InspectionError("NoAnswer", str(error.message)) from error
        finally:
            account.mns_client.close_connection()
        return QueueFacts(int(found.visibility_timeout), int(found.message_retention_period), waiting)

    def announcements(self) -> tuple[str, frozenset[str]]:
        """The queue in which IMS announces ends, and of what; an empty name when it does not."""
        try:
            return ImsMediaJobs(self.settings, self._env).subscribed()
        except EchobotError as error:
            raise InspectionError(error.code, error.detail) from error

    def rule(self, name: str) -> RuleFacts | None:
        """A rule of the default bus; None when there is none of this name."""
        from alibabacloud_eventbridge20200401 import models  # type: ignore[import-untyped]  # noqa: PLC0415  no types
        from alibabacloud_eventbridge20200401.client import (  # type: ignore[import-untyped]  # noqa: PLC0415  no types
            Client,
        )

        with _openapi("EventRuleNotExisted") as answered:
            config = self._config(f"eventbridge-console.{self._endpoints.region}.aliyuncs.com")
            data = Client(config).get_rule(models.GetRuleRequest(event_bus_name="default", rule_name=name)).body.data
            targets = data.targets or []
            answered.append(
                RuleFacts(
                    pattern=json.loads(data.filter_pattern),
                    is_enabled=data.status == "ENABLE",
                    endpoints=tuple(str(target.endpoint) for target in targets),
                    dead_letters=tuple(
                        str(target.dead_letter_queue.arn) for target in targets if target.dead_letter_queue
                    ),
                )
            )
        return answered[0] if answered else None

    def functions(self, prefix: str) -> dict[str, FunctionFacts]:
        from alibabacloud_fc20230330 import models  # noqa: PLC0415  a second to import

        with _openapi() as answered:
            listed = self._fc().list_functions(models.ListFunctionsRequest(prefix=prefix, limit=100))
            answered.extend(listed.body.functions or [])
        return {
            str(one.function_name): FunctionFacts(int(one.timeout), int(one.memory_size), str(one.role or ""))
            for one in answered
        }

    def async_config(self, function: str) -> AsyncFacts | None:
        """None when the function has none: FC's own defaults hold, and nobody hears of a call given up."""
        from alibabacloud_fc20230330 import models  # noqa: PLC0415  as above

        with _openapi(NOT_FOUND) as answered:
            answered.append(self._fc().get_async_invoke_config(function, models.GetAsyncInvokeConfigRequest()).body)
        if not answered:
            return None
        [one] = answered
        failures = one.destination_config and one.destination_config.on_failure
        return AsyncFacts(
            retries=one.max_async_retry_attempts,
            age_s_max=one.max_async_event_age_in_seconds,
            failures=str((failures and failures.destination) or ""),
        )

    def triggers(self, function: str) -> dict[str, TriggerFacts]:
        """All triggers of a function by name; FC allows 50."""
        from alibabacloud_fc20230330 import models  # noqa: PLC0415  as above

        with _openapi() as answered:
            listed = self._fc().list_triggers(function, models.ListTriggersRequest(limit=100))
            answered.extend(listed.body.triggers or [])
        return {
            str(one.trigger_name): TriggerFacts(
                kind=str(one.trigger_type),
                source_arn=str(one.source_arn or ""),
                role=str(one.invocation_role or ""),
                config=json.loads(one.trigger_config or "{}"),
            )
            for one in answered
        }

    def answers(self, engine: str, model: str) -> str:
        """Whether a model of Model Studio answers: empty, or the code that says why not."""
        try:
            ModelStudioAvatars(self.settings).detect(engine, model, DETECTED_URL, "1:1")
        except (Offline, Unknown) as error:
            return error.code
        except EchobotError as error:  # what is wrong with the picture is told by a model that answers
            return error.code if error.code.startswith("account.") else ""
        return ""

    def _fc(self) -> Any:
        from alibabacloud_fc20230330.client import Client  # noqa: PLC0415  as above

        return Client(self._config(f"{self._endpoints.account_id}.{self._endpoints.region}.fc.aliyuncs.com"))

    def _config(self, host: str) -> Any:
        from alibabacloud_tea_openapi.models import Config  # noqa: PLC0415  as above

        keys = self._credentials.read()
        override = urlsplit(self._endpoints.override)
        return Config(
            access_key_id=keys.key_id,
            access_key_secret=keys.secret,
            security_token=keys.token or None,
            endpoint=override.netloc or host,
            protocol=override.scheme or "https",
            region_id=self._endpoints.region,
            connect_timeout=WAIT_S * 1000,
            read_timeout=WAIT_S * 1000,
        )


def _waiting(queue: Any) -> int:
    """Messages that one look shows; the service's own count is switched off one day."""
    queue.set_encoding(False)  # whatever lies there is counted
    try:
        return len(queue.batch_peek_message(PEEKED_MAX))
    except MNSServerException as error:
        if error.type != EMPTY:
            raise
        return 0


def _table(described: Any) -> TableFacts:
    options = described.table_options
    key = tuple(str(column[0]) for column in described.table_meta.schema_of_primary_key)
    return TableFacts(key, int(options.time_to_live), int(options.max_version))


def _or_nothing(read: Callable[[], Any], absent: type[Exception]) -> Any:
    try:
        return read()
    except absent:
        return []


@contextmanager
def _oss() -> Iterator[None]:
    try:
        yield
    except oss2.exceptions.OssError as error:
        raise InspectionError(str(error.code or "NoAnswer"), str(error.message or error)) from error


@contextmanager
def _openapi(absent: str | int = "") -> Iterator[list[Any]]:
    """What was answered; stays empty when the service says `absent`, a code or a status."""
    from darabonba import exceptions as dara  # type: ignore[import-untyped]  # noqa: PLC0415  publishes no types

    answered: list[Any] = []
    try:
        yield answered
    except (dara.DaraException, dara.UnretryableException) as error:
        code = str(getattr(error, "code", "") or "NoAnswer")
        if absent not in (code, getattr(error, "status_code", None)):
            raise InspectionError(code, str(getattr(error, "message", error))) from error
    except (requests.RequestException, OSError) as error:
        raise InspectionError("NoAnswer", str(error)) from error

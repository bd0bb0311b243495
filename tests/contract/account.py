"""The ports on a real account, for `make verify`: with buckets, tables and queues of their own, deleted at the end.

Needs ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET, ECHOBOT_ACCOUNT_ID, DASHSCOPE_API_KEY, and in
VERIFY_INSTANCE an empty Tablestore instance: tables cannot be told apart within one. It says which are missing.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

import oss2
import tablestore
from mns.account import Account
from mns.mns_exception import MNSServerException
from mns.queue import QueueMeta

from shared.clients.credentials import KEY_ID, KEY_SECRET, Credentials, TablestoreCredentials
from shared.clients.endpoints import Endpoints
from shared.ports import Table
from shared.queues import names
from shared.settings import Settings
from shared.tables import PRIMARY_KEYS

WANTED = (KEY_ID, KEY_SECRET, "ECHOBOT_ACCOUNT_ID", "DASHSCOPE_API_KEY", "VERIFY_INSTANCE")
READY_S = 60.0
"""How long a new table may take until it answers."""


def missing(env: Mapping[str, str]) -> str:
    """Why nothing can be verified; empty when it can."""
    absent = [name for name in WANTED if not env.get(name)]
    return f"no account to verify against: set {', '.join(absent)}" if absent else ""


def settings_of(env: Mapping[str, str]) -> Settings:
    """A deployment of a name that nobody else has."""
    name = f"verify-{uuid.uuid4().hex[:10]}"
    return Settings(
        region=env.get("ECHOBOT_REGION", "cn-beijing"),
        account_id=env["ECHOBOT_ACCOUNT_ID"],
        endpoint=env.get("ECHOBOT_ENDPOINT", ""),
        input_bucket=f"{name}-input",
        work_bucket=f"{name}-work",
        output_bucket=f"{name}-output",
        instance=env["VERIFY_INSTANCE"],
        recheck_queue=f"{name}-recheck",
        failed_queue=f"{name}-failed",
        finished_queue=f"{name}-finished",
        announce_queue=f"{name}-announce",
        ims_callback_queue=f"ice-callback-{name}",
        model_studio_queue=f"{name}-model-studio",
        model_studio_api_key=env["DASHSCOPE_API_KEY"],
    )


@dataclass
class Belongings:
    """What was made, and can be emptied between two tests."""

    buckets: list[oss2.Bucket]
    tables: tablestore.OTSClient
    mns: Account
    queues: list[str]

    def empty(self) -> None:
        for bucket in self.buckets:
            for found in oss2.ObjectIteratorV2(bucket):
                bucket.delete_object(found.key)
            for upload in oss2.MultipartUploadIterator(bucket):
                bucket.abort_multipart_upload(upload.key, upload.upload_id)
        for table, columns in PRIMARY_KEYS.items():
            for key in _keys(self.tables, table, columns):
                row = tablestore.Row(key)
                self.tables.delete_row(
                    table.value, row, tablestore.Condition(tablestore.RowExistenceExpectation.IGNORE)
                )
        for name in self.queues:
            queue = self.mns.get_queue(name)
            with suppress(MNSServerException):
                while True:
                    for message in queue.batch_receive_message(16):
                        queue.delete_message(message.receipt_handle)


@contextmanager
def belongings(settings: Settings, env: Mapping[str, str]) -> Iterator[Belongings]:
    """Make everything, and delete it whatever happens."""
    endpoints, credentials = Endpoints.of(settings), Credentials(env)
    keys = credentials.read()
    with ExitStack() as stack:
        buckets = []
        for name in (settings.input_bucket, settings.work_bucket, settings.output_bucket):
            bucket = oss2.Bucket(oss2.ProviderAuthV4(credentials), endpoints.oss, name, region=endpoints.region)
            bucket.create_bucket(oss2.BUCKET_ACL_PRIVATE)
            stack.callback(bucket.delete_bucket)
            buckets.append(bucket)
        tables = tablestore.OTSClient(
            endpoints.tablestore,
            instance_name=endpoints.instance,
            credentials_provider=TablestoreCredentials(credentials),
            region=endpoints.region,
        )
        stack.callback(tables.connection.pool.clear)
        for table, columns in PRIMARY_KEYS.items():
            _create_table(tables, table, columns)
            stack.callback(tables.delete_table, table.value)
        mns = Account(endpoints.mns, keys.key_id, keys.secret, keys.token)
        stack.callback(mns.mns_client.close_connection)
        queues = sorted(set(names(settings).values()))
        for name in queues:
            mns.get_queue(name).create(QueueMeta(330))
            stack.callback(mns.get_queue(name).delete)
        found = Belongings(buckets, tables, mns, queues)
        stack.callback(found.empty)
        _wait_for(tables)
        yield found


def _create_table(client: tablestore.OTSClient, table: Table, columns: tuple[str, ...]) -> None:
    """`OTSObjectAlreadyExist` leaves as it is: the instance is not an empty one, and nothing in it is touched."""
    meta = tablestore.TableMeta(table.value, [(column, "STRING") for column in columns])
    client.create_table(
        meta, tablestore.TableOptions(-1, 1), tablestore.ReservedThroughput(tablestore.CapacityUnit(0, 0))
    )


def _wait_for(client: tablestore.OTSClient) -> None:
    """A table answers some seconds after it was made."""
    until = time.monotonic() + READY_S
    for table, columns in PRIMARY_KEYS.items():
        while True:
            try:
                client.get_row(table.value, [(column, "?") for column in columns])
                break
            except tablestore.OTSServiceError:
                if time.monotonic() > until:
                    raise
                time.sleep(1.0)


def _keys(client: tablestore.OTSClient, table: Table, columns: tuple[str, ...]) -> Iterator[list[tuple[str, str]]]:
    first = [(column, tablestore.INF_MIN) for column in columns]
    last = [(column, tablestore.INF_MAX) for column in columns]
    while first:
        _, first, rows, _ = client.get_range(table.value, "FORWARD", first, last)
        yield from (row.primary_key for row in rows)

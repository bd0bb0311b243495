"""Signatures, headers and the shape of answers, with the unmodified SDK."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import tablestore as sdk
import tablestore.protobuf.table_store_pb2 as messages

from local.standins.account import Account, Asked
from local.standins.http import Request
from local.standins.tablestore.api import TablestoreApi
from local.standins.tablestore.state import TablestoreState
from local.standins.timing import VirtualTiming
from tests.standins.tablestore.given import (
    EXISTS,
    IGNORE,
    IS_NEW,
    a_client,
    a_table,
    column_is,
    columns_of,
    invalid,
    refusal,
)

FLAVOURS = [{}, {"enable_native": False}, {"region": "cn-beijing"}, {"sts_token": "a-token"}]


@pytest.mark.parametrize("flavour", FLAVOURS, ids=["v2", "no-native", "v4", "sts"])
def test_the_sdk_writes_and_reads_every_type_with_each_signature(door: TablestoreApi, flavour: dict[str, Any]) -> None:
    client = a_client(**flavour)
    key = a_table(client)
    written = [("blob", bytearray(b"\0\1")), ("flag", True), ("n", -7), ("ratio", 1.5), ("state", "租户")]

    client.put_row("jobs", sdk.Row(key("故事", 1), written), IS_NEW)

    _, row, _ = client.get_row("jobs", key("故事", 1))
    assert row.primary_key == key("故事", 1)
    assert [(name, value) for name, value, _ in row.attribute_columns] == written


def test_a_wrong_secret_is_refused(door: TablestoreApi) -> None:
    assert refusal(a_client(secret="bad").list_table) == (403, "OTSAuthFailed", "Signature mismatch.")


def test_a_wrong_secret_is_refused_with_v4_too(door: TablestoreApi) -> None:
    client = a_client(secret="bad", region="cn-beijing")

    assert refusal(client.list_table) == (403, "OTSAuthFailed", "Signature mismatch.")


def test_an_unknown_access_key_is_refused(account: Account, door: TablestoreApi) -> None:
    account.keys.clear()

    assert refusal(a_client().list_table) == (403, "OTSAuthFailed", "The AccessKeyID does not exist.")


def test_a_body_that_does_not_match_its_md5_is_refused(api: TablestoreApi) -> None:
    request = signed_list_table()

    answer = api.handle(Request.of("POST", "http://x/ListTable", dict(request.headers), b"tampered"))

    assert error_of(answer.body) == (
        "OTSAuthFailed",
        "Mismatch between MD5 value of request body and x-ots-contentmd5 in header.",
    )


def test_a_request_older_than_15_minutes_is_refused(api: TablestoreApi) -> None:
    date = (datetime.now(timezone.utc) - timedelta(minutes=16)).strftime("%Y-%m-%dT%H:%M:%S.000Z")

    answer = api.handle(signed_list_table(date))

    assert answer.status == 403
    assert error_of(answer.body) == ("OTSAuthFailed", f"Mismatch between system time and x-ots-date: {date}.")


def test_a_missing_header_is_named(api: TablestoreApi) -> None:
    answer = api.handle(Request.of("POST", "http://x/ListTable", {}, b""))

    assert answer.status == 400
    assert error_of(answer.body) == ("OTSParameterInvalid", "Missing header: x-ots-date.")


def test_only_post_is_answered(api: TablestoreApi) -> None:
    assert api.handle(Request.of("GET", "http://x/ListTable", {}, b"")).status == 405


def test_the_date_of_answers_is_real_time_whatever_the_account_clock_says(timing: VirtualTiming, client: Any) -> None:
    timing.advance(365 * 86400)

    assert client.list_table() == ()  # the SDK itself refuses an answer 15 minutes off


def test_a_path_prefix_in_the_endpoint_is_outside_the_signature(door: TablestoreApi) -> None:
    assert a_client(endpoint="http://127.0.0.1:9000/ots").list_table() == ()


def test_an_unsupported_operation_is_refused_by_name(client: Any) -> None:
    a_table(client)

    assert refusal(client.search, "jobs", "index", sdk.SearchQuery(sdk.MatchAllQuery())) == (
        400,
        "OTSUnsupportOperation",
        "Unsupported operation: 'Search'.",
    )


def test_there_are_no_search_indexes(client: Any) -> None:
    a_table(client)

    assert list(client.list_search_index("jobs")) == []


def test_an_api_for_one_instance_refuses_requests_for_another(state: TablestoreState) -> None:
    answer = TablestoreApi(state, instance="another").handle(signed_list_table())

    assert answer.status == 403
    assert error_of(answer.body) == ("OTSAuthFailed", "The instance is not found.")


def test_each_answered_request_is_noted_once(account: Account, client: Any) -> None:
    key = a_table(client)
    refusal(client.put_row, "jobs", sdk.Row(key("j", 1), []), EXISTS)

    assert account.asked == [
        Asked("tablestore", "CreateTable", 200),
        Asked("tablestore", "PutRow", 403, "OTSConditionCheckFail"),
    ]


def test_a_condition_costs_a_read_unit_and_4_kb_cost_a_write_unit(client: Any) -> None:
    key = a_table(client)
    row = sdk.Row(key("j", 1), [("text", "x" * 5000)])

    plain, _ = client.put_row("jobs", row, IGNORE)
    conditional, _ = client.put_row("jobs", row, EXISTS)

    assert (plain.read, plain.write) == (0, 2)
    assert (conditional.read, conditional.write) == (1, 2)


def test_a_column_name_that_the_sdk_garbles_is_refused_as_broken_data(client: Any) -> None:
    """The SDK writes the count of characters where the count of bytes belongs."""
    key = a_table(client)

    message = "Cell data broken, mismatch tag, actual tag(230), expect(10)."
    assert refusal(client.put_row, "jobs", sdk.Row(key("j", 1), [("状态x", 1)]), IGNORE) == invalid(message)


def test_a_key_can_be_asked_back(client: Any) -> None:
    key = a_table(client)

    _, row = client.put_row("jobs", sdk.Row(key("j", 1), []), IGNORE, sdk.ReturnType.RT_PK)

    assert row.primary_key == key("j", 1)


def test_counters_can_be_asked_back_by_those_who_can_ask(api: TablestoreApi, client: Any) -> None:
    """No release of the Python SDK has RT_AFTER_MODIFY; the protocol does."""
    key = a_table(client)
    row = sdk.Row(key("j", 1), {"INCREMENT": [("n", 3)]})
    request = client.protocol.encoder.encode_request("UpdateRow", "jobs", row, IGNORE, None, None)
    request.return_content.return_type = messages.RT_AFTER_MODIFY
    request.return_content.return_column_names.append("n")

    calls = api._calls["UpdateRow"]
    (_, answered), _ = client.protocol.decoder.decode_response("UpdateRow", calls[1](request).SerializeToString(), "")

    assert columns_of(answered) == {"n": 3}


def test_a_filter_for_columns_not_read_sees_them_missing(client: Any) -> None:
    key = a_table(client)
    client.put_row("jobs", sdk.Row(key("j", 1), [("a", 1), ("b", 2)]), IGNORE)

    assert client.get_row("jobs", key("j", 1), ["a"], column_is("b", 2))[1] is None
    assert columns_of(client.get_row("jobs", key("j", 1), ["a", "b"], column_is("b", 2))) == {"a": 1, "b": 2}


def signed_list_table(date: str | None = None) -> Request:
    client = a_client()
    client._signer.gen_signing_key()
    headers = client.protocol._make_request_headers(b"", "/ListTable", client._signer)
    if date is not None:
        headers = {"x-ots-date": date, **{name: headers[name] for name in headers if name != "x-ots-date"}}
    assert headers["x-ots-contentmd5"] == base64.b64encode(hashlib.md5(b"", usedforsecurity=False).digest()).decode()
    return Request.of("POST", "http://x/ListTable", headers, b"")


def error_of(body: bytes) -> tuple[str, str]:
    error = messages.Error.FromString(body)
    return error.code, error.message

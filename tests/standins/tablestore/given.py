"""What the tests of the Tablestore stand-in start from: clients of the unmodified SDK, tables, rows, refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import tablestore as sdk
from tablestore.retry import NoRetryPolicy

ENDPOINT = "https://echobot.cn-beijing.ots.aliyuncs.com"
IGNORE = sdk.Condition(sdk.RowExistenceExpectation.IGNORE)
EXISTS = sdk.Condition(sdk.RowExistenceExpectation.EXPECT_EXIST)
IS_NEW = sdk.Condition(sdk.RowExistenceExpectation.EXPECT_NOT_EXIST)


SECRET = "test-secret"


def a_client(secret: str = SECRET, endpoint: str = ENDPOINT, **options: Any) -> Any:
    """Without retries: the SDK repeats a conflict twenty times, sleeping in between."""
    return sdk.OTSClient(endpoint, "test-id", secret, "echobot", retry_policy=NoRetryPolicy(), **options)


def a_table(
    client: Any, name: str = "jobs", key: list[tuple[Any, ...]] | None = None, **options: Any
) -> Callable[..., list[tuple[str, Any]]]:
    """Create a table (`job` STRING, `number` INTEGER, unless said otherwise); gives a maker of its keys."""
    columns = key or [("job", "STRING"), ("number", "INTEGER")]
    client.create_table(
        sdk.TableMeta(name, columns, options.pop("defined_columns", [])),
        sdk.TableOptions(**options),
        sdk.ReservedThroughput(sdk.CapacityUnit(0, 0)),
    )
    return lambda *values: [(column[0], value) for column, value in zip(columns, values, strict=True)]


def column_is(name: str, value: Any, *, pass_if_missing: bool = False) -> Any:
    return sdk.SingleColumnCondition(name, value, sdk.ComparatorType.EQUAL, pass_if_missing=pass_if_missing)


def existing_where(condition: Any) -> Any:
    return sdk.Condition(sdk.RowExistenceExpectation.EXPECT_EXIST, condition)


def columns_of(row: Any) -> dict[str, Any]:
    """Newest values by column; `get_row`'s whole answer or a row of it."""
    found = row[1] if isinstance(row, tuple) else row
    return {name: value for name, value, _ in reversed(found.attribute_columns)}


def refusal(call: Callable[..., Any], *arguments: Any, **options: Any) -> tuple[int, str, str]:
    """HTTP status, code and message of the service error a call ends in."""
    with pytest.raises(sdk.OTSServiceError) as caught:
        call(*arguments, **options)
    return caught.value.http_status, caught.value.code, caught.value.message


CONDITION_FAILED = (403, "OTSConditionCheckFail", "Condition check failed.")


def invalid(message: str) -> tuple[int, str, str]:
    return 400, "OTSParameterInvalid", message


def invalid_key(message: str) -> tuple[int, str, str]:
    return 400, "OTSInvalidPK", message

"""The service's refusals, with its own codes, messages and HTTP statuses.

Source: help.aliyun.com, Tablestore, "错误码参考", and the assertions in the vendor's SDK tests where the page only
gives a pattern.
"""

from __future__ import annotations


class TablestoreError(Exception):
    """What the service answers instead of a result; on the wire it becomes a `pb.Error`."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message


def invalid(message: str) -> TablestoreError:
    return TablestoreError(400, "OTSParameterInvalid", message)


def invalid_key(message: str) -> TablestoreError:
    return TablestoreError(400, "OTSInvalidPK", message)


def unsupported(operation: str) -> TablestoreError:
    return TablestoreError(400, "OTSUnsupportOperation", f"Unsupported operation: '{operation}'.")


def auth_failed(message: str) -> TablestoreError:
    return TablestoreError(403, "OTSAuthFailed", message)


def condition_failed() -> TablestoreError:
    return TablestoreError(403, "OTSConditionCheckFail", "Condition check failed.")


def table_missing() -> TablestoreError:
    return TablestoreError(404, "OTSObjectNotExist", "Requested table does not exist.")


def table_exists() -> TablestoreError:
    return TablestoreError(409, "OTSObjectAlreadyExist", "Requested table already exists.")


def too_many_tables() -> TablestoreError:
    return TablestoreError(403, "OTSQuotaExhausted", "Number of tables exceeded the quota.")


def row_busy() -> TablestoreError:
    return TablestoreError(409, "OTSRowOperationConflict", "Data is being modified by the other request.")


def no_session() -> TablestoreError:
    # Code and message are the service's; its HTTP status for them is nowhere written down.
    return TablestoreError(404, "OTSSessionNotExist", "Session not exist or may be timeout.")


def outside_transaction(partition: object, data: object) -> TablestoreError:
    message = f"Data out of scope of transaction. Transaction PartKey:{partition}. Data PartKey:{data}"
    return TablestoreError(400, "OTSDataOutOfRange", message)


def transaction_too_large() -> TablestoreError:
    # The code is documented, the text is not.
    return TablestoreError(
        400, "OTSOutOfTransactionDataSizeLimit", "The data size of the transaction exceeds the limit."
    )

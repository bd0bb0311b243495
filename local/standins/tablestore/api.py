"""The wire protocol: POST /<Operation>, a protobuf in, a signed protobuf out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import tablestore.protobuf.search_pb2 as search
import tablestore.protobuf.table_store_pb2 as messages
from google.protobuf.message import DecodeError

from local.standins.http import Request, Response
from local.standins.tablestore.batch_calls import BatchCalls
from local.standins.tablestore.errors import TablestoreError, auth_failed, invalid, unsupported
from local.standins.tablestore.limits import REQUEST_BYTES_MAX
from local.standins.tablestore.row_calls import RowCalls
from local.standins.tablestore.signing import Signer, answer_headers, check_request
from local.standins.tablestore.state import TablestoreState
from local.standins.tablestore.table_calls import TableCalls

SERVICE: Final = "tablestore"
Call = tuple[Any, Callable[[Any], Any]]


class TablestoreApi:
    """Answers requests for one instance; with `instance` given, requests for another one are refused."""

    def __init__(self, state: TablestoreState, instance: str | None = None) -> None:
        self.state = state
        self._instance = instance
        self._calls = _calls(state)

    def handle(self, request: Request) -> Response:
        operation = request.path.rsplit("/", 1)[-1]
        signer: Signer | None = None
        try:
            kind, answer = self._call(operation, request)
            signer = check_request(operation, request, self.state.account.keys)
            self._check_scope(request)
            with self.state.account.lock:
                status, body, detail = 200, answer(_parsed(kind, request.body)).SerializeToString(), ""
        except TablestoreError as error:
            message = messages.Error(code=error.code, message=error.message)
            status, body, detail = error.status, message.SerializeToString(), error.code
        headers = answer_headers(body, self.state.account.new_uuid())
        if signer is not None:
            headers = signer.signed(operation, headers)
        self.state.account.note(SERVICE, operation, status, detail)
        return Response(status, headers, body)

    def _call(self, operation: str, request: Request) -> Call:
        if request.method != "POST":
            raise TablestoreError(405, "OTSMethodNotAllowed", "Only POST method for requests is supported.")
        if operation not in self._calls:
            raise unsupported(operation)
        return self._calls[operation]

    def _check_scope(self, request: Request) -> None:
        if self._instance is not None and request.headers["x-ots-instancename"] != self._instance:
            raise auth_failed("The instance is not found.")
        if len(request.body) > REQUEST_BYTES_MAX:
            raise TablestoreError(413, "OTSRequestBodyTooLarge", "The size of POST data is too large.")


def _parsed(kind: Any, body: bytes) -> Any:
    try:
        return kind.FromString(body)
    except DecodeError as error:
        raise invalid("Parse PBMessage from RawString failed.") from error


def _calls(state: TablestoreState) -> dict[str, Call]:
    tables, rows = TableCalls(state), RowCalls(state)
    batches = BatchCalls(rows)
    return {
        "CreateTable": (messages.CreateTableRequest, tables.create_table),
        "ListTable": (messages.ListTableRequest, tables.list_table),
        "DescribeTable": (messages.DescribeTableRequest, tables.describe_table),
        "UpdateTable": (messages.UpdateTableRequest, tables.update_table),
        "DeleteTable": (messages.DeleteTableRequest, tables.delete_table),
        "CreateIndex": (messages.CreateIndexRequest, tables.create_index),
        "DropIndex": (messages.DropIndexRequest, tables.drop_index),
        "ListSearchIndex": (search.ListSearchIndexRequest, tables.list_search_index),
        "PutRow": (messages.PutRowRequest, rows.put_row),
        "GetRow": (messages.GetRowRequest, rows.get_row),
        "UpdateRow": (messages.UpdateRowRequest, rows.update_row),
        "DeleteRow": (messages.DeleteRowRequest, rows.delete_row),
        "GetRange": (messages.GetRangeRequest, rows.get_range),
        "BatchGetRow": (messages.BatchGetRowRequest, batches.batch_get_row),
        "BatchWriteRow": (messages.BatchWriteRowRequest, batches.batch_write_row),
        "StartLocalTransaction": (messages.StartLocalTransactionRequest, rows.start_local_transaction),
        "CommitTransaction": (messages.CommitTransactionRequest, rows.commit_transaction),
        "AbortTransaction": (messages.AbortTransactionRequest, rows.abort_transaction),
    }

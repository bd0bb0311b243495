"""The stand-ins' refusals as errors of ours, through the same table as the vendors' own."""

from __future__ import annotations

from types import TracebackType

from local.standins.errors import VendorError
from local.standins.mns.errors import MnsError
from local.standins.oss.errors import OssError
from local.standins.tablestore.errors import TablestoreError
from shared.clients.codes import Answer, Vendor, classify
from shared.domain.errors import EchobotError

Refusal = VendorError | OssError | TablestoreError | MnsError
_REFUSALS = (VendorError, OssError, TablestoreError, MnsError)


class answering:  # noqa: N801  used as `with answering(...)`, a class only because each call of a port opens one
    """`sent` and `fields` as for `classify`."""

    def __init__(self, vendor: Vendor, *, sent: bool, **fields: object) -> None:
        self._vendor = vendor
        self._sent = sent
        self._fields = fields

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None and isinstance(error, _REFUSALS):
            raise answered(self._vendor, error, sent=self._sent, **self._fields) from error


def answered(vendor: Vendor, error: Refusal, *, sent: bool, **fields: object) -> EchobotError:
    """A refusal as an error of ours."""
    return classify(Answer(vendor, error.status, error.code, error.message), sent=sent, **fields)

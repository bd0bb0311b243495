"""How a stand-in says no: with the vendor's own status, code and message."""

from __future__ import annotations


class VendorError(Exception):
    """An answer that is not a success, exactly as the vendor words it; `status` is the HTTP status."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message


class FetchError(Exception):
    """An input gave nothing: no such object, an expired signature, or (`timed_out`) a host that does not answer."""

    def __init__(self, message: str, *, timed_out: bool = False) -> None:
        super().__init__(message)
        self.timed_out = timed_out

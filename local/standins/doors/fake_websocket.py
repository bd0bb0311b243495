"""`websocket.WebSocketApp` without a socket: what dashscope uses of it, talking to Model Studio's stand-in."""

from __future__ import annotations

import queue
import traceback
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from local.standins.http import Headers

_NORMAL, _INTERNAL_ERROR = 1000, 1011

FindService = Callable[[str], Any]


def fake_websocket_app(find_service: FindService) -> type[FakeWebSocketApp]:
    """The class to put in place of `websocket.WebSocketApp`; `find_service(url)` gives the stand-in, or raises."""
    return type("WebSocketApp", (FakeWebSocketApp,), {"find_service": staticmethod(find_service)})


class FakeWebSocketApp:
    """Handlers run in the thread of `run_forever`, as in the real one; `send` may be called from another."""

    def __init__(
        self,
        url: str,
        header: dict[str, str] | list[str] | None = None,
        on_open: Callable[..., object] | None = None,
        on_message: Callable[..., object] | None = None,
        on_error: Callable[..., object] | None = None,
        on_close: Callable[..., object] | None = None,
    ) -> None:
        self.url = url
        self.header = header
        self.on_open, self.on_message, self.on_error, self.on_close = on_open, on_message, on_error, on_close
        self.sock = SimpleNamespace(connected=False)
        self._sent: queue.Queue[str | None] = queue.Queue()
        self._service = self.find_service(url)

    @staticmethod
    def find_service(url: str) -> Any:
        """Replaced by the factory."""
        raise NotImplementedError(url)

    def run_forever(self, **_: Any) -> bool:
        """Until either side closes; True when the stand-in broke, as the real one says of an error."""
        code = _NORMAL
        self.sock.connected = True
        self._call(self.on_open)
        try:
            self._service.websocket(_headers(self.header), self._receive, self._deliver, self._deliver)
        except Exception as error:  # noqa: BLE001  the real one also hands any error to on_error
            traceback.print_exc()
            code = _INTERNAL_ERROR
            self._call(self.on_error, error)
        finally:
            self.sock.connected = False
        self._call(self.on_close, code, "")
        return code != _NORMAL

    def send(self, data: str, opcode: int = 1) -> None:
        del opcode
        if not self.sock.connected:
            raise ConnectionResetError("the WebSocket is closed")
        self._sent.put(data)

    def close(self, **_: Any) -> None:
        self._sent.put(None)

    def _receive(self) -> str | None:
        data = self._sent.get()
        if data is None:
            self._sent.put(None)  # closed stays closed, however often the stand-in asks
        return data

    def _deliver(self, data: str | bytes) -> None:
        self._call(self.on_message, data)

    def _call(self, handler: Callable[..., object] | None, *args: Any) -> None:
        """An error in a handler goes to on_error and no further, as in the real one."""
        if handler is None:
            return
        try:
            handler(self, *args)
        except Exception as error:  # noqa: BLE001  see above
            traceback.print_exc()
            if self.on_error is not None:
                self.on_error(self, error)


def _headers(sent: dict[str, str] | list[str] | None) -> Headers:
    pairs = sent.items() if isinstance(sent, dict) else (line.split(":", 1) for line in sent or ())
    return Headers({name.strip(): value.strip() for name, value in pairs})

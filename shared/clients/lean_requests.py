"""requests, without what it does not need here: a third of its import.

It imports charset-normalizer to guess the encoding of a text whose sender did not say it. What we read is JSON, XML or
bytes; without a guesser requests takes UTF-8.
"""

from __future__ import annotations

import sys
import warnings
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec

from shared.clients.lean import plain_certificates

GUESSERS = ("charset_normalizer", "chardet")


class _NoGuessers(MetaPathFinder):
    def find_spec(self, name: str, path: object, target: object = None) -> ModuleSpec | None:
        del path, target
        if name in GUESSERS:
            raise ModuleNotFoundError(f"{name} was left out (shared/clients/lean_requests.py)", name=name)
        return None


_finder = _NoGuessers()
sys.meta_path.insert(0, _finder)
try:
    with plain_certificates(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # requests would say that nothing guesses
        import requests as requests  # noqa: PLC0414  for the clients
        from requests.adapters import HTTPAdapter as HTTPAdapter  # noqa: PLC0414  for the clients
finally:
    sys.meta_path.remove(_finder)

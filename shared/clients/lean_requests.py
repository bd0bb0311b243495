"""requests and urllib3, without what they do not need here: half of their import.

It imports charset-normalizer to guess the encoding of a text whose sender did not say it. What we read is JSON, XML or
bytes; without a guesser requests takes UTF-8. urllib3 imports the means to learn the version of a package for HTTP/2,
both import IDNA for host names in other letters than ours; and requests can take certificates out of a zip, where ours
lie in a folder.
Clients take from here what they need of either.
"""

from __future__ import annotations

import sys
import warnings
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING

from shared.clients.lean import plain_certificates, without

if TYPE_CHECKING:
    from importlib.abc import MetaPathFinder
else:  # as in lean.py
    MetaPathFinder = object

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
    with plain_certificates(), without("idna", "importlib.metadata", "zipfile"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # requests would say that nothing guesses
        import requests as requests  # noqa: PLC0414  for the clients
        from requests.adapters import HTTPAdapter as HTTPAdapter  # noqa: PLC0414  for the clients
        from urllib3.connection import HTTPSConnection as HTTPSConnection  # noqa: PLC0414  for the clients
        from urllib3.connectionpool import HTTPSConnectionPool as HTTPSConnectionPool  # noqa: PLC0414  for the clients
finally:
    sys.meta_path.remove(_finder)

"""The function's own keys, read on every use, in the shape each SDK asks for.

Function Compute renews the role's token in the environment while an instance lives, so nothing may keep a copy: not
a client, not a signer. The Python 3.12 runtime has no `context.credentials` any more; the three variables exist on
every runtime.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from shared.clients.codes import PERSON_S
from shared.domain.errors import Retry
from shared.domain.frozen import frozen

KEY_ID = "ALIBABA_CLOUD_ACCESS_KEY_ID"
KEY_SECRET = "ALIBABA_CLOUD_ACCESS_KEY_SECRET"  # noqa: S105  the variable's name, not a secret
TOKEN = "ALIBABA_CLOUD_SECURITY_TOKEN"  # noqa: S105  the variable's name, not a secret


@frozen
class Keys:
    """One reading. The getters are what oss2, tablestore and mns call; `token` is empty for a plain access key."""

    key_id: str
    secret: str = field(repr=False)
    token: str = field(default="", repr=False)

    def get_access_key_id(self) -> str:
        return self.key_id

    def get_access_key_secret(self) -> str:
        return self.secret

    def get_security_token(self) -> str:
        return self.token


@frozen
class _KeysWithoutEmptyToken(Keys):
    """tablestore sends its token header unless the token is None."""

    def get_security_token(self) -> str | None:  # type: ignore[override]  # the SDK's protocol says so
        return self.token or None


class Credentials:
    """A credentials provider for oss2 and mns; `read` for everyone else."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env

    def read(self) -> Keys:
        """The keys as they are now. `Retry` when the function has none: somebody must give it a role."""
        key_id, secret = self._env.get(KEY_ID, ""), self._env.get(KEY_SECRET, "")
        if not key_id or not secret:
            raise Retry("account.credentials", f"{KEY_ID} and {KEY_SECRET} are not set", after_s=PERSON_S)
        return Keys(key_id, secret, self._env.get(TOKEN, ""))

    def get_credentials(self) -> Keys:
        return self.read()


class TablestoreCredentials:
    """The same for tablestore."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    def get_credentials(self) -> Keys:
        keys = self._credentials.read()
        return _KeysWithoutEmptyToken(keys.key_id, keys.secret, keys.token)

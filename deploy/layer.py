"""Builds the layer and has it in the account: `python -m deploy.layer`, an action of `s.yaml` before each deployment.

A layer that is published already is known by the digest in its description and is not published again. The functions
must name that very layer: when `ECHOBOT_LAYER_ARN` is another, the words say what to export, and the deployment stops.
With `--print` the name alone is printed, for scripts.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from deploy import package

NAME = "echobot"
VARIABLE = "ECHOBOT_LAYER_ARN"
RUNTIME = "python3.12"
KEYS = ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET")
PAGE = 100


class Layers(Protocol):
    """What is asked of the account."""

    def versions(self, name: str) -> Iterator[tuple[str, str]]:
        """Name and description of each published version, the newest first."""

    def publish(self, name: str, archive: bytes, description: str) -> str:
        """The name (ARN) of the new version."""


def ensure(layers: Layers, archive: Path, name: str = NAME) -> str:
    """The ARN of this very layer, published now unless it was before."""
    body = archive.read_bytes()
    digest = f"sha256 {hashlib.sha256(body).hexdigest()}"
    published = next((arn for arn, description in layers.versions(name) if description == digest), "")
    return published or layers.publish(name, body, digest)


def judge(arn: str, wanted: str) -> str:
    """What the operator must do; empty when the functions name this layer."""
    if arn == wanted:
        return ""
    return f"The layer of this code is published. Before `s deploy`, run:\n  export {VARIABLE}={arn}"


class FcLayers:
    """`Layers` on alibabacloud-fc20230330."""

    def __init__(self, env: Mapping[str, str]) -> None:
        from alibabacloud_fc20230330.client import Client  # noqa: PLC0415  a second to import
        from alibabacloud_tea_openapi.models import Config  # noqa: PLC0415  as above

        region = env.get("ECHOBOT_REGION", "cn-beijing")
        self._client = Client(
            Config(
                access_key_id=env[KEYS[0]],
                access_key_secret=env[KEYS[1]],
                endpoint=f"{env['ECHOBOT_ACCOUNT_ID']}.{region}.fc.aliyuncs.com",
                protocol="https",
                region_id=region,
            )
        )

    def versions(self, name: str) -> Iterator[tuple[str, str]]:
        from alibabacloud_fc20230330 import models  # noqa: PLC0415  as above

        after: str | None = None
        while True:
            asked = models.ListLayerVersionsRequest(limit=PAGE, start_version=after)
            page: Any = self._client.list_layer_versions(name, asked).body
            for one in page.layers or []:
                yield str(one.layer_version_arn), str(one.description)
            if not page.next_version:
                return
            after = str(page.next_version)

    def publish(self, name: str, archive: bytes, description: str) -> str:
        from alibabacloud_fc20230330 import models  # noqa: PLC0415  as above

        code = models.InputCodeLocation(zip_file=base64.b64encode(archive).decode())
        given = models.CreateLayerVersionInput(code=code, compatible_runtime=[RUNTIME], description=description)
        made: Any = self._client.create_layer_version(name, models.CreateLayerVersionRequest(body=given)).body
        return str(made.layer_version_arn)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--print", action="store_true", help="print the layer's name, and nothing else")
    only_name = parser.parse_args().print
    env = dict(os.environ)  # noqa: TID251  a command of the operator's, not a part of what ships
    missing = [name for name in (*KEYS, "ECHOBOT_ACCOUNT_ID") if not env.get(name)]
    if missing:
        print(f"An account is needed from here on: {', '.join(missing)} must be set (docs/deploy.md).", file=sys.stderr)
        return 1
    try:
        package.build()
    except package.PackageError as error:
        print(error, file=sys.stderr)
        return 1
    arn = ensure(FcLayers(env), package.BUILD / "layer.zip")
    if only_name:
        print(arn)
        return 0
    words = judge(arn, env.get(VARIABLE, ""))
    print(words or f"The functions run on {arn}", file=sys.stderr)
    return 1 if words else 0


if __name__ == "__main__":
    sys.exit(main())

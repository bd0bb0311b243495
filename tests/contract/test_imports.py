"""A cold start pays only for the SDK that its step calls."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

SDKS = ("oss2", "tablestore", "mns", "aliyunsdkcore", "aliyunsdkice", "dashscope", "requests", "pymediainfo", "aiohttp")
NEEDS = {
    "codes": set(),
    "transport": set(),
    "credentials": set(),
    "endpoints": set(),
    "lean": set(),
    "lean_requests": {"requests"},
    "oss": {"oss2", "requests"},
    "tablestore": {"tablestore"},
    "mns": {"mns"},
    "ims": {"aliyunsdkcore", "aliyunsdkice"},
    "ims_documents": set(),
    "cosyvoice": {"requests"},
    "cosyvoice_documents": set(),
    "model_studio": {"requests"},
    "avatar_documents": set(),
    "probe": {"pymediainfo"},
}


@pytest.mark.parametrize("module", NEEDS)
def test_a_client_imports_its_own_sdk_and_no_other(module: str) -> None:
    told = f"import json, sys, shared.clients.{module}; print(json.dumps([n for n in {SDKS} if n in sys.modules]))"
    found = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)  # noqa: S603  our own line

    assert set(json.loads(found.stdout)) == NEEDS[module]


HEAVY = ("aiohttp", "aliyunsdkkms", "Crypto", "charset_normalizer", "flatbuffers", "google.protobuf.text_format")


@pytest.mark.parametrize("module", ["oss", "tablestore", "cosyvoice", "results"])
def test_no_client_imports_the_parts_that_it_leaves_out(module: str) -> None:
    told = f"import json, sys, shared.clients.{module}; print(json.dumps([n for n in {HEAVY} if n in sys.modules]))"
    found = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)  # noqa: S603  our own line

    assert json.loads(found.stdout) == []

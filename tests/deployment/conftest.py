from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from local.deployment import ROOT, render_services, render_stack

SCHEMAS = Path(__file__).parent / "schemas"
ACCOUNT = "1234567890123456"
REGION = "cn-beijing"


def rendered(prefix: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """`s.yaml` and `template.yaml` of a deployment of that name."""
    env = {"ECHOBOT_PREFIX": prefix, "ECHOBOT_ACCOUNT_ID": ACCOUNT, "ECHOBOT_REGION": REGION}
    services = render_services(ROOT / "s.yaml", env)
    stack = render_stack(ROOT / "template.yaml", {"Prefix": prefix}, region=REGION, account_id=ACCOUNT)
    return services, stack


@pytest.fixture(scope="session", params=["echobot", "nightingale"])
def deployment(request: pytest.FixtureRequest) -> tuple[dict[str, Any], dict[str, Any]]:
    """Under its own name and under another one, so that no name is written out where it should be derived."""
    return rendered(request.param)


@pytest.fixture(scope="session")
def services(deployment: tuple[dict[str, Any], dict[str, Any]]) -> dict[str, Any]:
    return deployment[0]


@pytest.fixture(scope="session")
def stack(deployment: tuple[dict[str, Any], dict[str, Any]]) -> dict[str, Any]:
    return deployment[1]


@pytest.fixture(scope="session")
def schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SCHEMAS / "fc3-schema.json").read_text())
    return found


@pytest.fixture(scope="session")
def ros_types() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SCHEMAS / "ros-props.json").read_text())
    return found

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from local.deployment import ROOT, render_services, render_stack

SCHEMAS = Path(__file__).parent / "schemas"
ACCOUNT = "1234567890123456"
REGION = "cn-beijing"


def shell(prefix: str) -> dict[str, str]:
    """What stands in the environment when that deployment is made."""
    return {
        "ECHOBOT_PREFIX": prefix,
        "ECHOBOT_ACCOUNT_ID": ACCOUNT,
        "ECHOBOT_REGION": REGION,
        "ECHOBOT_LAYER_ARN": f"acs:fc:{REGION}:{ACCOUNT}:layers/{prefix}/versions/7",
        "DASHSCOPE_API_KEY": "sk-0",
    }


def rendered(prefix: str, stage: str = "s.yaml") -> tuple[dict[str, Any], dict[str, Any]]:
    """A stage and `template.yaml` of a deployment of that name."""
    services = render_services(ROOT / stage, shell(prefix))
    stack = render_stack(ROOT / "template.yaml", {"Prefix": prefix}, region=REGION, account_id=ACCOUNT)
    return services, stack


@pytest.fixture(scope="session", params=[("echobot", "s.yaml"), ("nightingale", "s.yaml"), ("echobot", "s.prod.yaml")])
def deployment(request: pytest.FixtureRequest) -> tuple[dict[str, Any], dict[str, Any]]:
    """Each stage, and under another name, so that no name is written out where it should be derived."""
    return rendered(*request.param)


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

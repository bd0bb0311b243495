"""Serverless Devs' own command line renders both stages as we think, and hands the component exactly that.

Needs `s` (npm install -g @serverless-devs/s@3.1.10) on the path or in SERVERLESS_DEVS; else these tests are skipped.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from local.deployment import ROOT
from tests.deployment import checks
from tests.deployment.conftest import rendered, shell

S = os.environ.get("SERVERLESS_DEVS") or shutil.which("s") or ""
STAGES = ("s.yaml", "s.prod.yaml")

pytestmark = pytest.mark.skipif(not S, reason="Serverless Devs is not here: npm install -g @serverless-devs/s@3.1.10")


def run(
    home: Path, *words: str, env: dict[str, str] | None = None, cwd: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    given = {"PATH": os.environ["PATH"], "HOME": str(home), **(shell("echobot") if env is None else env)}
    return subprocess.run(  # noqa: S603  the tool that is installed here
        [S, *words], cwd=cwd, env=given, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.mark.parametrize("stage", STAGES)
def test_what_serverless_devs_renders_is_what_our_checks_see(
    tmp_path: Path, stage: str, schema: dict[str, Any]
) -> None:
    done = run(tmp_path, "preview", "-t", stage, "-o", "json")
    assert done.returncode == 0, done.stdout
    resources = json.loads(done.stdout[done.stdout.index("{") :])["resources"]
    theirs = {name: resource["props"] for name, resource in resources.items()}
    ours, _ = rendered("echobot", stage)

    assert theirs == ours
    assert {resource["component"] for resource in resources.values()} == {"fc3"}
    assert list(checks.by_schema(theirs, schema)) == []


def test_production_does_not_render_without_its_names(tmp_path: Path) -> None:
    for name in ("ECHOBOT_ACCOUNT_ID", "ECHOBOT_PREFIX", "ECHOBOT_LAYER_ARN", "DASHSCOPE_API_KEY"):
        env = {key: value for key, value in shell("echobot").items() if key != name}

        done = run(tmp_path, "preview", "-t", "s.prod.yaml", env=env)

        assert done.returncode != 0
        assert f"env('{name}') not found" in done.stdout + done.stderr


@pytest.fixture
def stub(tmp_path: Path) -> Path:
    """A component that writes down what reaches it, and the project's files with it in fc3's place."""
    component = tmp_path / "component"
    (component / "dist").mkdir(parents=True)
    (component / "publish.yaml").write_text(
        "Type: Component\nName: stub\nVersion: 0.0.1\nProvider: [test]\nDescription: stub\nHomePage: none\n"
        "Tags: [test]\nCategory: test\nService: {}\nCommands: {}\n"
    )
    (component / "package.json").write_text('{"name": "stub", "version": "0.0.1", "main": "dist/index.js"}')
    (component / "dist" / "index.js").write_text(
        "const fs = require('fs');\n"
        "exports.default = class { async deploy(inputs) {\n"
        f"  fs.appendFileSync({json.dumps(str(tmp_path / 'told'))}, JSON.stringify(inputs.props) + '\\n');\n"
        "  return {};\n} };\n"
    )
    for stage in STAGES:
        text = (ROOT / stage).read_text().replace("component: fc3", f"component: {component}")
        (tmp_path / stage).write_text(re.sub(r"actions:\n.*?(?=resources:)", "", text, flags=re.DOTALL))
    return tmp_path


@pytest.mark.parametrize("stage", STAGES)
def test_s_deploy_hands_the_component_every_function_as_declared(stub: Path, stage: str) -> None:
    done = run(stub, "deploy", "-y", "-t", str(stub / stage), cwd=stub)
    assert done.returncode == 0, done.stdout
    told = {props["functionName"]: props for props in map(json.loads, (stub / "told").read_text().splitlines())}
    ours, _ = rendered("echobot", stage)

    assert told == {props["functionName"]: props for props in ours.values()}

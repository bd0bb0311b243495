"""Which deployment the commands work on."""

from __future__ import annotations

import yaml

from cli import clouds
from shared.settings import Settings
from tests.docs.markdown import ROOT


def test_the_names_of_a_deployment_are_those_that_s_yaml_makes_of_its_prefix() -> None:
    declared = yaml.safe_load((ROOT / "s.yaml").read_text())["template"]["function"]["environmentVariables"]
    of_prefix = {name: text for name, text in declared.items() if "${vars.prefix}" in str(text)}

    assert clouds.named({"ECHOBOT_PREFIX": "fox"}) == {
        "ECHOBOT_PREFIX": "fox",
        **{name: text.replace("${vars.prefix}", "fox") for name, text in of_prefix.items()},
    }


def test_setup_speaks_of_the_queue_of_its_own_deployment() -> None:
    settings = Settings.from_env(clouds.named({"ECHOBOT_PREFIX": "fox"}))

    assert settings.ims_callback_queue == "ice-callback-fox"


def test_a_name_that_is_given_counts() -> None:
    env = {"ECHOBOT_PREFIX": "fox", "ECHOBOT_IMS_CALLBACK_QUEUE": "ice-callback-ours"}

    assert Settings.from_env(clouds.named(env)).ims_callback_queue == "ice-callback-ours"


def test_without_a_prefix_nothing_is_named() -> None:
    assert clouds.named({"ECHOBOT_REGION": "cn-beijing"}) == {"ECHOBOT_REGION": "cn-beijing"}

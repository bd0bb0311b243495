"""A finding says where it is."""

from __future__ import annotations

import pytest

from local.deployment import ROOT
from tests.deployment.lines import located

FINDINGS = [
    ("speak: timeout 60 s, the pipeline says 600 s", "s.yaml", "speak:"),
    ("speak.memorySize: 500 is not a multiple of 64", "s.yaml", "memorySize: 512"),
    ("recheck.triggers[0]: it is switched off", "s.yaml", "triggerName: reminders"),
    ("RecheckQueue.VisibilityTimeout: '330' is not a number", "template.yaml", "VisibilityTimeout: 330"),
    ("SpeakRole: speak may oss:GetObjectAcl on *, which nothing needs", "template.yaml", "SpeakRole:"),
]


@pytest.mark.parametrize(("finding", "file", "stands"), FINDINGS)
def test_a_finding_is_told_with_its_line(finding: str, file: str, stands: str) -> None:
    [told] = located([finding])

    name, line, rest = told.split(":", 2)
    assert (name, rest) == (file, f" {finding}")
    around = (ROOT / file).read_text().splitlines()[int(line) - 1]
    assert stands in around


def test_a_finding_about_nothing_in_the_files_is_told_as_it_is() -> None:
    assert located(["dance: no function in s.yaml"]) == ["dance: no function in s.yaml"]

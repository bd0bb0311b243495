"""What the doctor says: one line about one thing, in both languages, and the ways in which things are mended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

Words = tuple[str, str]
"""Chinese and English."""

Fault = tuple[Words, Words]
"""What is wrong, and how to mend it."""

STACK: Words = ("更新 ROS 资源栈（template.yaml）", "update the ROS stack from template.yaml")
SERVERLESS: Words = ("重新执行 s deploy", "run `s deploy` again")
SETUP: Words = ("执行 echobot setup", "run `echobot setup`")
KEYS: Words = (
    "设置 ALIBABA_CLOUD_ACCESS_KEY_ID 和 ALIBABA_CLOUD_ACCESS_KEY_SECRET，并检查它们的权限",
    "set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, and look at what they may do",
)


class State(str, Enum):
    OK = "ok"
    WRONG = "wrong"
    NOTE = "note"  # works, and the operator should know


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at, its state, and both in Chinese and English: what was found, how to mend it."""

    what: str
    state: State
    found: Words
    mend: Words = ("", "")

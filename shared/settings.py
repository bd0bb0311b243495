"""Every setting of a deployment, read once from the environment; wrong names fail at start, with the whole list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields

PREFIX = "ECHOBOT_"


class SettingsError(Exception):
    """The environment does not describe a deployment; the message lists everything that is wrong."""


@dataclass(frozen=True)
class Settings:
    """Names and limits of one deployment.

    An environment variable is `ECHOBOT_` and the upper-case field name. `endpoint` points every service at one
    address instead of the vendor's own hosts; nothing else in the code knows where it runs.
    """

    region: str = "cn-beijing"
    account_id: str = ""
    endpoint: str = ""
    input_bucket: str = "echobot-input"
    work_bucket: str = "echobot-work"
    output_bucket: str = "echobot-output"
    instance: str = "echobot"
    recheck_queue: str = "echobot-recheck"
    failed_queue: str = "echobot-failed"
    finished_queue: str = "echobot-finished"
    announce_queue: str = "echobot-announce"
    ims_callback_queue: str = "ice-callback-echobot"
    model_studio_queue: str = "echobot-model-studio"
    model_studio_api_key: str = field(default="", repr=False)
    voice_model: str = "cosyvoice-v3.5-plus"
    engines: str = "emo,wan-s2v,still"
    emo_model: str = "emo-v1"
    emo_detect_model: str = "emo-detect-v1"
    s2v_model: str = "wan2.2-s2v"
    s2v_detect_model: str = "wan2.2-s2v-detect"
    liveportrait_model: str = "liveportrait"
    liveportrait_detect_model: str = "liveportrait-detect"
    videoretalk_model: str = "videoretalk"
    instance_yuan_s: float = 0.0
    segment_s_max: float = 0.0
    face_pause_s: float = 0.9
    consent_required: bool = True
    film_s_max: float = 1800.0
    film_mb_max: int = 2048
    share_s: int = 7200
    voice_recheck_s: float = 10.0
    verdict_s_ims: float = 900.0
    verdict_s_model_studio: float = 1800.0
    call_timeout_s: float = 20.0
    speak_timeout_s: float = 60.0
    keep_work: bool = False
    console_secret: str = field(default="", repr=False)
    console_url: str = ""
    announce_topic: str = ""
    webhook_url: str = field(default="", repr=False)
    webhook_secret: str = field(default="", repr=False)
    dingtalk_token: str = field(default="", repr=False)
    dingtalk_secret: str = field(default="", repr=False)
    mail_server: str = ""
    mail_user: str = ""
    mail_password: str = field(default="", repr=False)
    mail_from: str = ""
    mail_to: str = ""
    producer: str = "Echobot"
    budget_yuan: float = 0.0

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Settings from variables; unknown `ECHOBOT_` names and values of the wrong type are errors."""
        known = {PREFIX + each.name.upper(): each for each in fields(cls)}
        wrong = sorted(name for name in env if name.startswith(PREFIX) and name not in known and name not in OTHERS)
        problems = [f"unknown setting {name[:80]}" for name in wrong]
        values: dict[str, object] = {}
        for name, known_field in known.items():
            text = env.get(name)
            if text is None:
                continue
            try:
                values[known_field.name] = _READERS[str(known_field.type)](text)
            except ValueError:
                problems.append(f"{name} must be {_KINDS[str(known_field.type)]}, not {text[:40]!r}")
        if problems:
            raise SettingsError("; ".join(problems).encode("utf-8", "backslashreplace").decode())
        return cls(**values)  # type: ignore[arg-type]  # each value was read by its field's own type

    def model(self, engine: str) -> str:
        """The vendor's model name of an avatar engine; a deployed instance has one of its own."""
        return {
            "emo": self.emo_model,
            "wan-s2v": self.s2v_model,
            "liveportrait": self.liveportrait_model,
            "videoretalk": self.videoretalk_model,
        }[engine]

    def detect_model(self, engine: str) -> str:
        """The model that checks the photo for an engine."""
        return {
            "emo": self.emo_detect_model,
            "wan-s2v": self.s2v_detect_model,
            "liveportrait": self.liveportrait_detect_model,
        }[engine]

    @property
    def engine_order(self) -> tuple[str, ...]:
        return tuple(name.strip() for name in self.engines.split(",") if name.strip())


OTHERS = frozenset({"ECHOBOT_MODEL_DIR", "ECHOBOT_HOME", "ECHOBOT_PREFIX", "ECHOBOT_LAYER_ARN", "ECHOBOT_ACCESS"})
"""Names with the prefix that no function reads: the laptop's folders, and what `s.yaml` takes from the shell."""


def _truth(text: str) -> bool:
    if text.lower() in {"true", "1", "yes"}:
        return True
    if text.lower() in {"false", "0", "no", ""}:
        return False
    raise ValueError(text)


def _plain(text: str) -> str:
    """Text that can be part of a name or a header: on POSIX a variable may hold any bytes."""
    if not text.isprintable():
        raise ValueError(text)
    return text


def _amount(text: str) -> float:
    """Every number of a deployment is a size, a count or a time."""
    amount = float(text)
    if not 0 <= amount <= AMOUNT_MAX:
        raise ValueError(text)
    return amount


def _count(text: str) -> int:
    count = int(text)
    return int(_amount(str(count)))


AMOUNT_MAX = 1e9

_READERS: dict[str, Callable[[str], object]] = {"str": _plain, "int": _count, "float": _amount, "bool": _truth}
_KINDS = {
    "str": "printable text",
    "int": "a whole number from 0",
    "float": "a number from 0",
    "bool": "true or false",
}

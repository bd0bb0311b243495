"""Voice enrolment of CosyVoice: `voice-enrollment` with its five actions.

Rules: help.aliyun.com/zh/model-studio/cosyvoice-clone-api. There is no event for a voice; its status is asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from local.engines.contract import RejectionError
from local.engines.workers import EngineFailedError
from local.standins.errors import FetchError
from local.standins.model_studio import refusals
from local.standins.model_studio.bench import Bench, as_files
from local.standins.model_studio.clock import china_s
from local.standins.shelf import Shelf

# Documented as letters and digits, at most 10; the SDK says lower case, less than 10. Ten are taken here.
PREFIX = re.compile(r"[a-z0-9]{1,10}")
VOICES_MAX = 1000
SAMPLE_BYTES_MAX = 10 * 1024 * 1024
PROMPT_S_MIN, PROMPT_S_MAX = 3.0, 30.0
CALLS_PER_S = 10
SHARED_LIMIT = "voice-enrollment"
DEFAULT_LANGUAGE = "zh"
# Yuan for 10,000 characters; a voice speaks with the model it was enrolled for and with no other.
SPEECH_YUAN_PER_10K = {
    "cosyvoice-v2": 2.0,
    "cosyvoice-v3-flash": 1.0,
    "cosyvoice-v3-plus": 2.0,
    "cosyvoice-v3.5-flash": 0.8,
    "cosyvoice-v3.5-plus": 1.5,
}


@dataclass(frozen=True)
class Voice:
    voice_id: str
    target_model: str
    prefix: str
    url: str
    created_at: float
    modified_at: float
    ready_at: float
    is_deployable: bool
    number: int
    language: str = DEFAULT_LANGUAGE

    def status(self, now: float) -> str:
        if now < self.ready_at:
            return "DEPLOYING"
        return "OK" if self.is_deployable else "UNDEPLOYED"


class Voices:
    """All voices of the account. Voices whose prefix is in `undeployable` are turned down in the end."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._voices = Shelf(bench.account.store, "model_studio.voices", Voice)
        self._profiles = bench.account.store.load("model_studio.profiles")
        self._next = 1 + max((voice.number for voice in self._voices.rows.values()), default=0)
        self.undeployable: set[str] = set()

    def create(self, target_model: str, prefix: str, url: str, options: dict[str, Any]) -> dict[str, Any]:
        account = self._bench.account
        if target_model not in SPEECH_YUAN_PER_10K:
            raise refusals.invalid_parameter("target_model is invalid.")
        self._bench.check_is_on(target_model)
        if not PREFIX.fullmatch(prefix):
            raise refusals.invalid_parameter("prefix should be lower case letters and digits, at most 10 characters.")
        longest_s = options.get("max_prompt_audio_length", 10.0)
        if not isinstance(longest_s, int | float) or not PROMPT_S_MIN <= longest_s <= PROMPT_S_MAX:
            raise refusals.invalid_parameter("max_prompt_audio_length should be 3 to 30.")
        if len(self._voices.rows) >= VOICES_MAX:
            raise refusals.too_many_voices()
        language = _language(options.get("language_hints"))
        profile = self._enrolled(url, language)
        with account.lock:
            now = account.now()
            voice = Voice(
                voice_id=f"{target_model}-{prefix}-{account.new_id(32).lower()}",
                target_model=target_model,
                prefix=prefix,
                url=url,
                created_at=now,
                modified_at=now,
                ready_at=self._ready_at(),
                is_deployable=prefix not in self.undeployable,
                number=self._next,
                language=language,
            )
            self._next += 1
            self._keep(voice, profile)
        return self._bench.reply(output={"voice_id": voice.voice_id}, usage={"count": 1})

    def query(self, voice_id: str) -> dict[str, Any]:
        voice = self._known(voice_id)
        output = self._listed(voice) | {"target_model": voice.target_model, "resource_link": voice.url}
        return self._bench.reply(output=output, usage={"count": 1})

    def listing(self, prefix: str, page_index: int, page_size: int) -> dict[str, Any]:
        """Newest first; pages count from 0."""
        with self._bench.account.lock:
            found = [voice for voice in self._voices.rows.values() if not prefix or voice.prefix == prefix]
        found.sort(key=lambda voice: -voice.number)
        page = found[page_index * page_size : (page_index + 1) * page_size]
        return self._bench.reply(output={"voice_list": [self._listed(voice) for voice in page]}, usage={"count": 1})

    def update(self, voice_id: str, url: str) -> dict[str, Any]:
        """A new sample under the same id, deployed anew."""
        profile = self._enrolled(url, self._known(voice_id).language)
        with self._bench.account.lock:
            voice = self._known(voice_id)
            now = self._bench.account.now()
            self._keep(replace(voice, url=url, modified_at=now, ready_at=self._ready_at()), profile)
        return self._bench.reply(output={}, usage={"count": 1})

    def delete(self, voice_id: str) -> dict[str, Any]:
        with self._bench.account.lock:
            self._known(voice_id)
            self._voices.drop(voice_id)
            self._profiles.pop(voice_id, None)
            self._bench.account.store.drop("model_studio.profiles", voice_id)
        return self._bench.reply(output={}, usage={"count": 1})

    def profile(self, voice_id: str, model: str) -> bytes:
        """What the engine needs to speak like this voice; VendorError when it cannot speak with this model now."""
        voice = self._voices.get(voice_id)
        if voice is None or voice.target_model != model or voice.status(self._bench.account.now()) != "OK":
            raise refusals.voice_does_not_fit()
        return self._profiles[voice_id]

    def _enrolled(self, url: str, language: str) -> bytes:
        if not url.startswith(("http://", "https://")):
            raise refusals.bad_url()
        try:
            sample = self._bench.fetch(url)
        except FetchError as error:
            raise refusals.bad_sample_url() from error
        if len(sample) > SAMPLE_BYTES_MAX:
            raise refusals.sample_too_big()
        try:
            with as_files({"sample": sample}) as (_, files):
                return self._bench.engines.enrol(files["sample"], language)
        except RejectionError as error:
            raise refusals.bad_sample(error) from error
        except EngineFailedError as error:
            raise refusals.engine_failed(error) from error

    def _ready_at(self) -> float:
        account, pace = self._bench.account, self._bench.pace
        return account.now() + pace.vary(pace.voice_deploying_s, account.randomness)

    def _keep(self, voice: Voice, profile: bytes) -> None:
        self._voices.put(voice.voice_id, voice)
        self._profiles[voice.voice_id] = profile
        self._bench.account.store.save("model_studio.profiles", voice.voice_id, profile)

    def _known(self, voice_id: str) -> Voice:
        voice = self._voices.get(voice_id)
        if voice is None:
            raise refusals.no_such_voice()
        return voice

    def _listed(self, voice: Voice) -> dict[str, Any]:
        return {
            "voice_id": voice.voice_id,
            "gmt_create": china_s(voice.created_at),
            "gmt_modified": china_s(voice.modified_at),
            "status": voice.status(self._bench.account.now()),
        }


def _language(hints: Any) -> str:
    """Only the first hint counts; the vendor's other languages are spoken as Chinese is."""
    if hints is None:
        return DEFAULT_LANGUAGE
    if not isinstance(hints, list) or not all(isinstance(hint, str) for hint in hints):
        raise refusals.invalid_parameter("language_hints should be a list of languages.")
    return "en" if hints[:1] == ["en"] else DEFAULT_LANGUAGE

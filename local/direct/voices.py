"""`Voices` on the Model Studio stand-in's state."""

from __future__ import annotations

from typing import Any

from local.direct.answering import answering
from local.standins.model_studio.state import ModelStudioState
from shared.clients import cosyvoice_documents as documents
from shared.clients.codes import Vendor
from shared.clients.cosyvoice import NO_SUCH_VOICE
from shared.domain.errors import EchobotError
from shared.ports import EnrolledVoice, Fate, Spoken, Verdict

PAGE = 1000


class DirectVoices:
    def __init__(self, state: ModelStudioState) -> None:
        self._state = state

    def enrol(self, model: str, prefix: str, sample_url: str, language: str) -> str:
        asked: dict[str, Any] = documents.create_voice(model, prefix, sample_url, language)
        del asked["action"]
        with answering(Vendor.MODEL_STUDIO, sent=True, model=model):
            return str(self._state.create_voice(**asked)["output"]["voice_id"])

    def verdict(self, voice_id: str) -> Verdict:
        try:
            with answering(Vendor.MODEL_STUDIO, sent=False):
                output = self._state.query_voice(voice_id)["output"]
        except EchobotError as error:
            if error.fields.get("vendor_code") == NO_SUCH_VOICE:
                return Verdict(Fate.FORGOTTEN)
            raise
        return documents.voice_verdict(output["status"])

    def enrolled(self, prefix: str) -> list[EnrolledVoice]:
        with answering(Vendor.MODEL_STUDIO, sent=False):
            output = self._state.list_voice(documents.checked_prefix(prefix), 0, PAGE)["output"]
        return documents.oldest_first(prefix, output["voice_list"])

    def delete(self, voice_id: str) -> None:
        try:
            with answering(Vendor.MODEL_STUDIO, sent=True):
                self._state.delete_voice(voice_id)
        except EchobotError as error:
            if error.fields.get("vendor_code") != NO_SUCH_VOICE:
                raise

    def speak(self, model: str, voice_id: str, text: str, *, rate: float, seed: int, is_ssml: bool = False) -> Spoken:
        fields: dict[str, Any] = documents.speech_input(voice_id, text, rate=rate, seed=seed, is_ssml=is_ssml)
        with answering(Vendor.MODEL_STUDIO, sent=True, model=model):
            spoken = self._state.say(model, fields, self._state.account.new_uuid())
        return Spoken(documents.checked_wav(spoken.sound), spoken.characters)

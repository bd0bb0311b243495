"""CosyVoice: enrolled voices and speech, over REST (see `model_studio_rest` for why not through the SDK).

Speech comes from the SpeechSynthesizer endpoint: one request, one answer, no websocket to hold open in a function.
SSML is on only for lines with a word of the lexicon (`shared.domain.lexicon` escapes all else). The SSML page names the
SDKs and the WebSocket, this endpoint's own page has the parameter. Facts as of 2026-11:
help.aliyun.com/zh/model-studio/cosyvoice-clone-api and .../cosyvoice-tts-http-api.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.clients import cosyvoice_documents as documents
from shared.clients import replies, results
from shared.clients.codes import Vendor, unanswered
from shared.clients.endpoints import Endpoints
from shared.clients.model_studio_rest import ModelStudioRest
from shared.domain.errors import Corrupt, EchobotError, Retry, Unknown
from shared.ports import EnrolledVoice, Fate, Spoken, Verdict
from shared.settings import Settings

CUSTOMIZATION = "services/audio/tts/customization"
SPEECH = "services/audio/tts/SpeechSynthesizer"
ENROLMENT_MODEL = "voice-enrollment"
NO_SUCH_VOICE = "BadRequest.ResourceNotExist"

SPEECH_MB_MAX = 64
"""A minute of 22 kHz wav has 2.6 MB; one call takes 20,000 characters at most."""

PAGE = 10
"""The documented page size; an account holds 1,000 voices at most."""
PAGES_MAX = 100


class CosyVoices:
    """`Voices` on CosyVoice. One instance may serve many threads."""

    def __init__(self, settings: Settings) -> None:
        self._rest = ModelStudioRest(settings)
        self._endpoints = Endpoints.of(settings)
        self._timeout_s = settings.speak_timeout_s

    def enrol(self, model: str, prefix: str, sample_url: str, language: str) -> str:
        output = self._customize(documents.create_voice(model, prefix, sample_url, language), sent=True)
        voice_id = replies.text(output.get("voice_id"))
        if not voice_id:
            raise Unknown("vendor.contract", "a voice was enrolled without telling its id")
        return voice_id

    def verdict(self, voice_id: str) -> Verdict:
        try:
            output = self._customize({"action": "query_voice", "voice_id": voice_id}, sent=False)
        except EchobotError as error:
            if error.fields.get("vendor_code") == NO_SUCH_VOICE:
                return Verdict(Fate.FORGOTTEN)
            raise
        return documents.voice_verdict(replies.text(output.get("status")))

    def enrolled(self, prefix: str) -> list[EnrolledVoice]:
        asked = {"action": "list_voice", "prefix": documents.checked_prefix(prefix), "page_size": PAGE}
        listed: list[Mapping[str, Any]] = []
        for page in range(PAGES_MAX):
            voices = replies.parts(self._customize({**asked, "page_index": page}, sent=False), "voice_list")
            listed.extend(voices)
            if len(voices) < PAGE:
                break
        return documents.oldest_first(prefix, listed)

    def delete(self, voice_id: str) -> None:
        try:
            self._customize({"action": "delete_voice", "voice_id": voice_id}, sent=True)
        except EchobotError as error:
            if error.fields.get("vendor_code") != NO_SUCH_VOICE:
                raise

    def speak(self, model: str, voice_id: str, text: str, *, rate: float, seed: int, is_ssml: bool = False) -> Spoken:
        asked = documents.speech_input(voice_id, text, rate=rate, seed=seed, is_ssml=is_ssml)
        body = {"model": model, "input": asked}
        reply = self._rest.post(SPEECH, body, sent=True, timeout_s=self._timeout_s)
        url = replies.text(replies.part(replies.part(reply, "output"), "audio").get("url"))
        if not url:
            raise Unknown("vendor.contract", "speech was made without telling where it is")
        wav = documents.checked_wav(self._fetched(url))
        return Spoken(wav, documents.billed_characters(replies.part(reply, "usage"), text))

    def _fetched(self, url: str) -> bytes:
        """The audio. It is paid for by now, so a lost download is in doubt and not merely undone."""
        try:
            with results.opened(url, self._endpoints, limit_mb=SPEECH_MB_MAX, timeout_s=self._timeout_s) as body:
                try:
                    return b"".join(body)
                except Corrupt:
                    if body.size:
                        raise
                    return b""  # silence, for the listener to judge
        except Retry as error:
            raise Unknown("vendor.unanswered", error.detail) from error

    def _customize(self, asked: Mapping[str, object], *, sent: bool) -> Mapping[str, Any]:
        reply = self._rest.post(CUSTOMIZATION, {"model": ENROLMENT_MODEL, "input": asked}, sent=sent)
        if not isinstance(reply.get("output") or {}, dict):
            raise unanswered(Vendor.MODEL_STUDIO, TypeError("output is not an object"), sent=sent)
        return replies.part(reply, "output")

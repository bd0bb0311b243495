"""Photo checks that come before the portrait models: synchronous, billed per photo, refused or not.

A photo that will not do is HTTP 200 with `check_pass: false`; the vendor's pages show its code and message empty, its
error list has them filled, and which of the two comes is not known: `explains_refusals`.
"""

from __future__ import annotations

from typing import Any

from local.engines.contract import Face, RejectionError
from local.standins.errors import VendorError
from local.standins.model_studio import refusals
from local.standins.model_studio.bench import Bench, as_files
from local.standins.model_studio.inputs import checked_picture

PATH = "image2video/face-detect"
MODELS = ("emo-detect-v1", "wan2.2-s2v-detect", "liveportrait-detect")
RATIOS = ("1:1", "3:4")
PHOTO_YUAN = 0.004
CALLS_PER_S = 5


class Detection:
    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.explains_refusals = False

    def detect(self, model: str, fields: dict[str, Any], parameters: dict[str, Any]) -> dict[str, Any]:
        self._bench.check_is_on(model)
        ratio = _ratio(model, parameters)
        if not fields.get("image_url"):
            raise refusals.missing_parameters()
        photo = self._bench.fetched(fields["image_url"], refusals.bad_picture_url)
        outcome = self._look(photo, ratio)
        reply = self._bench.reply(output=self._output(model, outcome), usage={"image_count": 1})
        self._bench.register.charge(model, PHOTO_YUAN, reply["request_id"])
        return reply

    def _look(self, photo: bytes, ratio: str) -> Face | VendorError:
        try:
            checked_picture(photo)
            with as_files({"photo": photo}) as (_, files):
                return self._bench.engines.detect(files["photo"], ratio)
        except RejectionError as error:
            return VendorError(400, error.code, error.message)
        except VendorError as error:
            if error.code == "InvalidURL":
                raise
            return error

    def _output(self, model: str, outcome: Face | VendorError) -> dict[str, Any]:
        if model == "liveportrait-detect":
            is_good = isinstance(outcome, Face)
            return {"pass": is_good, "message": "success" if is_good else "No human face detected."}
        if isinstance(outcome, VendorError):
            code, message = (outcome.code, outcome.message) if self.explains_refusals else ("", "")
            return {"check_pass": False, "code": code, "message": message}
        if model == "wan2.2-s2v-detect":
            return {"check_pass": True, "humanoid": True}
        return {"check_pass": True, "face_bbox": list(outcome.face_bbox), "ext_bbox": list(outcome.ext_bbox)}


def _ratio(model: str, parameters: dict[str, Any]) -> str:
    if model != "emo-detect-v1":
        return "1:1"
    ratio = parameters.get("ratio")
    if ratio is None:
        raise refusals.missing_parameters()
    if ratio not in RATIOS:
        raise refusals.invalid_parameter("The request parameter is invalid, please check the request parameter.")
    return str(ratio)

"""Photo checks that come before the portrait models: synchronous, billed per photo, refused or not.

A photo that will not do is HTTP 200 with `check_pass: false`; the vendor's pages show its code and message empty, its
error list has them filled, and which of the two comes is not known: `explains_refusals`.
"""

from __future__ import annotations

from typing import Any

from local.engines.contract import Face, RejectionError
from local.engines.workers import EngineFailedError
from local.standins.errors import VendorError
from local.standins.model_studio import refusals
from local.standins.model_studio.bench import Bench, as_files
from local.standins.model_studio.inputs import checked_picture

PATH = "image2video/face-detect"
DANCE_PATH = "image2video/aa-detect"
PATHS = {
    "emo-detect-v1": PATH,
    "wan2.2-s2v-detect": PATH,
    "liveportrait-detect": PATH,
    "emoji-detect-v1": PATH,
    "animate-anyone-detect-gen2": DANCE_PATH,
}
"""Each check, and what its address ends in."""

WITH_RATIO = ("emo-detect-v1", "emoji-detect-v1")
FULL_LENGTH = 1.5
"""A picture this much higher than wide shows a whole person."""
RATIOS = ("1:1", "3:4")
PHOTO_YUAN = 0.004
CALLS_PER_S = 5


class Detection:
    """`deployed` maps the name of an instance of one's own to the model that it runs; paid by the hour."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.explains_refusals = False
        self.deployed: dict[str, str] = {}

    def model_of(self, name: str, path: str) -> str | None:
        """The check behind a name; None when there is none at this address."""
        model = self.deployed.get(name, name)
        return model if PATHS.get(model) == path else None

    def detect(self, name: str, fields: dict[str, Any], parameters: dict[str, Any]) -> dict[str, Any]:
        self._bench.check_is_on(name)
        model = self.deployed.get(name, name)
        ratio = _ratio(model, parameters)
        if not fields.get("image_url"):
            raise refusals.missing_parameters()
        photo = self._bench.fetched(fields["image_url"], refusals.bad_picture_url)
        outcome = self._look(photo, ratio)
        reply = self._bench.reply(output=self._output(model, outcome, photo), usage={"image_count": 1})
        if name == model:
            self._bench.register.charge(model, PHOTO_YUAN, reply["request_id"])
        return reply

    def _look(self, photo: bytes, ratio: str) -> Face | VendorError:
        try:
            checked_picture(photo)
            with as_files({"photo": photo}) as (_, files):
                return self._bench.engines.detect(files["photo"], ratio)
        except RejectionError as error:
            return VendorError(400, error.code, error.message)
        except EngineFailedError as error:
            raise refusals.engine_failed(error) from error
        except VendorError as error:
            if error.code == "InvalidURL":
                raise
            return error

    def _output(self, model: str, outcome: Face | VendorError, photo: bytes) -> dict[str, Any]:
        """Each check has words of its own: `check_pass`, `pass`, or only the boxes."""
        is_good = isinstance(outcome, Face)
        if model == "liveportrait-detect":
            return {"pass": is_good, "message": "success" if is_good else "No human face detected."}
        if isinstance(outcome, VendorError):
            code, message = (outcome.code, outcome.message) if self.explains_refusals else ("", "")
            refused = {"code": code, "message": message}
            return refused if model == "emoji-detect-v1" else {"check_pass": False, **refused}
        if model == "wan2.2-s2v-detect":
            return {"check_pass": True, "humanoid": True}
        if model == "animate-anyone-detect-gen2":
            picture = checked_picture(photo)
            return {"check_pass": True, "bodystyle": "full" if picture.height > FULL_LENGTH * picture.width else "half"}
        face, area = list(outcome.face_bbox), list(outcome.ext_bbox)
        if model == "emoji-detect-v1":
            return {"bbox_face": face, "ext_bbox_face": area}
        return {"check_pass": True, "face_bbox": face, "ext_bbox": area}


def _ratio(model: str, parameters: dict[str, Any]) -> str:
    if model not in WITH_RATIO:
        return "1:1"
    ratio = parameters.get("ratio")
    if ratio is None:
        raise refusals.missing_parameters()
    if ratio not in (RATIOS if model == "emo-detect-v1" else RATIOS[:1]):
        raise refusals.invalid_parameter("The request parameter is invalid, please check the request parameter.")
    return str(ratio)

"""What fails a task minutes after it was accepted: parameters out of range, files beyond their limits.

Codes: help.aliyun.com/zh/model-studio/error-code and the pages of videoretalk and wan, which name `InvalidFile.*`.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from pymediainfo import MediaInfo

from local.standins.errors import VendorError
from local.standins.model_studio import refusals
from local.standins.model_studio.avatars import Asked
from shared.clients.probe import media_facts
from shared.clients.untrusted import Guarded
from shared.domain.catalogue.files import FileFacts, file_problems
from shared.domain.catalogue.model import Form, Input, Medium, Model

FILE_CODES = {
    "format": "InvalidFile.Format",
    "size": "InvalidFile.Size",
    "side": "InvalidFile.Resolution",
    "ratio": "InvalidFile.Resolution",
    "length": "InvalidFile.Duration",
    "frame rate": "InvalidFile.FPS",
    "codec": "InvalidFile.Format",
}


def form_of(model: Model, given: Mapping[str, Any]) -> Form | None:
    """The way a model is called; None for a function that it does not have."""
    return next((form for form in model.forms if form.name in {"", given.get("function")}), None)


def judge(model: Model, asked: Asked) -> Form:
    """The form that the request has; VendorError for the first thing that is wrong with it."""
    form = form_of(model, asked.input)
    if form is None:
        raise refusals.invalid_parameter("The function is invalid.")
    for parameter in form.parameters:
        value = asked.parameters.get(parameter.name)
        if value is not None and not parameter.rule.admits(value):
            raise _wrong_parameter(parameter.name)
    for one in form.inputs:
        value = asked.input.get(one.name)
        if one.rule is not None and value is not None and not one.rule.admits(value):
            raise refusals.invalid_parameter(f"The {one.name} is invalid.")
    for one in form.inputs:
        for name, body in files_of(one, asked.media).items():
            _judge_file(one, name, body)
    given = {*asked.input, *(name.partition(".")[0] for name in asked.media)}
    if any(one.needed and one.name not in given for one in form.inputs):
        raise refusals.missing_parameters()
    for names in form.some_of:
        if not any(name in given for name in names):
            raise refusals.missing_parameters()
    return form


def files_of(one: Input, media: Mapping[str, bytes]) -> dict[str, bytes]:
    """The downloaded files of a field: `name`, or `name.0` and so on."""
    return {name: body for name, body in media.items() if name.partition(".")[0] == one.name}


def facts_of(body: bytes) -> FileFacts:
    facts = media_facts(MediaInfo.parse(Guarded(io.BytesIO(body))), io.BytesIO(body).read)
    sides = (facts.width, facts.height)
    return FileFacts(facts.container, len(body), facts.seconds, *sides, facts.fps, facts.video_codec)


def _judge_file(one: Input, name: str, body: bytes) -> None:
    if one.file is None:
        return
    problems = file_problems(name, one.file, facts_of(body))
    if not problems:
        return
    what = str(problems[0].fields["what"])
    if one.file.medium is Medium.PICTURE and what == "format":
        raise refusals.bad_picture_url()
    words = f"The {what} of {one.name} is invalid: {problems[0].fields['value']}."
    raise VendorError(400, FILE_CODES[what], words)


def _wrong_parameter(name: str) -> VendorError:
    if name == "duration":
        return refusals.invalid_parameter("duration customization is not supported")
    return refusals.invalid_parameter(f"The {name} is invalid.")

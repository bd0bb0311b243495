"""What the models of the catalogue answer to a request, without any wire.

A request was written by a person who can change it: where the vendor finds it wrong, that person is told in the
vendor's words. A story's calls being wrong is a fault of ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.clients import avatar_documents, replies
from shared.clients.codes import photo_refusal
from shared.clients.transport import harmless
from shared.domain.catalogue import CATALOGUE
from shared.domain.catalogue.answers import URL_FIELDS, Word, made_of, passes, word_of
from shared.domain.errors import Corrupt, EchobotError, Refused, Retry
from shared.ports import Fate, Verdict

REJECTED = "vendor.rejected"


def checked(model: str, reply: Mapping[str, Any]) -> Mapping[str, object]:
    """What a check found; a rejection comes as HTTP 200, sometimes without code and message."""
    output = replies.part(reply, "output")
    if not passes(CATALOGUE[model], output):
        raise photo_refusal(replies.text(output.get("code")), replies.text(output.get("message")))
    return output


def verdict(reply: Mapping[str, Any]) -> Verdict:
    """What `GET /tasks/{id}` means for any model. Words unknown to us mean that the task goes on."""
    output = replies.part(reply, "output")
    if word_of(output.get("task_status")) is not Word.SUCCEEDED:
        told = avatar_documents.task_verdict(reply)
        return Verdict(told.fate, told.result, as_requests(told.error) if told.error else None)
    made = made_of(output, reply.get("usage"))
    if not made.is_something:
        return Verdict(Fate.FAILED, error=Corrupt("vendor.contract", "the task succeeded without a result"))
    result = {
        "url": made.url,
        "template_id": made.template_id,
        "seconds": made.seconds,
        "ratio": made.ratio,
        "usage": dict(made.usage),
        "output": {name: value for name, value in output.items() if name not in {"results", *URL_FIELDS}},
    }
    return Verdict(Fate.SUCCEEDED, result)


def as_requests(error: Exception) -> Exception:
    """An error of a call that a request asked for: what the vendor rejects, its author can change."""
    if not isinstance(error, EchobotError) or isinstance(error, Refused | Retry) or error.code != REJECTED:
        return error
    code = str(error.fields.get("vendor_code", ""))
    why = harmless(error.detail.partition(f"{code} ")[2].rpartition(" (request")[0]) or code
    return Refused("request.refused", error.detail, vendor_code=code, why=why)

"""Forms as browsers send them: `multipart/form-data` (RFC 7578) taken apart without touching the file's bytes."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message

from local.standins.oss.errors import OssError


@dataclass(frozen=True)
class Form:
    """`fields` have lower-case names. The file is the last thing looked at: fields behind it do not count."""

    fields: dict[str, str]
    file: bytes | None
    file_name: str = ""
    file_type: str = ""


def parsed_form(content_type: str, body: bytes) -> Form:
    kind, parameters = _header(content_type)
    if kind != "multipart/form-data":
        message = "Bucket POST must be of the enclosure-type multipart/form-data."
        raise OssError(400, "RequestIsNotMultiPartContent", message)
    boundary = parameters.get("boundary", "")
    # every delimiter but the first has a line break before it: with one put in front they are all alike
    parts = (b"\r\n" + body).split(b"\r\n--" + boundary.encode())
    if not boundary or len(parts) < 3 or not parts[-1].startswith(b"--"):
        raise _malformed()
    fields: dict[str, str] = {}
    for part in parts[1:-1]:
        headers, separator, content = part.partition(b"\r\n\r\n")
        if not separator:
            raise _malformed()
        lines = dict(_split(line) for line in headers.decode(errors="replace").splitlines() if ":" in line)
        _, about = _header(lines.get("content-disposition", ""))
        name = about.get("name", "").lower()
        if name == "file":
            return Form(fields, content, about.get("filename", ""), lines.get("content-type", ""))
        fields[name] = content.decode(errors="replace")
    return Form(fields, None)


def _split(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip().lower(), value.strip()


def _header(value: str) -> tuple[str, dict[str, str]]:
    message = Message()
    message["content-type"] = value
    parameters = message.get_params(failobj=[], header="content-type")
    return (parameters[0][0].lower() if parameters else "", dict(parameters[1:]))


def _malformed() -> OssError:
    message = "The body of your POST request is not well-formed multipart/form-data."
    return OssError(400, "MalformedPOSTRequest", message)

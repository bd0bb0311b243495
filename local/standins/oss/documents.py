"""XML and dates in the shapes OSS writes and reads them."""

from __future__ import annotations

from datetime import datetime, timezone
from email.utils import formatdate
from urllib.parse import quote
from xml.etree import ElementTree as ET

from local.standins.http import Response
from local.standins.oss.errors import malformed_xml

Value = str | int | bool

# Keys may hold control characters. XML has no way to write them and Python's parser refuses them, but the service takes
# them as they come: they travel through the parser as characters nobody uses.
_CONTROLS = {code: 0xE000 + code for code in range(0x20) if chr(code) not in "\t\n\r"}
_BACK = {stand_in: code for code, stand_in in _CONTROLS.items()}


def node(tag: str, *children: ET.Element, **texts: Value) -> ET.Element:
    """`node("Part", PartNumber=1)`: an element with text children first, then the given ones."""
    element = ET.Element(tag)
    for name, value in texts.items():
        ET.SubElement(element, name).text = _text(value)
    element.extend(children)
    return element


def leaf(tag: str, value: Value) -> ET.Element:
    element = ET.Element(tag)
    element.text = _text(value)
    return element


def owner(account_id: str) -> ET.Element:
    return node("Owner", ID=account_id, DisplayName=account_id)


def rendered(root: ET.Element) -> bytes:
    text: str = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode()


def answer(root: ET.Element, headers: dict[str, str] | None = None) -> Response:
    return Response(200, {"Content-Type": "application/xml", **(headers or {})}, rendered(root))


def parsed(body: bytes, root_tag: str = "") -> ET.Element:
    """Raises MalformedXML, also for a root of another name. Namespaces are dropped: some SDKs send one."""
    try:
        text = body.decode().translate(_CONTROLS)
        root = ET.fromstring(text)  # noqa: S314  made by the developer's own client; expat limits entity growth
    except (ET.ParseError, UnicodeDecodeError):
        raise malformed_xml() from None
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        element.text = element.text and element.text.translate(_BACK)
    if root_tag and root.tag != root_tag:
        raise malformed_xml()
    return root


def number_in(element: ET.Element, tag: str) -> int:
    try:
        return int(element.findtext(tag, ""))
    except ValueError:
        raise malformed_xml() from None


def quoted_key(key: str, encoding_type: str) -> str:
    """Keys may hold characters XML cannot; clients then ask for `encoding-type=url`."""
    return quote(key, safe="") if encoding_type == "url" else key


def iso_time(seconds: float) -> str:
    return datetime.fromtimestamp(int(seconds), timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def http_date(seconds: float) -> str:
    return formatdate(seconds, usegmt=True)


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)

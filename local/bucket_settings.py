"""A bucket's properties in `template.yaml` as the documents that OSS keeps of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree as ET

OLD_VERSIONS_DAYS = 7
"""What `echobot setup` sets after a deployment: ROS has no word for it."""


def documents(props: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The sub-resources that the properties make, by name: `cors`, `lifecycle` and so on."""
    if "CORSConfiguration" in props:
        yield "cors", _text(_node("CORSConfiguration", props["CORSConfiguration"]))
    if "ServerSideEncryptionConfiguration" in props:
        rule = {"ApplyServerSideEncryptionByDefault": props["ServerSideEncryptionConfiguration"]}
        yield "encryption", _text(_node("ServerSideEncryptionRule", rule))
    if "LifecycleConfiguration" in props:
        rules = [*props["LifecycleConfiguration"]["Rule"], *([_OLD_VERSIONS] if is_versioned(props) else [])]
        yield "lifecycle", _text(_node("LifecycleConfiguration", {"Rule": rules}))
    if props.get("BlockPublicAccess"):
        yield "publicAccessBlock", _text(_node("PublicAccessBlockConfiguration", {"BlockPublicAccess": "true"}))


def is_versioned(props: Mapping[str, Any]) -> bool:
    return bool(props.get("VersioningConfiguration", {}).get("Status") == "Enabled")


_OLD_VERSIONS = {
    "ID": "old-versions",
    "Prefix": "",
    "Status": "Enabled",
    "NoncurrentVersionExpiration": {"NoncurrentDays": OLD_VERSIONS_DAYS},
}


def _node(tag: str, value: Any) -> ET.Element:
    node = ET.Element(tag)
    if isinstance(value, Mapping):
        for name, inner in value.items():
            for one in inner if isinstance(inner, list) else [inner]:
                node.append(_node(name, one))
    else:
        node.text = str(value)
    return node


def _text(node: ET.Element) -> str:
    return ET.tostring(node, encoding="unicode")

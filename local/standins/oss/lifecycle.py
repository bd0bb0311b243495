"""What PutBucketLifecycle refuses. The rules themselves are remembered, not acted upon: nothing expires here.

Source: help.aliyun.com "PutBucketLifecycle" and the refusals the tests of oss2 2.19.1 expect.
"""

from __future__ import annotations

from itertools import combinations, pairwise
from xml.etree import ElementTree as ET

from local.standins.oss.documents import number_in, parsed
from local.standins.oss.errors import OssError, invalid_argument, malformed_xml
from local.standins.oss.metadata import TAG_CHARACTERS

RULES_MAX = 1000
_COLDER = ("IA", "Archive", "ColdArchive", "DeepColdArchive")
_DATED = ("CreatedBeforeDate", "Date")


def check_lifecycle(document: str, *, allows_overlap: bool) -> None:
    """`allows_overlap` is the request's `x-oss-allow-same-action-overlap: true`."""
    rules = parsed(document.encode()).findall("Rule")
    if not 0 < len(rules) <= RULES_MAX:
        raise malformed_xml()
    for rule in rules:
        _check_rule(rule)
    if not allows_overlap:
        _check_overlap(rules)


def _check_rule(rule: ET.Element) -> None:
    if rule.findtext("Status") not in ("Enabled", "Disabled") or rule.find("Prefix") is None:
        raise malformed_xml()
    for tag in rule.findall("Tag"):
        for text in (tag.findtext("Key", ""), tag.findtext("Value", "")):
            if not TAG_CHARACTERS.fullmatch(text):
                raise invalid_argument("The tag of a lifecycle rule is not valid.", "Tag", text)
    expiration, transitions = rule.find("Expiration"), rule.findall("Transition")
    timed = [element for element in (expiration, *transitions) if element is not None]
    are_dated = {any(element.find(name) is not None for name in _DATED) for element in timed}
    if len(are_dated) > 1:
        raise OssError(400, "InvalidRequest", "Found mixed Days and CreatedBeforeDate in the same rule.")
    _check_transitions(expiration, transitions, "Days", by_days=are_dated == {False})
    noncurrent = rule.findall("NoncurrentVersionTransition")
    _check_transitions(rule.find("NoncurrentVersionExpiration"), noncurrent, "NoncurrentDays", by_days=True)


def _check_transitions(
    expiration: ET.Element | None, transitions: list[ET.Element], days_tag: str, *, by_days: bool
) -> None:
    for transition in transitions:
        storage_class = transition.findtext("StorageClass", "")
        if storage_class not in _COLDER:
            raise invalid_argument("The storage class of a transition is not valid.", "StorageClass", storage_class)
    if not by_days:
        return
    transitions = sorted(transitions, key=lambda transition: _COLDER.index(transition.findtext("StorageClass", "")))
    days = [number_in(transition, days_tag) for transition in transitions]
    if expiration is not None and expiration.find(days_tag) is not None:
        days.append(number_in(expiration, days_tag))
    if any(later <= earlier for earlier, later in pairwise(days)):
        raise invalid_argument("Days of colder storage classes and of expiration must grow.", days_tag, str(days))


def _check_overlap(rules: list[ET.Element]) -> None:
    for first, second in combinations(rules, 2):
        one, other = first.findtext("Prefix", ""), second.findtext("Prefix", "")
        if not (one.startswith(other) or other.startswith(one)):
            continue
        for action in ("Expiration", "Transition", "AbortMultipartUpload"):
            if _acts_alike(first, second, action):
                raise OssError(400, "InvalidArgument", f"Overlap for same action type {action}")


def _acts_alike(first: ET.Element, second: ET.Element, action: str) -> bool:
    has_tags = first.find("Tag") is not None or second.find("Tag") is not None
    return first.find(action) is not None and second.find(action) is not None and not has_tags

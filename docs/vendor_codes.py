"""Writes docs/vendor-codes.md from the table of codes: `python -m docs.vendor_codes`."""

from __future__ import annotations

from pathlib import Path

from shared.clients.codes import RULES, Rule, Vendor
from shared.domain.errors import Audience, Offline, Refused, Retry, Unknown
from shared.domain.sentences import sentence

PAGE = Path(__file__).with_name("vendor-codes.md")

HEAD = """\
# Vendor codes

What each error code of the vendors means here. Generated from `shared/clients/codes.py` by
`python -m docs.vendor_codes`; a test says when it is stale.

- **Refused** goes to the family, with a sentence they can act on. **Offline** means: take the next engine.
- **Retry**: it did not happen. Waits "until paid or granted" are 15 minutes, again and again.
- **Unknown**: it may have happened. Where the call only reads, it is a Retry instead.
- **Corrupt** is our own mistake: the job stops and the operator is told.
- **Conflict**: somebody else was first.

A code in no table: 429 is a Retry, 430 a refused voice sample, 5xx and 408 are Unknown, everything else is Corrupt.
No answer at all: Retry when the connection was never made or the call only reads, else Unknown.
Rules are tried from top to bottom; a code that ends in `.*` is a family.
"""

TITLES = {
    Vendor.MODEL_STUDIO: "Model Studio (CosyVoice, EMO and the other portraits)",
    Vendor.IMS: "IMS",
    Vendor.OSS: "OSS",
    Vendor.TABLESTORE: "Tablestore",
    Vendor.MNS: "MNS",
}


def render() -> str:
    """The whole page."""
    return "\n".join([HEAD, *(_section(vendor) for vendor in Vendor)])


def _section(vendor: Vendor) -> str:
    lines = [f"## {TITLES[vendor]}", "", "| code | message has | means | sentence | wait |", "|---|---|---|---|---|"]
    return "\n".join([*lines, *(_line(rule) for rule in RULES[vendor]), ""])


def _line(rule: Rule) -> str:
    english = sentence(rule.sentence, {"vendor_code": "code", **rule.fields}).en
    cells = (f"`{rule.code}`", rule.message, _meaning(rule), f"`{rule.sentence}` {english}", _wait(rule))
    return f"| {' | '.join(cells)} |"


def _meaning(rule: Rule) -> str:
    reader = "family" if rule.error.audience is Audience.FAMILY else "operator"
    return f"{rule.error.__name__} ({reader})" if issubclass(rule.error, Refused) else rule.error.__name__


def _wait(rule: Rule) -> str:
    if issubclass(rule.error, Offline) or rule.error not in {Retry, Unknown}:
        return ""
    return "as the engine likes" if rule.after_s is None else f"{rule.after_s:g} s"


if __name__ == "__main__":
    PAGE.write_text(render(), "utf-8")
    print(f"wrote {PAGE}")

"""Every error has a code, an audience and a sentence in both languages that any fields can fill."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest

import shared.domain
from shared.domain.errors import (
    Audience,
    Conflict,
    Corrupt,
    EchobotError,
    Offline,
    Refused,
    Retry,
    Review,
    Unknown,
    of_reader,
)
from shared.domain.sentences import SENTENCES, Sentence, sentence

KINDS = [Refused, Offline, Retry, Unknown, Conflict, Review, Corrupt]


def fields_of(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_caught_as_ours_and_tells_its_code_and_detail(kind: type[EchobotError]) -> None:
    error = kind("vendor.rejected", "code 400", vendor_code="InvalidURL")

    assert isinstance(error, EchobotError)
    assert str(error) == "vendor.rejected: code 400"
    assert str(kind("vendor.busy")) == "vendor.busy"
    assert (error.code, error.detail, error.fields) == ("vendor.rejected", "code 400", {"vendor_code": "InvalidURL"})
    assert "InvalidURL" in error.sentence.zh
    assert "code 400" not in error.sentence.zh + error.sentence.en


def test_only_a_refusal_is_the_familys_to_mend() -> None:
    assert {kind: kind("x").audience for kind in KINDS} == {
        kind: Audience.FAMILY if kind is Refused else Audience.OPERATOR for kind in KINDS
    }
    assert issubclass(Offline, Refused)


def test_a_retry_may_say_when() -> None:
    assert Retry("vendor.busy", after_s=2.5).after_s == 2.5
    assert Retry("vendor.busy").after_s is None


def test_an_unknown_code_falls_back_to_its_parents_and_at_last_to_an_apology() -> None:
    assert sentence("photo.no_face.at_all.here", {}) == SENTENCES["photo.no_face"]
    assert sentence("nobody.knows", {}) == sentence("nobody", {}) == SENTENCES["internal"]


def test_a_missing_field_leaves_a_gap_and_no_error() -> None:
    assert sentence("voice.too_short", {}) == Sentence(
        "录音只有 … 秒。请录 10 到 20 秒连续清楚的朗读。",
        "The recording is only … s long. Please record 10-20 s of clear, continuous reading.",
    )


def test_a_refusal_of_one_of_two_parents_says_whose_it_is_in_both_languages() -> None:
    error = of_reader(Refused("photo.no_face"), "papa")
    said = SENTENCES["photo.no_face"]

    assert error.sentence == Sentence(f"朗读者 papa：{said.zh}", f"The narrator papa: {said.en}")


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_both_languages_of_a_sentence_say_the_same(code: str) -> None:
    words = SENTENCES[code]

    assert fields_of(words.zh) == fields_of(words.en)
    assert any("一" <= character <= "鿿" for character in words.zh)
    assert words.en.isascii()


def test_every_refusal_in_the_domain_has_its_own_sentence() -> None:
    codes = {
        call.args[0].value
        for module in Path(shared.domain.__path__[0]).glob("*.py")
        for call in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in {"Refused", "Corrupt"}
        and isinstance(call.args[0], ast.Constant)
    }

    assert codes
    assert codes <= SENTENCES.keys()

"""A profile is bytes that can be kept, and nothing else is taken for one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from local.engines.contract import RejectionError, SpeechStyle
from local.engines.voice import speak
from local.engines.voice.profile import Accent, Profile

PROFILE = Profile(
    192.25,
    {"af_heart": 0.75, "zf_xiaobei": 0.25},
    {"zh": Accent("zf_xiaobei", 0.84, (0.5,) * 40), "en": Accent("af_heart", 1.01, (-1.5,) * 40)},
    0.97,
)


def test_a_profile_survives_being_kept() -> None:
    assert Profile.from_bytes(PROFILE.to_bytes()) == PROFILE


def test_a_profile_of_one_language_survives_with_what_another_is_found_with() -> None:
    english = replace(PROFILE, accents={"en": PROFILE.accents["en"]}, colour_db=(-60.25,) * 40)

    assert Profile.from_bytes(english.to_bytes()) == english


def test_a_profile_kept_before_vocal_tracts_were_matched_still_speaks() -> None:
    earlier = PROFILE.to_bytes().replace(b'"formants": 0.97, ', b"")

    assert Profile.from_bytes(earlier) == replace(PROFILE, formants=1.0)


@pytest.mark.parametrize(
    "kept",
    [
        b"",
        b"\xff\xfe",
        b"null",
        b"[]",
        b"{}",
        b'{"version": 2}',
        PROFILE.to_bytes().replace(b'"en"', b'"fr"'),
        PROFILE.to_bytes().replace(b"0.84", b'"high"'),
    ],
)
def test_other_bytes_are_an_invalid_voice(kept: bytes) -> None:
    with pytest.raises(RejectionError) as refused:
        speak(kept, "你好", SpeechStyle())

    assert (refused.value.code, refused.value.message) == ("InvalidParameter", "Request voice is invalid!")


@pytest.mark.parametrize(
    ("text", "ssml"), [("", False), ("……！", False), ("<speak></speak>", True), ("<speak><break/></speak>", True)]
)
def test_a_text_without_a_sound_is_refused(text: str, ssml: bool) -> None:
    with pytest.raises(RejectionError) as refused:
        speak(PROFILE.to_bytes(), text, SpeechStyle(ssml=ssml))

    assert refused.value.code == "InvalidParameter"

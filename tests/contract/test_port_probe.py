"""What every `Probe` promises."""

from __future__ import annotations

import pytest

from shared.domain.errors import Refused
from shared.ports import Bucket, MediaFacts, Objects, Place, Probe
from tests.toy_mp4 import toy_mp4
from tests.toys import toy_film, toy_png, toy_wav

HERE = Place(Bucket.INPUT, "inbox/fox/file")


def test_a_film_tells_its_size_length_and_streams(probe: Probe, objects: Objects) -> None:
    objects.write(HERE, toy_film(12.0), "video/mp4")
    facts = probe.facts(HERE)

    assert (facts.container, facts.has_video, facts.has_audio) == ("mp4", True, True)
    assert (facts.width, facts.height) == (1280, 720)
    assert facts.seconds == pytest.approx(12.0, abs=0.1)
    assert facts.is_image is False


def test_a_film_that_a_phone_stored_on_its_side_has_the_size_that_is_seen(probe: Probe, objects: Objects) -> None:
    objects.write(HERE, toy_mp4(5.0, 1280, 720, turned=True), "video/mp4")
    facts = probe.facts(HERE)

    assert (facts.width, facts.height) == (720, 1280)


def test_a_film_tells_how_wide_its_pixels_are(probe: Probe, objects: Objects) -> None:
    objects.write(HERE, toy_mp4(5.0, 720, 576, pixel=(64, 45)), "video/mp4")

    assert probe.facts(HERE).pixel_ratio == pytest.approx(64 / 45, abs=0.001)


@pytest.mark.parametrize("sound_s", [3.0, 9.0])
def test_a_film_is_as_long_as_its_picture(probe: Probe, objects: Objects, sound_s: float) -> None:
    objects.write(HERE, toy_mp4(5.0, 1280, 720, sound_s=sound_s), "video/mp4")

    assert probe.facts(HERE).seconds == pytest.approx(5.0, abs=0.01)


def test_a_recording_tells_its_rate_bits_and_length(probe: Probe, objects: Objects) -> None:
    objects.write(HERE, toy_wav(12.5, rate=16_000), "audio/wav")

    assert probe.facts(HERE) == MediaFacts(
        "wav", seconds=12.5, has_audio=True, audio_codec="pcm", sample_rate=16_000, bits=16
    )


def test_a_photo_is_an_image_with_two_sides(probe: Probe, objects: Objects) -> None:
    objects.write(HERE, toy_png(640, 480), "image/png")

    assert probe.facts(HERE) == MediaFacts("png", width=640, height=480, is_image=True)


@pytest.mark.parametrize("body", [b"", b"not a film at all", b"\0" * 5000])
def test_an_unreadable_file_has_no_container(probe: Probe, objects: Objects, body: bytes) -> None:
    objects.write(HERE, body, "video/mp4")

    assert probe.facts(HERE).container == ""


def test_the_facts_are_those_of_the_newest_bytes(probe: Probe, objects: Objects) -> None:
    objects.write(HERE, toy_png(640, 480), "image/png")
    probe.facts(HERE)
    objects.write(HERE, toy_png(500, 600), "image/png")

    assert probe.facts(HERE).height == 600


def test_a_file_that_is_not_there_is_refused(probe: Probe) -> None:
    with pytest.raises(Refused) as refusal:
        probe.facts(HERE)

    assert refusal.value.code == "object.missing"

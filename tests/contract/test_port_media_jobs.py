"""What every `MediaJobs` promises."""

from __future__ import annotations

import base64
import json

import pytest

from shared.domain.errors import Corrupt, Retry
from shared.ports import Bucket, Fate, Film, Kind, MediaJobs, Objects, Place
from tests.contract.cloud import Cloud, Ports
from tests.toys import asked_in, seconds_of, toy_film

FILM = Place(Bucket.INPUT, "inbox/fox/story.mp4")
CAPTIONS = Place(Bucket.WORK, "jobs/fox/captions.srt")
STORY = Place(Bucket.WORK, "jobs/fox/story.mp4")
LINES = [(1.0, 2.5, "从前"), (3.0, 4.0, "有只狐狸")]
TIMELINE = {
    "VideoTracks": [
        {"VideoTrackClips": [{"MediaURL": "https://echobot-input.oss-cn-beijing.aliyuncs.com/inbox/fox/story.mp4"}]}
    ]
}
SIZE = Film(1280, 720, 10.0)


@pytest.fixture(autouse=True)
def film(objects: Objects) -> None:
    objects.write(FILM, toy_film(10.0, LINES), "video/mp4")


def test_captions_are_read_into_an_srt_of_ours(media_jobs: MediaJobs, objects: Objects, cloud: Cloud) -> None:
    job = media_jobs.read_captions(FILM, CAPTIONS, "fox/separate")

    assert media_jobs.verdict(Kind.IMS_PRODUCTION, job).fate is Fate.RUNNING

    cloud.clock.run()
    verdict = media_jobs.verdict(Kind.IMS_PRODUCTION, job)
    assert verdict.fate is Fate.SUCCEEDED
    assert verdict.result == {"keys": [CAPTIONS.key]}
    assert "从前" in objects.read(CAPTIONS).decode()


def test_both_halves_of_the_sound_lie_under_the_prefix(media_jobs: MediaJobs, objects: Objects, cloud: Cloud) -> None:
    job = media_jobs.split_music(FILM, Place(Bucket.WORK, "jobs/fox/sound/"), "fox/separate")
    cloud.clock.run()
    keys = media_jobs.verdict(Kind.IMS_PRODUCTION, job).result["keys"]

    assert isinstance(keys, list)
    assert len(keys) == 2
    assert all(key.startswith("jobs/fox/sound/") for key in keys)
    assert all(objects.head(Place(Bucket.WORK, key)) for key in keys)


def test_recognised_sentences_come_in_milliseconds(media_jobs: MediaJobs, cloud: Cloud) -> None:
    job = media_jobs.recognise(FILM, "fox/separate")
    cloud.clock.run()

    assert media_jobs.verdict(Kind.IMS_SMART, job).result == {
        "sentences": [
            {"text": "从前", "start_ms": 1000, "end_ms": 2500},
            {"text": "有只狐狸", "start_ms": 3000, "end_ms": 4000},
        ]
    }


def test_a_recogniser_that_is_not_there_is_a_failed_job(media_jobs: MediaJobs, cloud: Cloud) -> None:
    cloud.engines.hears = False
    job = media_jobs.recognise(FILM, "fox/separate")
    cloud.clock.run()
    verdict = media_jobs.verdict(Kind.IMS_SMART, job)

    assert verdict.fate is Fate.FAILED
    assert isinstance(verdict.error, Corrupt)


def test_a_film_is_composed_as_the_timeline_says(media_jobs: MediaJobs, objects: Objects, cloud: Cloud) -> None:
    job = media_jobs.compose(TIMELINE, STORY, SIZE, "token-1", "fox/compose")
    cloud.clock.run()
    verdict = media_jobs.verdict(Kind.IMS_PRODUCING, job)

    assert verdict.fate is Fate.SUCCEEDED
    assert verdict.result["seconds"] == pytest.approx(seconds_of(objects.read(STORY)), abs=0.01)
    assert asked_in(objects.read(STORY))


def test_the_same_token_is_the_same_job(media_jobs: MediaJobs) -> None:
    first = media_jobs.compose(TIMELINE, STORY, SIZE, "token-1", "fox/compose")

    assert media_jobs.compose(TIMELINE, STORY, SIZE, "token-1", "fox/compose") == first
    assert media_jobs.compose(TIMELINE, STORY, SIZE, "token-2", "fox/compose") != first


def test_a_long_timeline_arrives_whole(media_jobs: MediaJobs, cloud: Cloud) -> None:
    clip = TIMELINE["VideoTracks"][0]["VideoTrackClips"][0]
    long = {"VideoTracks": [{"VideoTrackClips": [{**clip, "TimelineIn": at} for at in range(400)]}]}
    job = media_jobs.compose(long, STORY, SIZE, "token-1", "fox/compose")
    kept = cloud.ims.get_media_producing_job(job)["MediaProducingJob"]

    assert isinstance(kept, dict)
    assert json.loads(str(kept["Timeline"])) == long


def test_the_completion_carries_our_label(media_jobs: MediaJobs, ports: Ports) -> None:
    media_jobs.compose(TIMELINE, STORY, SIZE, "token-1", "fox/compose")
    ports.cloud.clock.run()
    (message,) = ports.cloud.mns.receive(ports.settings.ims_callback_queue)
    told = json.loads(message.body if message.body.startswith("{") else base64.b64decode(message.body))

    assert json.loads(told["MessageBody"]["UserData"])["label"] == "fox/compose"


def test_a_timeline_of_nothing_is_our_fault(media_jobs: MediaJobs) -> None:
    with pytest.raises(Corrupt) as fault:
        media_jobs.compose({"VideoTracks": []}, STORY, SIZE, "token-1", "fox/compose")

    assert (fault.value.code, fault.value.fields["vendor_code"]) == ("vendor.rejected", "TimelineFormatError")


def test_a_film_that_is_not_there_is_a_failed_job(media_jobs: MediaJobs, cloud: Cloud) -> None:
    job = media_jobs.read_captions(Place(Bucket.INPUT, "inbox/hen/story.mp4"), CAPTIONS, "hen/separate")
    cloud.clock.run()
    verdict = media_jobs.verdict(Kind.IMS_PRODUCTION, job)

    assert verdict.fate is Fate.FAILED
    assert isinstance(verdict.error, Corrupt)


@pytest.mark.parametrize("kind", [Kind.IMS_PRODUCING, Kind.IMS_PRODUCTION, Kind.IMS_SMART])
def test_a_job_nobody_knows_is_forgotten(media_jobs: MediaJobs, kind: Kind) -> None:
    assert media_jobs.verdict(kind, "0" * 32).fate is Fate.FORGOTTEN


@pytest.mark.parametrize("token", ["", "x" * 65, "狐狸"])
def test_a_token_the_service_would_not_take_is_our_fault(media_jobs: MediaJobs, token: str) -> None:
    with pytest.raises(Corrupt):
        media_jobs.compose(TIMELINE, STORY, SIZE, token, "fox/compose")


def test_a_label_that_does_not_fit_is_our_fault(media_jobs: MediaJobs) -> None:
    media_jobs.compose(TIMELINE, STORY, SIZE, "token-1", "x" * 400)
    with pytest.raises(Corrupt):
        media_jobs.read_captions(FILM, CAPTIONS, "x" * 250)


def test_too_many_calls_in_a_second_are_tried_again(media_jobs: MediaJobs) -> None:
    def many() -> None:
        for number in range(40):
            media_jobs.compose(TIMELINE, STORY, SIZE, f"token-{number}", "fox/compose")

    with pytest.raises(Retry) as fault:
        many()

    assert (fault.value.code, fault.value.fields["vendor_code"]) == ("vendor.busy", "Throttling.User")

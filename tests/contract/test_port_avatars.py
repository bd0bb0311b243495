"""What every `Avatars` promises."""

from __future__ import annotations

import pytest

from shared.domain.errors import Corrupt, Offline, Refused, Retry
from shared.ports import Avatars, Bucket, Face, Fate, Objects, Place
from tests.contract.cloud import Cloud
from tests.toys import seconds_of, toy_png, toy_wav

PHOTO = Place(Bucket.INPUT, "inbox/fox/photo.png")
SPEECH = Place(Bucket.WORK, "jobs/fox/speech/0001.wav")
DAY_S = 24 * 3600
EMO, S2V = ("emo", "emo-v1"), ("wan-s2v", "wan2.2-s2v")
NO_BOXES = Face(None, None)


@pytest.fixture
def photo_url(objects: Objects) -> str:
    objects.write(PHOTO, toy_png(), "image/png")
    return objects.share(PHOTO, 3600)


@pytest.fixture
def speech_url(objects: Objects) -> str:
    objects.write(SPEECH, toy_wav(8.0), "audio/wav")
    return objects.share(SPEECH, 3600)


@pytest.fixture
def face(avatars: Avatars, photo_url: str) -> Face:
    return avatars.detect("emo", "emo-detect-v1", photo_url, "1:1")


def test_emo_tells_both_boxes_of_a_face(face: Face) -> None:
    assert face.face_bbox is not None
    assert face.ext_bbox is not None
    left, top, right, bottom = face.ext_bbox
    assert right - left == bottom - top


def test_an_engine_that_needs_no_boxes_gives_none(avatars: Avatars, photo_url: str) -> None:
    assert avatars.detect("wan-s2v", "wan2.2-s2v-detect", photo_url, "1:1") == NO_BOXES


@pytest.mark.parametrize(
    ("note", "code"),
    [
        (b"NOFACE", "photo.no_face"),
        (b"TWOFACES", "photo.many_faces"),
        (b"TOODARK", "photo.dark"),
        (b"PROFILE", "photo.pose"),
    ],
)
@pytest.mark.parametrize(("engine", "model"), [("emo", "emo-detect-v1"), ("wan-s2v", "wan2.2-s2v-detect")])
def test_a_photo_is_refused_with_its_reason_when_there_is_one(
    avatars: Avatars, objects: Objects, cloud: Cloud, engine: str, model: str, note: bytes, code: str
) -> None:
    objects.write(PHOTO, toy_png(note=note), "image/png")
    url = objects.share(PHOTO, 3600)
    with pytest.raises(Refused) as silent:
        avatars.detect(engine, model, url, "1:1")
    cloud.studio.explain_refused_photos()
    with pytest.raises(Refused) as explained:
        avatars.detect(engine, model, url, "1:1")

    assert silent.value.code == "photo.rejected"
    assert explained.value.code == code


def test_a_small_photo_is_refused(avatars: Avatars, objects: Objects, cloud: Cloud) -> None:
    cloud.studio.explain_refused_photos()
    objects.write(PHOTO, toy_png(399, 500), "image/png")
    with pytest.raises(Refused) as refusal:
        avatars.detect("emo", "emo-detect-v1", objects.share(PHOTO, 3600), "1:1")

    assert refusal.value.code == "photo.resolution"


@pytest.mark.parametrize("answer", ["Endpoint.AccessDenied", "ModelNotFound"])
def test_a_model_that_is_switched_off_says_so(avatars: Avatars, photo_url: str, cloud: Cloud, answer: str) -> None:
    cloud.studio.offline_models.add("emo-detect-v1")
    cloud.studio.answer_offline_with(answer)  # type: ignore[arg-type]  # one of the two it takes
    with pytest.raises(Offline) as fault:
        avatars.detect("emo", "emo-detect-v1", photo_url, "1:1")

    assert (fault.value.code, fault.value.fields["model"]) == ("engine.offline", "emo-detect-v1")


def test_a_deployed_instance_that_is_not_there_is_offline(
    avatars: Avatars, photo_url: str, speech_url: str, face: Face
) -> None:
    with pytest.raises(Offline) as fault:
        avatars.animate("emo", "emo-v1-ours", photo_url, speech_url, face, "normal")

    assert fault.value.fields["model"] == "emo-v1-ours"


def test_a_ratio_the_service_would_not_take_is_refused(avatars: Avatars, photo_url: str) -> None:
    with pytest.raises(Refused) as refusal:
        avatars.detect("emo", "emo-detect-v1", photo_url, "16:9")

    assert (refusal.value.code, refusal.value.fields["name"]) == ("options.value", "ratio")


@pytest.mark.parametrize(("engine", "model"), [EMO, S2V])
def test_a_portrait_speaks(
    avatars: Avatars,
    objects: Objects,
    cloud: Cloud,
    photo_url: str,
    speech_url: str,
    face: Face,
    engine: str,
    model: str,
) -> None:
    task = avatars.animate(engine, model, photo_url, speech_url, face, "calm")

    assert avatars.verdict(task).fate is Fate.RUNNING

    cloud.clock.run()
    verdict = avatars.verdict(task)
    assert verdict.fate is Fate.SUCCEEDED
    assert verdict.result["seconds"] == pytest.approx(8.0, abs=0.1)

    clip = Place(Bucket.WORK, "jobs/fox/clips/0001.mp4")
    objects.keep(str(verdict.result["url"]), clip, limit_mb=10)
    assert seconds_of(objects.read(clip)) == pytest.approx(8.0, abs=0.1)


def test_emo_tells_the_ratio_it_made(
    avatars: Avatars, cloud: Cloud, photo_url: str, speech_url: str, face: Face
) -> None:
    task = avatars.animate(*EMO, photo_url, speech_url, face, "normal")
    cloud.clock.run()

    assert avatars.verdict(task).result["ratio"] == "1:1"


def test_a_style_the_service_would_not_take_is_refused(
    avatars: Avatars, photo_url: str, speech_url: str, face: Face
) -> None:
    with pytest.raises(Refused) as refusal:
        avatars.animate(*EMO, photo_url, speech_url, face, "subtle")

    assert (refusal.value.code, refusal.value.fields["name"]) == ("options.value", "style")


def test_emo_without_boxes_is_our_fault(avatars: Avatars, photo_url: str, speech_url: str, cloud: Cloud) -> None:
    with pytest.raises(Corrupt):
        avatars.animate(*EMO, photo_url, speech_url, NO_BOXES, "normal")

    assert cloud.account.count("model_studio")["emo-v1"] == 0


def test_speech_that_is_too_long_fails_the_task(
    avatars: Avatars, objects: Objects, cloud: Cloud, photo_url: str, face: Face
) -> None:
    objects.write(SPEECH, toy_wav(61.0), "audio/wav")
    task = avatars.animate(*EMO, photo_url, objects.share(SPEECH, 3600), face, "normal")
    cloud.clock.run()
    verdict = avatars.verdict(task)

    assert verdict.fate is Fate.FAILED
    assert isinstance(verdict.error, Corrupt)
    assert verdict.error.fields["vendor_code"] == "InvalidURL"


def test_a_url_that_died_in_the_queue_may_be_signed_anew(
    avatars: Avatars, objects: Objects, cloud: Cloud, photo_url: str, face: Face
) -> None:
    objects.write(SPEECH, toy_wav(8.0), "audio/wav")
    task = avatars.animate(*EMO, photo_url, objects.share(SPEECH, 1), face, "normal")
    cloud.clock.run()
    verdict = avatars.verdict(task)

    assert verdict.fate is Fate.FAILED
    assert isinstance(verdict.error, Retry)
    assert verdict.error.code == "url.expired"


def test_a_task_that_queues_can_be_taken_back_and_is_not_paid_for(
    avatars: Avatars, cloud: Cloud, photo_url: str, speech_url: str, face: Face
) -> None:
    task = avatars.animate(*EMO, photo_url, speech_url, face, "normal")

    assert avatars.cancel(task)

    cloud.clock.run()
    assert "emo-v1" not in [charge.what for charge in cloud.studio.register]


def test_a_task_that_has_ended_or_is_unknown_is_not_taken_back(
    avatars: Avatars, cloud: Cloud, photo_url: str, speech_url: str, face: Face
) -> None:
    task = avatars.animate(*EMO, photo_url, speech_url, face, "normal")
    cloud.clock.run()

    assert not avatars.cancel(task)
    assert not avatars.cancel("no-such-task")


def test_a_cancelled_task_may_be_sent_again(
    avatars: Avatars, cloud: Cloud, photo_url: str, speech_url: str, face: Face
) -> None:
    task = avatars.animate(*EMO, photo_url, speech_url, face, "normal")
    assert avatars.cancel(task)
    verdict = avatars.verdict(task)

    assert verdict.fate is Fate.FAILED
    assert isinstance(verdict.error, Retry)


def test_a_task_of_yesterday_is_forgotten(
    avatars: Avatars, cloud: Cloud, photo_url: str, speech_url: str, face: Face
) -> None:
    task = avatars.animate(*EMO, photo_url, speech_url, face, "normal")
    cloud.clock.run()
    cloud.clock.advance(DAY_S + 1)

    assert avatars.verdict(task).fate is Fate.FORGOTTEN
    assert avatars.verdict("no-such-task").fate is Fate.FORGOTTEN


def test_the_list_shows_the_tasks_of_a_model_in_a_window(
    avatars: Avatars, cloud: Cloud, photo_url: str, speech_url: str, face: Face
) -> None:
    avatars.animate(*EMO, photo_url, speech_url, face, "normal")
    cloud.clock.advance(600)
    since = cloud.clock.now()
    first = avatars.animate(*EMO, photo_url, speech_url, face, "normal")
    cloud.clock.advance(5)
    second = avatars.animate(*EMO, photo_url, speech_url, face, "normal")
    avatars.animate(*S2V, photo_url, speech_url, face, "normal")
    found = avatars.tasks("emo-v1", since, cloud.clock.now())

    assert {task.task_id: task.submitted_at for task in found} == pytest.approx({first: since, second: since + 5})
    assert {task.status for task in found} == {"PENDING"}


def test_the_list_goes_over_the_pages_of_the_service(
    avatars: Avatars, cloud: Cloud, photo_url: str, speech_url: str, face: Face
) -> None:
    since = cloud.clock.now()
    for _ in range(60):
        avatars.animate(*EMO, photo_url, speech_url, face, "normal")
        cloud.clock.advance(1)

    assert len(avatars.tasks("emo-v1", since, cloud.clock.now())) == 60


def test_the_list_may_begin_more_than_a_day_ago(avatars: Avatars, cloud: Cloud) -> None:
    assert avatars.tasks("emo-v1", cloud.clock.now() - 3 * DAY_S, cloud.clock.now()) == []


def test_too_many_calls_in_a_second_are_tried_again(
    avatars: Avatars, photo_url: str, speech_url: str, face: Face
) -> None:
    def many() -> None:
        for _ in range(9):
            avatars.animate(*EMO, photo_url, speech_url, face, "normal")

    with pytest.raises(Retry) as fault:
        many()

    assert (fault.value.code, fault.value.fields["vendor_code"]) == ("vendor.busy", "Throttling.RateQuota")

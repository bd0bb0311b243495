"""Every error that EMO's pages list, brought about at the stand-in, read by the client, and said in words that help.

The list is that of the two published descriptions of EMO's API, code and message; where they spell a message in two
ways both are here.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from local.engines.contract import Face, RejectionError
from local.standins.errors import FetchError
from shared.clients import avatar_documents
from shared.domain.errors import Audience, EchobotError, Refused, Retry
from shared.ports import Bucket, Fate, Place
from tests.stage import Stage
from tests.toys import ToyEngines, toy_png, toy_wav

MISSING = "The request is missing required parameters or in a wrong format, please check the parameters that you send."
STYLE = "The style_level is invalid."
SLOW = "Unable to download the media resource during the data inspection process."
PICTURE = "The request URL is invalid, please check the request URL is available and the request image format is one of"
NO_URL = "Required URL is missing or invalid, please check the request URL."
LONG = "The input audio is longer than 60s!"
LARGE = "File size is larger than 15MB."
KIND = "File type is not supported. Allowed types are: .wav, .mp3."

NOBODY = "The input image has no human body. Please upload other image with single person."
SEVERAL = "The input image has multi human bodies. Please upload other image with single person."
PROPORTION = (
    "The proportion of the detected person in the picture is too large or too small, please upload other image."
)
SIDES = (
    "The image resolution is invalid, please make sure that the largest length of image is smaller than 7000, and the "
    "smallest length of image is larger than 400."
)
DARK = "The value of the image is invalid, please upload other clearer image."
BACK = "The pose of the detected person is invalid, please upload other image with the front view."
HIDDEN = "The pose of the detected face is invalid, please upload other image with whole face."
TURNED = "The pose of the detected face is invalid, please upload other image with the expected orientation."
TURNED_OLD = "The pose of the detected face is invalid, please upload other image with the expected oriention."

PHOTOS = [
    ("InvalidFile.Content", NOBODY, "photo.no_face", "单人", "one person"),
    ("InvalidFile.Content", SEVERAL, "photo.many_faces", "只有家长一个人", "the parent alone"),
    ("InvalidFile.BodyProportion", PROPORTION, "photo.proportion", "半身或头像", "head or half-length"),
    ("InvalidFile.Resolution", SIDES, "photo.resolution", "400 到 7000", "between 400 and 7000"),
    ("InvalidFile.Value", DARK, "photo.dark", "明亮", "good light"),
    ("InvalidFile.FrontBody", BACK, "photo.pose", "正面", "from the front"),
    ("InvalidFile.FullFace", HIDDEN, "photo.pose", "完整露出脸", "whole face"),
    ("InvalidFile.FacePose", TURNED, "photo.pose", "正面", "from the front"),
    ("InvalidFile.FacePose", TURNED_OLD, "photo.pose", "正面", "from the front"),
]
"""Code and message of the vendor, our sentence, and what it tells in each language."""


@dataclass(frozen=True)
class Wrong:
    """A request for EMO that has one thing wrong with it."""

    image: bytes | str = toy_png(600, 600)
    audio: bytes | str | None = toy_wav(2.0)
    style: str = "normal"
    is_slow: bool = False


REQUESTS = [
    (Wrong(audio=None), "InvalidParameter", MISSING),
    (Wrong(style="subtle"), "InvalidParameter", STYLE),
    (Wrong(audio=toy_wav(61.0)), "InvalidURL", LONG),
    (Wrong(audio=toy_wav(2.0) + bytes(15 * 1024 * 1024)), "InvalidURL", LARGE),
    (Wrong(audio=toy_png(9, 9)), "InvalidURL", KIND),
]
UNREACHED = [
    (Wrong(is_slow=True), SLOW, "vendor.busy"),
    (Wrong(image="https://echobot-input.oss-cn-beijing.aliyuncs.com/gone.png"), PICTURE, "url.expired"),
    (Wrong(image="ftp://example.com/me.png"), NO_URL, "url.expired"),
]


class Eyes(ToyEngines):
    """A check that finds one thing wrong with every photo."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__()
        self._found = RejectionError(code, message)

    def detect(self, photo: object, ratio: str) -> Face:
        raise self._found


def helps(error: EchobotError, code: str, zh: str, en: str) -> None:
    assert isinstance(error, Refused)
    assert (error.code, error.audience) == (code, Audience.FAMILY)
    assert zh in error.sentence.zh
    assert en in error.sentence.en


@pytest.mark.parametrize(("code", "message", "ours", "zh", "en"), PHOTOS)
def test_a_photo_that_the_check_refuses_is_answered_with_what_to_change(
    code: str, message: str, ours: str, zh: str, en: str
) -> None:
    stage = Stage(engines=Eyes(code, message))
    stage.stand_ins.model_studio.explain_refused_photos()
    place = Place(Bucket.INPUT, "photo.png")
    stage.world.objects.write(
        place, toy_png(300, 300) if ours == "photo.resolution" else toy_png(600, 600), "image/png"
    )

    with pytest.raises(Refused) as caught:
        stage.world.avatars.detect("emo", "emo-detect-v1", stage.world.objects.share(place, 600), "1:1")

    helps(caught.value, ours, zh, en)
    assert message[:60] in caught.value.detail


@pytest.mark.parametrize(("code", "message", "ours", "zh", "en"), PHOTOS)
def test_it_is_the_same_when_the_task_says_so(code: str, message: str, ours: str, zh: str, en: str) -> None:
    failed = {"output": {"task_id": "1", "task_status": "FAILED", "code": code, "message": message}}

    error = avatar_documents.task_verdict(failed).error
    assert isinstance(error, EchobotError)
    helps(error, ours, zh, en)


def asked(wrong: Wrong) -> EchobotError:
    """What becomes of a request that the vendor finds wrong: at once, or by the verdict."""
    stage = Stage()
    given: dict[str, object] = {"face_bbox": [150, 150, 450, 450], "ext_bbox": [0, 0, 600, 600]}
    for name, media in (("image_url", wrong.image), ("audio_url", wrong.audio)):
        if isinstance(media, bytes):
            place = Place(Bucket.INPUT, f"requests/{name}")
            stage.world.objects.write(place, media, "application/octet-stream")
            given[name] = stage.world.objects.share(place, 600)
        elif media is not None:
            given[name] = media
    if wrong.is_slow:

        def fetch(_url: str) -> bytes:
            raise FetchError("timed out", timed_out=True)

        stage.stand_ins.model_studio._bench.fetch = fetch
    body = {"model": "emo-v1", "input": given, "parameters": {"style_level": wrong.style}}
    try:
        task = stage.world.generators.submit("emo-v1", body)
    except EchobotError as error:
        return error
    stage.timing.run(600.0)
    verdict = stage.world.generators.verdict(task)
    assert verdict.fate is Fate.FAILED
    assert isinstance(verdict.error, EchobotError)
    return verdict.error


@pytest.mark.parametrize(("wrong", "code", "message"), REQUESTS, ids=[message[:30] for _, _, message in REQUESTS])
def test_what_is_wrong_with_a_request_is_said_in_the_vendors_own_words(wrong: Wrong, code: str, message: str) -> None:
    error = asked(wrong)

    helps(error, "request.refused", "请按这个原因改好再上传", "Please change that and upload it again")
    for said in (error.sentence.zh, error.sentence.en):
        assert code in said
        assert message[:60] in said


@pytest.mark.parametrize(("wrong", "message", "ours"), UNREACHED, ids=[message[:30] for _, message, _ in UNREACHED])
def test_what_could_not_be_fetched_is_tried_again(wrong: Wrong, message: str, ours: str) -> None:
    """The addresses are signed anew for it: the vendor may have come too late."""
    error = asked(wrong)

    assert isinstance(error, Retry)
    assert error.code == ours
    assert message[:60] in error.detail

"""Promises of SubmitMediaProducingJob and GetMediaProducingJob."""

from __future__ import annotations

import json

import pytest

from local.standins.errors import VendorError
from local.standins.metering import Charge
from local.standins.store import FolderStore
from tests.standins.ims.conftest import QUEUE, Ims, order, plain, timeline
from tests.toys import asked_in, seconds_of, toy_film


def refusal(ims: Ims, params: dict[str, str]) -> tuple[int, str]:
    with pytest.raises(VendorError) as caught:
        ims.state.submit_media_producing_job(params)
    return caught.value.status, caught.value.code


def status(ims: Ims, job_id: object) -> dict[str, object]:
    reply = ims.state.get_media_producing_job(str(job_id))["MediaProducingJob"]
    assert isinstance(reply, dict)
    return reply


def test_a_timeline_becomes_a_film_in_the_bucket(ims: Ims) -> None:
    job_id = ims.state.submit_media_producing_job(order())["JobId"]
    ims.timing.run()

    film = ims.media.objects["work", "stories/a/story.mp4"]
    seen = status(ims, job_id)
    assert (seen["Status"], seen["Duration"], seen["Progress"]) == ("Success", 12.0, 100)
    assert seen["MediaURL"] == plain("stories/a/story.mp4")
    assert seconds_of(film) == 12.0
    assert asked_in(film)["timeline"] == json.loads(timeline())


def test_objects_of_one_name_in_different_folders_are_not_mixed_up(ims: Ims) -> None:
    ims.media.objects["work", "jobs/b/story.mp4"] = toy_film(3)
    clips = [{"MediaURL": plain(f"jobs/{job}/story.mp4")} for job in "aba"]
    ims.state.submit_media_producing_job(order(Timeline=json.dumps({"VideoTracks": [{"VideoTrackClips": clips}]})))
    ims.timing.run()

    assert seconds_of(ims.media.objects["work", "stories/a/story.mp4"]) == 12 + 3 + 12


def test_a_job_passes_through_the_documented_states(ims: Ims) -> None:
    job_id = ims.state.submit_media_producing_job(order())["JobId"]

    states = []
    for wait_s in (0, 2, 2, 10):
        ims.timing.run(wait_s)
        states.append(status(ims, job_id)["Status"])
    assert states == ["Init", "Queuing", "Processing", "Success"]


def test_a_film_appears_only_when_its_job_ends(ims: Ims) -> None:
    ims.state.submit_media_producing_job(order())
    ims.timing.run(13)

    assert ("work", "stories/a/story.mp4") not in ims.media.objects


def test_the_same_client_token_is_the_same_job(ims: Ims) -> None:
    first, again = (ims.state.submit_media_producing_job(order(ClientToken="t" * 64)) for _ in range(2))
    ims.timing.run()

    assert first == again
    assert ims.engines.calls["render"] == 1


def test_another_client_token_is_another_job(ims: Ims) -> None:
    first, other = (ims.state.submit_media_producing_job(order(ClientToken=token)) for token in ("one", "two"))

    assert first["JobId"] != other["JobId"]


def test_without_a_client_token_every_submission_is_a_job(ims: Ims) -> None:
    first, other = (ims.state.submit_media_producing_job(order()) for _ in range(2))

    assert first["JobId"] != other["JobId"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"Timeline": None}, (400, "MissingParameter")),
        ({"ProjectId": "p"}, (400, "InvalidParameter")),
        ({"Timeline": None, "TemplateId": "t"}, (400, "MissingParameter")),
        ({"Timeline": None, "ProjectId": "p"}, (404, "InvalidParameter")),
        ({"OutputMediaConfig": None}, (400, "MissingParameter")),
        ({"OutputMediaConfig": "{"}, (400, "InvalidParameter")),
        ({"OutputMediaConfig": "{}"}, (400, "MissingParameter")),
        ({"OutputMediaTarget": "vod-media"}, (400, "InvalidParameter")),
        ({"ClientToken": "t" * 65}, (400, "InvalidParameter")),
        ({"ClientToken": "令牌"}, (400, "InvalidParameter")),
        ({"UserData": json.dumps({"k": "v" * 512})}, (400, "InvalidParameter")),
        ({"UserData": "not json"}, (400, "InvalidParameter")),
        ({"UserData": '{"NotifyAddress": "some-queue"}'}, (400, "InvalidParameter")),
        ({"Timeline": "{"}, (400, "TimelineFormatError")),
        ({"Timeline": '{"SubtitleTracks": [{}]}'}, (400, "TimelineFormatError")),
        ({"Timeline": timeline(VideoTracks=[{}] * 101)}, (400, "InvalidParameter")),
        ({"Timeline": timeline(SubtitleTracks=[{}] * 101)}, (400, "InvalidParameter")),
    ],
)
def test_a_wrong_order_is_refused_at_once(ims: Ims, changes: dict[str, str | None], expected: tuple[int, str]) -> None:
    assert refusal(ims, order(**changes)) == expected


@pytest.mark.parametrize(
    ("width", "height", "is_taken"),
    [
        (128, 128, True),
        (4096, 2160, True),
        (127, 720, False),
        (4097, 720, False),
        (4096, 2161, False),
        ("1280", 720, False),
    ],
)
def test_output_sides_are_128_to_4096_and_the_short_one_at_most_2160(
    ims: Ims, width: object, height: int, is_taken: bool
) -> None:
    params = order(OutputMediaConfig=json.dumps({"MediaURL": plain("o.mp4"), "Width": width, "Height": height}))

    if is_taken:
        assert ims.state.submit_media_producing_job(params)["JobId"]
    else:
        assert refusal(ims, params) == (400, "InvalidParameter")


@pytest.mark.parametrize(
    "url",
    [
        plain("o.mp4") + "?Expires=1&Signature=x",
        plain("o.mp4", region="cn-shanghai"),
        "https://cdn.example.com/o.mp4",
        "https://work.oss-cn-beijing.aliyuncs.com.example.com/o.mp4",
        "https://user@work.oss-cn-beijing.aliyuncs.com/o.mp4",
        "https://work.oss-cn-beijing.aliyuncs.com/",
        "ftp://work.oss-cn-beijing.aliyuncs.com/o.mp4",
    ],
)
def test_output_goes_to_a_bucket_of_the_region_only(ims: Ims, url: str) -> None:
    assert refusal(ims, order(OutputMediaConfig=json.dumps({"MediaURL": url}))) == (400, "InvalidParameter")


@pytest.mark.parametrize(
    "url", [plain("o%20%E5%85%94.mp4"), "oss://work/o 兔.mp4", "oss://work.oss-cn-beijing.aliyuncs.com/o 兔.mp4"]
)
def test_an_object_may_be_named_in_three_ways(ims: Ims, url: str) -> None:
    ims.state.submit_media_producing_job(order(OutputMediaConfig=json.dumps({"MediaURL": url})))
    ims.timing.run()

    assert ("work", "o 兔.mp4") in ims.media.objects


@pytest.mark.parametrize(
    "url",
    [plain("jobs/a/none.mp4"), plain("jobs/a/story.mp4") + "?Signature=x", "https://example.com/story.mp4"],
)
def test_unreadable_material_fails_the_job_not_the_order(ims: Ims, url: str) -> None:
    tracks = json.dumps({"VideoTracks": [{"VideoTrackClips": [{"MediaURL": url}]}]})
    job_id = ims.state.submit_media_producing_job(order(Timeline=tracks))["JobId"]
    ims.timing.run()

    seen = status(ims, job_id)
    assert (seen["Status"], seen["Code"]) == ("Failed", "InvalidParameter")
    assert "Duration" not in seen


def test_a_timeline_the_engine_refuses_fails_with_its_code(ims: Ims) -> None:
    job_id = ims.state.submit_media_producing_job(order(Timeline='{"VideoTracks": [{"VideoTrackClips": []}]}'))["JobId"]
    ims.timing.run()

    assert status(ims, job_id)["Code"] == "TimelineFormatError"


def test_a_broken_engine_is_an_internal_error_of_the_vendor(
    ims: Ims, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> float:
        raise OSError("no more memory")

    monkeypatch.setattr(ims.engines, "render", broken)
    job_id = ims.state.submit_media_producing_job(order())["JobId"]
    ims.timing.run()

    assert status(ims, job_id)["Code"] == "InternalError"
    assert "no more memory" in caplog.text


def test_a_missing_output_bucket_fails_the_job(ims: Ims) -> None:
    output = json.dumps({"MediaURL": plain("o.mp4", bucket="nowhere")})
    job_id = ims.state.submit_media_producing_job(order(OutputMediaConfig=output))["JobId"]
    ims.timing.run()

    assert status(ims, job_id)["Status"] == "Failed"


def test_an_unknown_job_is_not_found(ims: Ims) -> None:
    with pytest.raises(VendorError, match="404 JobNotFound"):
        ims.state.get_media_producing_job("nonsense")


def test_success_is_told_to_the_queue_in_user_data(ims: Ims) -> None:
    user_data = json.dumps({"NotifyAddress": "ice-callback-mine", "effect": "e-1"})
    accepted = ims.state.submit_media_producing_job(order(UserData=user_data))
    ims.timing.run()

    (queue, body), event = ims.sent[0], ims.events[0]
    assert (len(ims.sent), queue) == (1, "ice-callback-mine")
    assert (event["EventType"], event["UserId"]) == ("ProduceMediaComplete", 1234567890123456)
    assert event["MessageBody"] == {
        "Status": "Success",
        "MediaURL": plain("stories/a/story.mp4"),
        "MediaId": accepted["MediaId"],
        "ProjectId": accepted["ProjectId"],
        "JobId": accepted["JobId"],
        "ErrorCode": "",
        "ErrorMessage": "",
        "UserData": user_data,
    }
    assert json.loads(body)["EventTime"].endswith("Z")


def test_failure_is_told_as_fail_though_the_query_says_failed(ims: Ims) -> None:
    ims.listen()
    job_id = ims.state.submit_media_producing_job(order(Timeline='{"AudioTracks": [{}]}'))["JobId"]
    ims.timing.run()

    told = ims.events[0]["MessageBody"]
    assert (told["Status"], told["ErrorCode"], told["MediaURL"]) == ("Fail", "TimelineFormatError", "")
    assert status(ims, job_id)["Status"] == "Failed"


def test_one_queue_named_twice_gets_one_message(ims: Ims) -> None:
    ims.listen("ProduceMediaComplete")
    ims.state.submit_media_producing_job(order(UserData=json.dumps({"NotifyAddress": QUEUE})))
    ims.timing.run()

    assert [queue for queue, _ in ims.sent] == [QUEUE]


def test_a_job_without_any_callback_tells_nobody(ims: Ims) -> None:
    ims.state.submit_media_producing_job(order())
    ims.timing.run()

    assert ims.sent == []


def test_only_finished_films_are_charged_by_the_started_minute(ims: Ims) -> None:
    done = ims.state.submit_media_producing_job(order())["JobId"]
    ims.state.submit_media_producing_job(order(Timeline='{"AudioTracks": [{}]}'))
    ims.timing.run()

    assert ims.state.register == [Charge("SubmitMediaProducingJob", 0.45, str(done))]


def test_the_thirty_first_call_within_a_second_is_throttled(ims: Ims) -> None:
    for _ in range(30):
        ims.state.submit_media_producing_job(order())

    assert refusal(ims, order()) == (400, "Throttling.User")
    ims.timing.advance(1)
    assert ims.state.submit_media_producing_job(order())["JobId"]


def test_calls_in_process_are_counted_with_their_status(ims: Ims) -> None:
    job_id = str(ims.state.submit_media_producing_job(order())["JobId"])
    status(ims, job_id)
    refusal(ims, {})

    assert [(asked.operation, asked.status, asked.detail) for asked in ims.account.asked] == [
        ("SubmitMediaProducingJob", 200, ""),
        ("GetMediaProducingJob", 200, job_id),
        ("SubmitMediaProducingJob", 400, "MissingParameter"),
    ]


def test_jobs_tokens_and_charges_survive_a_restart(ims: Ims, tmp_path_factory: pytest.TempPathFactory) -> None:
    store = FolderStore(tmp_path_factory.mktemp("state"))
    ims.account.store = store
    ims.restart()
    ims.listen()
    accepted = ims.state.submit_media_producing_job(order(ClientToken="t"))
    ims.timing.run()
    ims.restart()

    assert status(ims, accepted["JobId"])["Status"] == "Success"
    assert ims.state.submit_media_producing_job(order(ClientToken="t")) == accepted
    assert ims.state.register.total_yuan == 0.45
    assert ims.state.get_event_callback()["CallbackQueueName"] == QUEUE
    store.close()


def test_a_job_cut_off_by_a_restart_is_done_afterwards(ims: Ims, tmp_path_factory: pytest.TempPathFactory) -> None:
    store = FolderStore(tmp_path_factory.mktemp("state"))
    ims.account.store = store
    ims.restart()
    job_id = ims.state.submit_media_producing_job(order())["JobId"]
    ims.timing._due.clear()  # a stopped process does nothing any more
    ims.restart()
    ims.timing.run()

    assert status(ims, job_id)["Status"] == "Success"
    store.close()

"""A request file becomes a result: checked at the door, called in order, one at a time where only one may run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from shared.domain import keys, requests
from shared.domain.errors import Corrupt, Refused, Retry, Unknown
from shared.domain.job import WHOLE, JobState
from shared.engine import effects, repair, studio, withdrawal
from shared.engine.records import load_job
from shared.pipeline import GENERATE
from shared.ports import Bucket, Fate, Place, Queue, Table, Verdict
from tests.engine.given import Call, always, interpose, letters, losing_the_answer, object_event, raising
from tests.stage import Stage
from tests.toys import asked_in, toy_mp4, toy_png, toy_wav

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "requests"
NAMES = [path.stem for path in sorted(EXAMPLES.glob("*.json"))]
SAMPLES = {
    "portrait.jpg": toy_png(600, 800),
    "first.jpg": toy_png(832, 480),
    "last.jpg": toy_png(832, 480),
    "mask.png": toy_png(832, 480),
    "scene.mp4": toy_mp4(4.0, 1280, 720),
    "clip.mp4": toy_mp4(2.0, 1280, 720),
    "dance.mp4": toy_mp4(4.0, 1280, 720),
    "talk.mp4": toy_mp4(4.0, 1280, 720),
    "voice.wav": toy_wav(6.0),
}
CAT = {"model": "wan2.2-t2v-plus", "input": {"prompt": "一只小猫"}, "parameters": {"size": "832*480"}}
EMO = {
    "model": "emo-v1",
    "input": {"image_url": "requests/samples/portrait.jpg", "audio_url": "requests/samples/voice.wav"},
}


@pytest.fixture
def stage() -> Stage:
    found = Stage()
    for name, body in SAMPLES.items():
        found.world.objects.write(Place(Bucket.INPUT, f"requests/samples/{name}"), body, "application/octet-stream")
    return found


def ask(stage: Stage, whole: Mapping[str, Any] | bytes, request_id: str = "cat") -> None:
    body = whole if isinstance(whole, bytes) else json.dumps(whole).encode()
    stage.world.objects.write(Place(Bucket.INPUT, keys.request(request_id)), body, "application/json")


def state(stage: Stage, request_id: str = "cat") -> JobState:
    job = load_job(stage.world, keys.request_job(request_id))
    assert job is not None
    return job.state


def told(stage: Stage, name: str, request_id: str = "cat") -> Any:
    return json.loads(stage.output(keys.result(request_id, name)))


def problems(stage: Stage, request_id: str = "cat") -> list[str]:
    return [problem["code"] for problem in told(stage, "error.json", request_id)["problems"]]


@pytest.mark.parametrize("name", NAMES)
def test_an_example_ends_with_its_result_its_report_and_the_right_cost(stage: Stage, name: str) -> None:
    body = (EXAMPLES / f"{name}.json").read_bytes()
    name = name.replace(".", "-")
    ask(stage, body, name)
    stage.run()

    assert state(stage, name) is JobState.DONE
    report, register = told(stage, "report.json", name), stage.stand_ins.model_studio.register
    assert float(report["spent"]["total_yuan"]) == pytest.approx(register.total_yuan, abs=0.006)
    request = requests.read(body)
    assert report["model"] == request.model.name
    if requests.calls(request)[-1].is_task and request.model.name != "animate-anyone-template-gen2":
        film = stage.world.probe.facts(Place(Bucket.OUTPUT, report["result"]))
        assert film.has_video
        assert film.seconds == pytest.approx(report["film"]["seconds"])
    calls = told(stage, "evidence/calls.json", name)
    assert [call["model"] for call in calls] == [call.called for call in requests.calls(request)]
    assert told(stage, "evidence/request.json", name) == json.loads(requests.write(request))
    assert "Signature" not in json.dumps(calls)


def test_no_vendor_is_asked_for_a_verdict_without_an_event(stage: Stage) -> None:
    ask(stage, (EXAMPLES / "animate-anyone-gen2.json").read_bytes())
    stage.run(sweep_every_s=None)

    assert state(stage) is JobState.DONE
    asked = [call for call in stage.account.asked if call.operation == "tasks.get"]
    assert len(asked) == 2  # the template's and the film's


def test_boxes_go_from_the_detection_to_the_clip_and_into_the_evidence(stage: Stage) -> None:
    ask(stage, {**EMO, "parameters": {"ratio": "3:4", "style_level": "calm"}})
    stage.run()

    detected, sent = told(stage, "evidence/calls.json")
    assert sent["sent"]["input"]["ext_bbox"] == detected["answered"]["output"]["ext_bbox"]
    clip = asked_in(stage.output(keys.result("cat", "result.mp4")))
    assert (clip["style"], list(clip["ext_bbox"])) == ("calm", sent["sent"]["input"]["ext_bbox"])
    assert told(stage, "report.json")["spent"]["by_price"] == {"emo-detect-v1": "0.0040", "emo-v1.3:4": "0.96"}
    assert [step[1] for step in sent["states"]] == ["intent", "sent", "done"]


def test_the_report_tells_what_was_waited_for_and_how_long(stage: Stage) -> None:
    """Of two that want EMO at once, one waits for the other's task and then for its own."""
    for name in ("one", "two"):
        ask(stage, EMO, name)
    stage.run()

    waits = [
        {wait["what"]: wait["seconds"] for wait in told(stage, "report.json", name)["waits"]} for name in ("one", "two")
    ]
    assert [set(each) for each in waits] == [{"the task of emo-v1"}, {studio.TURN, "the task of emo-v1"}]
    assert waits[1][studio.TURN] >= waits[0]["the task of emo-v1"] > 0
    for name, each in zip(("one", "two"), waits, strict=True):
        assert sum(each.values()) == pytest.approx(told(stage, "report.json", name)["took_s"], abs=2.0)


def test_a_step_of_a_release_that_kept_no_history_is_reported_without_one(stage: Stage) -> None:
    ask(stage, EMO)
    stage.run(1.0, sweep_every_s=None)
    row = (keys.request_job("cat"), GENERATE.name, WHOLE)
    stage.world.rows.update(Table.STEPS, row, {"updated_at": 0.0}, expect={"state": "waiting"}, remove=["history"])
    stage.run()

    assert state(stage) is JobState.DONE
    assert told(stage, "report.json")["waits"] == []


@pytest.mark.parametrize(
    ("whole", "found"),
    [
        (b"{", ["request.not_json"]),
        ({"model": "emo-v1-detect"}, ["request.model"]),
        ({**CAT, "parameters": {"fps": 24, "duration": 3}}, ["request.field", "request.value"]),
        ({**CAT, "cap_yuan": 0.5}, ["request.cap"]),
        ({"model": "wan2.2-i2v-plus", "input": {"img_url": "requests/samples/gone.png"}}, ["object.missing"]),
        ({"model": "wan2.2-i2v-plus", "input": {"img_url": "requests/samples/voice.wav"}}, ["request.file"]),
    ],
)
def test_what_will_not_do_is_refused_before_anything_is_bought(stage: Stage, whole: Any, found: list[str]) -> None:
    ask(stage, whole)
    stage.run()

    assert state(stage) is JobState.REFUSED
    assert problems(stage) == found
    assert stage.charges() == []
    assert letters(stage, Queue.FINISHED)[-1]["job"] == "request--cat"


@pytest.mark.parametrize(
    ("model", "field"), [("wan2.2-i2v-plus", "img_url"), ("liveportrait-detect", "image_url"), ("emo-v1", "image_url")]
)
def test_an_address_that_the_model_can_never_fetch_is_said_to_who_wrote_it(
    stage: Stage, model: str, field: str
) -> None:
    """Each try may have come too late for an address of ours; this one is not ours."""
    heard = {"audio_url": "requests/samples/voice.wav"} if model == "emo-v1" else {}
    ask(stage, {"model": model, "input": {field: "https://example.com/gone.png", **heard}})
    stage.run()

    assert state(stage) is JobState.REFUSED
    assert problems(stage) == ["request.unreachable"]
    assert "InvalidURL" in told(stage, "error.json")["problems"][0]["zh"]
    assert stage.charges() == []


def test_a_photo_that_a_check_can_never_open_is_said_to_who_gave_it(stage: Stage) -> None:
    """Its address was signed for this very call: it has died in no queue."""
    interpose(stage, "generators.check", always(lambda: Retry("url.expired", "its format", vendor_code="InvalidURL")))
    ask(stage, {"model": "emo-detect-v1", "input": {"image_url": "requests/samples/portrait.jpg"}})
    stage.run()

    assert problems(stage) == ["request.media"]


def test_a_file_of_ours_that_the_model_came_too_late_for_is_no_fault_of_who_asked(stage: Stage) -> None:
    """Each time the address had died in the model's queue: an operator takes it up when the queue is short again."""
    is_clogged = [True]

    def too_late(call: Call) -> Any:
        found = call()
        late = Retry("url.expired", "Required URL is missing or invalid", vendor_code="InvalidURL")
        return Verdict(Fate.FAILED, error=late) if is_clogged else found

    interpose(stage, "generators.verdict", too_late)
    ask(stage, EMO)
    stage.run()
    assert state(stage) is JobState.FAILED

    is_clogged.clear()
    repair.redrive(stage.world, "request--cat")
    stage.run()
    assert state(stage) is JobState.DONE


def test_a_corrected_file_opens_the_request_and_takes_the_error_away(stage: Stage) -> None:
    ask(stage, {**CAT, "cap_yuan": 0.5})
    stage.run()
    ask(stage, CAT)
    stage.run()

    assert state(stage) is JobState.DONE
    assert stage.world.objects.head(Place(Bucket.OUTPUT, "results/cat/error.json")) is None


def test_a_file_put_again_buys_nothing_again(stage: Stage) -> None:
    ask(stage, CAT)
    ask(stage, {**CAT, "input": {"prompt": "两只小猫"}})
    stage.run()
    ask(stage, CAT)
    stage.run()

    assert stage.charges() == ["wan2.2-t2v-plus"]
    assert len(letters(stage, Queue.FINISHED)) == 1


def test_an_upload_whose_event_was_lost_is_found_by_the_sweep(stage: Stage) -> None:
    lost = ["generate"]
    stage.around = lambda name, run: lost.remove(name) if name in lost else run()
    ask(stage, CAT)
    stage.run()

    assert state(stage) is JobState.DONE


@pytest.mark.parametrize("lost", ["generate", "model_studio_callback"])
def test_a_lost_event_delays_a_request_and_loses_nothing(stage: Stage, lost: str) -> None:
    left = [lost]

    def around(name: str, run: Any) -> None:
        if name in left and load_job(stage.world, "request--cat") is not None:
            left.remove(name)
        else:
            run()

    stage.around = around
    ask(stage, CAT)
    stage.run()

    assert left == []
    assert state(stage) is JobState.DONE
    assert stage.charges() == ["wan2.2-t2v-plus"]


def test_only_so_many_requests_run_at_once_and_the_next_goes_on_when_one_ends(stage: Stage) -> None:
    for number in range(3):
        ask(stage, EMO, f"emo-{number}")
    seen: list[int] = []

    def watch(call: Any) -> Any:
        now = stage.timing.now()
        tasks = stage.world.avatars.tasks("emo-v1", now - 3600, now + 1)
        seen.append(sum(task.status in {"PENDING", "RUNNING"} for task in tasks))
        return call()

    interpose(stage, "generators.submit", watch)
    stage.run()

    assert seen == [0, 0, 0]
    assert [state(stage, f"emo-{number}") for number in range(3)] == [JobState.DONE] * 3


def test_a_story_and_a_request_take_turns_at_emo(stage: Stage) -> None:
    ask(stage, EMO)
    stage.tell("story")
    stage.run()

    assert (state(stage), stage.job("story").state) == (JobState.DONE, JobState.DONE)
    assert stage.studio_holder("emo") == ""


def test_a_model_that_is_switched_off_is_said_so_and_costs_nothing(stage: Stage) -> None:
    stage.stand_ins.model_studio.offline_models.add("emo-detect-v1")
    ask(stage, EMO)
    stage.run()
    assert problems(stage) == ["request.offline"]

    stage.stand_ins.model_studio.offline_models.add("wan2.2-t2v-plus")
    ask(stage, CAT, "kitten")
    stage.run()
    assert problems(stage, "kitten") == ["request.offline"]
    assert stage.charges() == []


def test_a_photo_that_will_not_do_is_refused_before_the_clip_is_bought(stage: Stage) -> None:
    photo = Place(Bucket.INPUT, "requests/samples/portrait.jpg")
    stage.world.objects.write(photo, toy_png(600, 800, note=b"NOFACE"), "image/png")
    ask(stage, EMO)
    stage.run()

    assert state(stage) is JobState.REFUSED
    assert problems(stage) == ["photo.rejected"]
    assert stage.charges() == ["emo-detect-v1"]


def test_what_the_model_finds_wrong_is_told_in_its_own_words_and_frees_its_queue(stage: Stage) -> None:
    wrong = {
        "model": "animate-anyone-gen2",
        "input": {"image_url": "requests/samples/portrait.jpg", "template_id": "X"},
    }
    ask(stage, wrong)
    ask(stage, (EXAMPLES / "animate-anyone-gen2.json").read_bytes(), "right")
    stage.run()

    assert problems(stage) == ["request.refused"]
    (problem,) = told(stage, "error.json")["problems"]
    assert "The template_id is invalid." in problem["en"]
    assert problem["who"] == "family"
    assert state(stage, "right") is JobState.DONE


@pytest.mark.parametrize(
    "error", [Unknown("vendor.unanswered"), Retry("vendor.busy", after_s=3.0)], ids=["unknown", "busy"]
)
def test_a_submission_that_stumbles_is_bought_once(stage: Stage, error: Exception) -> None:
    between = losing_the_answer(error) if isinstance(error, Unknown) else raising(error)
    interpose(stage, "generators.submit", between)
    ask(stage, CAT)
    stage.run()

    assert state(stage) is JobState.DONE
    assert stage.charges() == ["wan2.2-t2v-plus"]


def test_a_refused_submission_frees_the_queue(stage: Stage) -> None:
    interpose(stage, "generators.submit", raising(Refused("content.blocked")))
    ask(stage, CAT, "one")
    ask(stage, CAT, "two")
    stage.run()

    assert sorted([state(stage, "one").value, state(stage, "two").value]) == ["done", "refused"]


def test_a_result_that_is_no_film_is_not_handed_over(stage: Stage) -> None:
    interpose(stage, "probe.facts", lambda call: replace(call(), has_video=False))
    ask(stage, CAT)
    stage.run()

    assert state(stage) is JobState.FAILED
    assert problems(stage) == ["vendor.contract"]


def test_a_task_that_was_forgotten_waits_for_a_person(stage: Stage) -> None:
    interpose(stage, "generators.verdict", lambda _call: Verdict(Fate.FORGOTTEN))
    ask(stage, CAT)
    stage.run(for_s=7200)

    row = stage.steps("request--cat")["generate", "-"]
    assert row.state.value == "review"
    assert repair.redrive(stage.world, "request--cat") is not None


def test_a_redriven_request_is_looked_for_before_it_is_paid_for_again(stage: Stage) -> None:
    """Its submission happened, nobody answered, and the vendor's list could not be read."""
    is_broken = [True]

    def sent_and_not_heard(call: Call) -> Any:
        call()
        raise Unknown("vendor.unanswered")

    def unreadable(call: Call) -> Any:
        if is_broken:
            raise Corrupt("vendor.contract", "no list")
        return call()

    interpose(stage, "generators.submit", sent_and_not_heard)
    interpose(stage, "avatars.tasks", unreadable)
    ask(stage, CAT)
    stage.run()
    assert state(stage) is JobState.FAILED
    is_broken.clear()
    repair.redrive(stage.world, "request--cat")
    stage.run()

    assert state(stage) is JobState.DONE
    assert stage.charges() == ["wan2.2-t2v-plus"]


def test_a_request_can_be_called_off_and_leaves_its_queue(stage: Stage) -> None:
    ask(stage, EMO, "one")
    ask(stage, EMO, "two")
    stage.run(for_s=20)
    withdrawal.cancel(stage.world, "request--two")
    stage.run()

    assert (state(stage, "one"), state(stage, "two")) == (JobState.DONE, JobState.CANCELLED)
    assert stage.studio_holder("emo") == ""


def test_files_that_are_no_requests_are_left_alone(stage: Stage) -> None:
    event = object_event(stage.settings.input_bucket, "requests/samples/note.json", "requests/Bad Name.json")
    stage.call("generate", event)
    stage.call("generate", b"junk")

    assert stage.jobs() == []
    assert letters(stage, Queue.DEAD_FAILED)[-1]["function"] == "generate"


def test_a_request_over_which_its_function_died_again_and_again_is_tried_once_more(stage: Stage) -> None:
    left = ["died"] * 4  # FC's own three tries after the first

    def around(name: str, run: Any) -> None:
        if name == "generate" and left:
            left.pop()
            raise RuntimeError("died")
        run()

    stage.around = around
    ask(stage, CAT)
    stage.run(sweep_every_s=None)

    assert left == []
    assert state(stage) is JobState.DONE


def test_a_story_may_not_be_called_like_a_request(stage: Stage) -> None:
    with pytest.raises(Refused) as caught:
        keys.parse_upload("inbox/request--cat/story.mp4")

    assert caught.value.code == "key.hostile"
    assert keys.request_of("story") == ""
    assert effects.rows_of(stage.world, "request--cat") == []


def test_an_erased_request_leaves_neither_its_file_nor_its_result() -> None:
    stage = Stage()
    stage.world.objects.write(Place(Bucket.INPUT, "requests/samples/portrait.png"), toy_png(600, 800), "image/png")
    stage.world.objects.write(Place(Bucket.INPUT, "requests/samples/voice.wav"), toy_wav(6.0), "audio/wav")
    asked = {"image_url": "requests/samples/portrait.png", "audio_url": "requests/samples/voice.wav"}
    body = json.dumps({"model": "emo-v1", "input": asked}).encode()
    stage.world.objects.write(Place(Bucket.INPUT, keys.request("first")), body, "application/json")
    stage.run()
    assert stage.world.objects.listing(Bucket.OUTPUT, "results/first/")

    receipt = withdrawal.erase(stage.world, keys.request_job("first"))

    assert receipt.is_clean
    assert receipt.deleted["story"] > 0
    assert stage.world.objects.listing(Bucket.OUTPUT, "results/") == []
    assert stage.world.objects.listing(Bucket.INPUT, "requests/first") == []

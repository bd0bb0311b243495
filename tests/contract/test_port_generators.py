"""Any model of the catalogue through the port: the same through every door."""

from __future__ import annotations

from typing import Any

import pytest

from shared.domain.errors import Offline, Refused, Retry
from shared.ports import Bucket, Fate, Generators, Place
from tests.contract.cloud import Ports
from tests.toys import toy_mp4, toy_png

PROMPT: dict[str, Any] = {
    "model": "wan2.2-t2v-plus",
    "input": {"prompt": "一只小猫"},
    "parameters": {"size": "832*480"},
}


@pytest.fixture
def generators(ports: Ports) -> Generators:
    return ports.generators


@pytest.fixture
def photo(ports: Ports) -> str:
    return shared(ports, toy_png(600, 800))


def shared(ports: Ports, body: bytes) -> str:
    place = Place(Bucket.INPUT, "requests/one/photo.png")
    ports.objects.write(place, body, "image/png")
    return ports.objects.share(place, 3600)


def check(model: str, photo: str, **parameters: str) -> dict[str, Any]:
    return {"model": model, "input": {"image_url": photo}, "parameters": parameters}


def test_a_task_ends_with_a_url_and_what_is_billed(ports: Ports, generators: Generators) -> None:
    task_id = generators.submit("wan2.2-t2v-plus", PROMPT)
    assert generators.verdict(task_id).fate is Fate.RUNNING
    ports.cloud.clock.run(120)

    verdict = generators.verdict(task_id)
    assert verdict.fate is Fate.SUCCEEDED
    assert str(verdict.result["url"]).startswith("http")
    assert (verdict.result["seconds"], verdict.result["ratio"]) == (5.0, "832*480")
    assert verdict.result["output"]["orig_prompt"] == "一只小猫"  # type: ignore[index]  # JSON of any shape
    assert "Signature" not in str(verdict.result["output"])
    kept = ports.objects.keep(str(verdict.result["url"]), Place(Bucket.OUTPUT, "results/one/result.mp4"), 10)
    assert kept.size > 0


def test_a_template_is_a_result_without_a_url(ports: Ports, generators: Generators) -> None:
    film = shared(ports, toy_mp4(4.0, 1280, 720))
    body = {"model": "animate-anyone-template-gen2", "input": {"video_url": film}, "parameters": {}}
    task_id = generators.submit("animate-anyone-template-gen2", body)
    ports.cloud.clock.run(120)

    result = generators.verdict(task_id).result
    assert str(result["template_id"]).startswith("AACT.")
    assert (result["url"], result["seconds"]) == ("", 4.0)


def test_what_the_model_finds_wrong_is_its_authors_to_change(ports: Ports, generators: Generators) -> None:
    task_id = generators.submit("wan2.2-t2v-plus", {**PROMPT, "parameters": {"duration": 3}})
    ports.cloud.clock.run(120)

    verdict = generators.verdict(task_id)
    assert verdict.fate is Fate.FAILED
    assert isinstance(verdict.error, Refused)
    assert verdict.error.code == "request.refused"
    assert verdict.error.fields["vendor_code"] == "InvalidParameter"
    assert "duration customization is not supported" in verdict.error.sentence.en


def test_a_submission_that_lacks_something_is_refused_at_once(generators: Generators) -> None:
    with pytest.raises(Refused) as caught:
        generators.submit("wan2.2-t2v-plus", {**PROMPT, "input": {"negative_prompt": "x"}})

    assert caught.value.code == "request.refused"
    assert "missing required parameters" in caught.value.sentence.en


def test_a_check_gives_what_it_found_or_refuses_the_picture(ports: Ports, generators: Generators, photo: str) -> None:
    assert generators.check("emoji-detect-v1", check("emoji-detect-v1", photo, ratio="1:1")).keys() >= {"bbox_face"}
    found = generators.check("animate-anyone-detect-gen2", check("animate-anyone-detect-gen2", photo))
    assert found == {"check_pass": True, "bodystyle": "half"}
    shared(ports, toy_png(600, 800, note=b"NOFACE"))
    with pytest.raises(Refused) as caught:
        generators.check("emoji-detect-v1", check("emoji-detect-v1", photo, ratio="1:1"))
    assert caught.value.code == "photo.rejected"
    with pytest.raises(Refused) as caught:
        generators.check("liveportrait-detect", check("liveportrait-detect", photo))
    assert caught.value.code == "photo.no_face"
    with pytest.raises(Refused) as caught:
        generators.check("emo-detect-v1", check("emo-detect-v1", photo, ratio="16:9"))
    assert caught.value.code == "request.refused"


def test_a_model_that_is_switched_off_is_offline(ports: Ports, generators: Generators, photo: str) -> None:
    ports.cloud.studio.offline_models.update({"wan2.2-t2v-plus", "emo-detect-v1"})

    with pytest.raises(Offline):
        generators.submit("wan2.2-t2v-plus", PROMPT)
    with pytest.raises(Offline):
        generators.check("emo-detect-v1", check("emo-detect-v1", photo, ratio="1:1"))


def test_too_many_submissions_in_a_second_come_later(generators: Generators) -> None:
    for _ in range(2):
        generators.submit("wan2.2-t2v-plus", PROMPT)
    with pytest.raises(Retry) as caught:
        generators.submit("wan2.2-t2v-plus", PROMPT)

    assert caught.value.code == "vendor.busy"


def test_a_task_nobody_knows_is_forgotten(generators: Generators) -> None:
    assert generators.verdict("00000000-0000-0000-0000-000000000000").fate is Fate.FORGOTTEN

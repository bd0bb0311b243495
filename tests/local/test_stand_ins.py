"""What the deployment declares exists among the stand-ins, and they are joined as the services are."""

from __future__ import annotations

from local.stand_ins import RESULTS_BUCKET, provision
from local.standins.http import Request
from local.standins.oss.api import OssApi
from shared.ports import Table
from shared.tables import PRIMARY_KEYS
from tests.stage import Stage, _declared


def test_all_that_is_declared_exists() -> None:
    stand_ins = Stage().stand_ins

    assert set(stand_ins.oss.bucket_names()) == {
        *("echobot-input", "echobot-work", "echobot-output"),
        RESULTS_BUCKET,
    }
    assert set(stand_ins.tablestore.tables()) == {table.value for table in Table}
    assert "ice-callback-echobot" in stand_ins.mns.queue_names()
    assert [rule.name for rule in stand_ins.eventbridge.rules("default")] == ["echobot-model-studio"]
    assert len(stand_ins.fc.functions) == 17


def test_tables_have_the_keys_that_the_code_writes() -> None:
    stage = Stage()

    for table, key in PRIMARY_KEYS.items():
        assert stage.world.rows.insert(table, tuple(key), {"column": "value"})
        assert stage.world.rows.get(table, tuple(key)) == {"column": "value"}


def test_providing_again_changes_nothing() -> None:
    """As after a restart with the state of before."""
    stage = Stage()
    stage.tell()
    stage.run(30.0)
    before = (stage.steps(), stage.stand_ins.oss.bucket_names(), stage.stand_ins.mns.queue_names())

    provision(stage.stand_ins, _declared())

    assert (stage.steps(), stage.stand_ins.oss.bucket_names(), stage.stand_ins.mns.queue_names()) == before
    assert len(stage.stand_ins.eventbridge.rules("default")) == 1


def test_ims_announces_its_jobs_in_the_declared_queue() -> None:
    setting = Stage().stand_ins.ims.get_event_callback()

    assert "ice-callback-echobot" in str(setting)


def test_an_announcement_for_a_queue_that_is_gone_is_lost_and_noted() -> None:
    """As the vendor says; the sweep asks for the verdict in the end."""
    stage = Stage()
    stage.stand_ins.mns.delete_queue("ice-callback-echobot")
    stage.tell()
    stage.run()

    assert stage.job().state.value == "done"
    assert stage.account.count("ims")["notify"] == 4


def test_a_result_of_model_studio_lies_in_a_bucket_of_its_own_and_is_read_by_its_url_for_a_day() -> None:
    stage = Stage()
    stage.tell()
    stage.run()
    [key] = [info.key for info in stage.stand_ins.oss.listing(RESULTS_BUCKET, "", "", 10).entries]
    url = stage.stand_ins.oss.presign_get(
        RESULTS_BUCKET, key, 86_400, "https://dashscope-result-bj.oss-cn-beijing.aliyuncs.com"
    )
    api = OssApi(stage.stand_ins.oss)
    assert api.handle(Request.of("GET", url, {})).status == 200

    stage.timing.advance(86_401.0)

    assert api.handle(Request.of("GET", url, {})).status == 403


def test_nobody_reads_our_buckets_without_a_signature() -> None:
    stage = Stage()
    stage.tell()
    answer = OssApi(stage.stand_ins.oss).handle(
        Request.of("GET", "https://echobot-input.oss-cn-beijing.aliyuncs.com/inbox/story/voice.wav", {})
    )

    assert answer.status == 403

"""What the world outside is told of a job: once for each end, whoever dies, whoever does not listen."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from local.standins.mns.topics import Subscription
from shared.domain.announcement import Announcement
from shared.domain.errors import EchobotError, Refused, Retry, Unknown
from shared.domain.job import JobState
from shared.engine import alarms, announcing, asking, dead_letters, withdrawal
from shared.engine.records import load_job, move_job
from shared.ports import Channel, Queue, Table
from tests.engine.given import open_job
from tests.stage import Killed, Stage
from tests.toys import toy_png

DOWN = Retry("announce.unreachable", "HTTP 503")
HOUR_S = 3600.0


@dataclass
class Receivers:
    """Whoever is told; `refuses` raises instead."""

    heard: list[tuple[Channel, Announcement]] = field(default_factory=list)
    refuses: dict[Channel, EchobotError] = field(default_factory=dict)

    def tell(self, channel: Channel, announcement: Announcement) -> None:
        if channel in self.refuses:
            raise self.refuses[channel]
        self.heard.append((channel, announcement))

    @property
    def states(self) -> list[str]:
        return [announcement.state for _, announcement in self.heard]

    @property
    def names(self) -> Counter[tuple[Channel, str]]:
        return Counter((channel, announcement.name) for channel, announcement in self.heard)


@pytest.fixture
def receivers() -> Receivers:
    return Receivers()


@pytest.fixture
def stage(receivers: Receivers) -> Stage:
    """With two channels."""
    found = Stage(settings={"webhook_url": "https://hook.example.com/echobot", "console_url": "https://page"})
    found.world = found.functions_world = replace(found.world, channels=receivers)
    return found


def end(stage: Stage, state: JobState = JobState.FAILED, why: str = "internal") -> None:
    """A job comes to a rest, and nobody is woken for it."""
    job = load_job(stage.world, "story")
    assert job is not None
    move_job(stage.world, job, state, {"ended_at": stage.world.clock.now()}, why)


def run(stage: Stage) -> None:
    stage.call("announce", json.dumps({"job": "story"}).encode())


def news_of(stage: Stage) -> dict[str, Any]:
    row = stage.world.rows.get(Table.JOBS, ("story",)) or {}
    return {name: value for name, value in row.items() if name.startswith("news")}


def test_a_told_story_is_announced_once_through_each_channel(stage: Stage, receivers: Receivers) -> None:
    stage.tell()
    stage.run()

    assert stage.job().state is JobState.DONE
    assert receivers.states == ["done", "done"]
    assert [channel for channel, _ in receivers.heard] == [Channel.TOPIC, Channel.WEBHOOK]
    assert len({announcement.name for _, announcement in receivers.heard}) == 1
    assert news_of(stage) == {}


def test_a_family_that_is_asked_hears_of_it_and_of_the_end(stage: Stage, receivers: Receivers) -> None:
    stage.tell(options=b'{"quote": "wait"}')
    stage.run(300.0)
    assert receivers.states == ["asked"] * 2
    stage.world.objects.write(asking.place("story"), b"{}", "application/json")
    stage.run()

    assert receivers.states == ["asked"] * 2 + ["done"] * 2


def test_an_announcement_names_the_story_and_its_page_and_holds_nothing_that_opens_it(
    stage: Stage, receivers: Receivers
) -> None:
    job_id = "lin--261121-153844-a126f4"
    stage.tell(job_id)
    stage.run()
    document = receivers.heard[0][1].document

    assert document["story"] == "2026-11-21 23:38"
    assert (document["family"], document["state"]) == ("lin", "done")
    assert document["url"] == f"https://page/stories/{job_id}"
    assert receivers.heard[0][1].title == "Echobot lin 2026-11-21 23:38"
    assert document["zh"] == "“lin 2026-11-21 23:38”做好了。"
    assert document["en"] == '"lin 2026-11-21 23:38" is ready.'
    assert "Signature" not in json.dumps(document)


def test_a_story_that_came_without_the_page_has_no_link(stage: Stage, receivers: Receivers) -> None:
    stage.tell()
    stage.run()

    assert receivers.heard[0][1].document["url"] == ""
    assert receivers.heard[0][1].story == "story"


def test_what_must_be_changed_is_said(stage: Stage, receivers: Receivers) -> None:
    stage.tell(photo=toy_png(64, 64))
    stage.run(300.0)

    assert set(receivers.states) == {"refused"}
    assert "照片" in receivers.heard[0][1].said.zh


def test_the_same_refusal_is_announced_once_however_many_files_come(stage: Stage, receivers: Receivers) -> None:
    stage.tell(photo=toy_png(64, 64))
    stage.run(300.0)
    stage.tell(photo=toy_png(64, 64))
    stage.run(300.0)

    assert receivers.states == ["refused"] * 2


def test_a_cancelled_story_is_announced(stage: Stage, receivers: Receivers) -> None:
    open_job(stage.world)
    withdrawal.cancel(stage.world, "story")
    stage.run(300.0)

    assert receivers.states == ["cancelled"] * 2


def test_of_an_erased_story_nobody_hears(stage: Stage, receivers: Receivers) -> None:
    open_job(stage.world)
    withdrawal.erase(stage.world, "story")
    stage.run(300.0)

    assert receivers.heard == []
    assert news_of(stage) == {}


def test_a_question_that_was_answered_meanwhile_is_not_told(stage: Stage, receivers: Receivers) -> None:
    open_job(stage.world, state=JobState.COLLECTING.value)
    end(stage, JobState.ASKED, "whole")
    assert news_of(stage)["news"] != ""
    end(stage, JobState.OPEN, "a person said yes")
    run(stage)

    assert receivers.heard == []


def test_the_sweep_finds_an_end_that_nobody_was_woken_for(stage: Stage, receivers: Receivers) -> None:
    open_job(stage.world)
    end(stage)
    stage.timing.advance(announcing.QUIET_S)
    stage.stand_ins.fc.invoke_async("echobot-sweep", b"{}")
    stage.timing.run(5.0)

    assert receivers.states == ["failed"] * 2


def test_the_sweep_finds_a_story_told_whose_message_was_lost(stage: Stage, receivers: Receivers) -> None:
    open_job(stage.world)
    end(stage, JobState.DONE)
    for _ in range(30):
        stage.timing.advance(60.0)
        stage.stand_ins.fc.invoke_async("echobot-sweep", b"{}")
        stage.timing.run(5.0)

    assert receivers.states == ["done"] * 2


def test_a_channel_that_is_down_delays_nobody_and_hears_later(stage: Stage, receivers: Receivers) -> None:
    receivers.refuses[Channel.WEBHOOK] = DOWN
    stage.tell()
    stage.run(300.0)
    assert stage.job().state is JobState.DONE
    assert [channel for channel, _ in receivers.heard] == [Channel.TOPIC]
    receivers.refuses.clear()
    stage.timing.run(HOUR_S)

    assert [channel for channel, _ in receivers.heard] == [Channel.TOPIC, Channel.WEBHOOK]
    assert news_of(stage) == {}


def test_without_an_answer_it_is_told_again_under_the_same_name(stage: Stage, receivers: Receivers) -> None:
    receivers.refuses[Channel.TOPIC] = Unknown("announce.unanswered")
    open_job(stage.world)
    end(stage)
    run(stage)
    receivers.refuses.clear()
    stage.timing.run(HOUR_S)

    assert sorted(receivers.names.values()) == [1, 1]
    assert len({name for _, name in receivers.names}) == 1


def test_who_dies_after_telling_tells_it_again_under_the_same_name(stage: Stage, receivers: Receivers) -> None:
    open_job(stage.world)
    end(stage)

    stage.functions_world = replace(stage.world, channels=_Dying(receivers))
    with pytest.raises(Killed):
        run(stage)
    stage.functions_world = stage.world
    run(stage)
    assert len(receivers.heard) == 1  # the lease of the one that died still stands
    stage.timing.advance(announcing.LEASE_S)
    run(stage)

    assert sorted(receivers.names.values()) == [1, 2]
    assert len({name for _, name in receivers.names}) == 1


@dataclass
class _Dying:
    receivers: Receivers

    def tell(self, channel: Channel, announcement: Announcement) -> None:
        self.receivers.tell(channel, announcement)
        raise Killed("told, not written down")


def test_two_messages_at_once_tell_it_once(stage: Stage, receivers: Receivers) -> None:
    open_job(stage.world)
    end(stage)

    class Meanwhile:
        def tell(self, channel: Channel, announcement: Announcement) -> None:
            run(stage)  # another instance
            receivers.tell(channel, announcement)

    stage.functions_world = replace(stage.world, channels=Meanwhile())
    run(stage)

    assert sorted(receivers.names.values()) == [1, 1]


def test_a_job_that_moves_on_while_it_is_announced_keeps_its_new_state(stage: Stage, receivers: Receivers) -> None:
    open_job(stage.world)
    end(stage)

    class Redriven:
        def tell(self, channel: Channel, announcement: Announcement) -> None:
            receivers.tell(channel, announcement)
            if stage.job().state is JobState.FAILED:
                end(stage, JobState.OPEN, "an operator")

    stage.functions_world = replace(stage.world, channels=Redriven())
    run(stage)

    assert stage.job().state is JobState.OPEN
    assert news_of(stage) == {}
    assert "lost" in [event for event, _ in stage.world.lines]


def test_what_cannot_be_told_is_given_up_after_half_a_day_and_the_operator_hears_of_it_once(
    stage: Stage, receivers: Receivers
) -> None:
    receivers.refuses[Channel.WEBHOOK] = Refused("announce.settings", name="webhook_secret")
    open_job(stage.world)
    end(stage)
    run(stage)
    stage.timing.run(8 * HOUR_S)
    assert alarms.standing(stage.world, alarms.UNTOLD) == []
    stage.timing.run(24 * HOUR_S)

    assert alarms.standing(stage.world, alarms.UNTOLD) == ["webhook"]
    assert news_of(stage) == {}
    tries = [fields for event, fields in stage.world.lines if event == "not announced"]
    assert len(tries) == announcing.TRIES_MAX
    given_up = [fields for event, fields in stage.world.lines if event == "not announced at all"]
    assert given_up == [{"job": "story", "channel": "webhook", "code": "announce.settings"}]


def test_a_channel_that_works_again_ends_its_alarm(stage: Stage) -> None:
    alarms.ring(stage.world, alarms.UNTOLD, "webhook", DOWN)
    open_job(stage.world)
    end(stage)
    run(stage)

    assert alarms.standing(stage.world, alarms.UNTOLD) == []


def test_without_channels_there_is_nothing_to_do() -> None:
    stage = Stage(settings={"announce_topic": ""})
    open_job(stage.world)
    end(stage)
    run(stage)

    assert news_of(stage) == {}


def test_the_topic_of_the_deployment_hears_of_the_end() -> None:
    stage = Stage()
    stage.stand_ins.mns.create_queue("listener")
    endpoint = f"acs:mns:cn-beijing:{stage.account.account_id}:queues/listener"
    subscription = Subscription(stage.settings.announce_topic, "s", endpoint, 0.0, content_format="SIMPLIFIED")
    stage.stand_ins.topics.subscribe(subscription)
    stage.tell()
    stage.run()

    (message,) = stage.stand_ins.mns.receive("listener")
    assert json.loads(message.body)["state"] == "done"


@pytest.mark.parametrize("event", [b"not json", b"{}", b'{"job": "../wang"}', b'{"job": 7}'])
def test_a_message_that_nobody_can_read_is_put_aside(stage: Stage, receivers: Receivers, event: bytes) -> None:
    stage.call("announce", event)

    assert stage.world.queues.waiting(Queue.DEAD_FAILED) == 1
    assert receivers.heard == []


def test_a_message_that_could_not_be_delivered_is_redriven(stage: Stage, receivers: Receivers) -> None:
    open_job(stage.world)
    end(stage)
    stage.world.queues.send(Queue.DEAD_ANNOUNCE, json.dumps({"job": "story"}))
    told = dead_letters.redrive(stage.world, "announcements")
    stage.timing.run(5.0)

    assert told.woken == ["story"]
    assert receivers.states == ["failed"] * 2


def test_news_of_a_job_that_is_gone_is_nobodys(stage: Stage, receivers: Receivers) -> None:
    run(stage)

    assert receivers.heard == []

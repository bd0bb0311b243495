"""What every `Queues` promises."""

from __future__ import annotations

import base64

import pytest

from shared.domain.errors import Corrupt
from shared.ports import Queue, Queues
from tests.contract.cloud import Cloud


def test_a_message_arrives_as_it_was_sent(queues: Queues, cloud: Cloud) -> None:
    queues.send(Queue.RECHECK, '{"wake": "狐狸"}')
    (message,) = cloud.mns.receive("echobot-recheck")

    assert base64.b64decode(message.body).decode() == '{"wake": "狐狸"}'


def test_a_delayed_message_is_not_seen_earlier(queues: Queues, cloud: Cloud) -> None:
    queues.send(Queue.RECHECK, "later", delay_s=10)
    cloud.clock.advance(9)

    assert cloud.mns.peek("echobot-recheck") == []

    cloud.clock.advance(1)
    assert len(cloud.mns.peek("echobot-recheck")) == 1


def test_each_queue_has_its_own_messages(queues: Queues, cloud: Cloud) -> None:
    queues.send(Queue.FAILED, "poison")

    assert cloud.mns.peek("echobot-recheck") == []
    assert len(cloud.mns.peek("echobot-failed")) == 1


def test_a_week_is_the_longest_delay(queues: Queues) -> None:
    queues.send(Queue.RECHECK, "far", delay_s=604_800)
    for delay_s in (604_801, -1):
        with pytest.raises(Corrupt):
            queues.send(Queue.RECHECK, "too far", delay_s=delay_s)


def test_the_longest_message_fits_after_encoding(queues: Queues, cloud: Cloud) -> None:
    queues.send(Queue.RECHECK, "x" * 49_152)
    with pytest.raises(Corrupt):
        queues.send(Queue.RECHECK, "x" * 49_153)

    assert len(cloud.mns.peek("echobot-recheck", 16)) == 1


def test_a_queue_that_is_not_there_is_our_fault(queues: Queues) -> None:
    with pytest.raises(Corrupt) as fault:
        queues.send(Queue.FINISHED, "nobody listens")

    assert (fault.value.code, fault.value.fields["vendor_code"]) == ("vendor.rejected", "QueueNotExist")


def test_a_message_that_was_taken_is_gone_only_when_it_was_acknowledged(queues: Queues, cloud: Cloud) -> None:
    queues.send(Queue.DEAD_FAILED, "poison 狐狸")
    [letter] = queues.take(Queue.DEAD_FAILED)
    assert base64.b64decode(letter.body).decode() == "poison 狐狸"
    assert queues.take(Queue.DEAD_FAILED) == []

    cloud.clock.advance(331.0)
    [again] = queues.take(Queue.DEAD_FAILED)
    queues.acknowledge(Queue.DEAD_FAILED, again.receipt)
    cloud.clock.advance(331.0)

    assert queues.take(Queue.DEAD_FAILED) == []


def test_a_message_that_was_not_sent_in_base64_is_taken_as_it_lies_there(queues: Queues, cloud: Cloud) -> None:
    cloud.mns.send("echobot-failed-dead", '{"plain": true}')

    assert [letter.body for letter in queues.take(Queue.DEAD_FAILED)] == ['{"plain": true}']


def test_acknowledging_again_is_harmless(queues: Queues) -> None:
    queues.send(Queue.DEAD_FAILED, "poison")
    [letter] = queues.take(Queue.DEAD_FAILED)

    queues.acknowledge(Queue.DEAD_FAILED, letter.receipt)
    queues.acknowledge(Queue.DEAD_FAILED, letter.receipt)

    assert queues.waiting(Queue.DEAD_FAILED) == 0


def test_what_can_be_seen_is_counted_and_stays(queues: Queues) -> None:
    assert queues.waiting(Queue.DEAD_FAILED) == 0
    queues.send(Queue.DEAD_FAILED, "one")
    queues.send(Queue.DEAD_FAILED, "two")
    queues.send(Queue.DEAD_FAILED, "later", delay_s=60)

    assert [queues.waiting(Queue.DEAD_FAILED) for _ in range(2)] == [2, 2]


def test_no_more_is_counted_than_one_look_shows(queues: Queues) -> None:
    for _ in range(17):
        queues.send(Queue.DEAD_FAILED, "many")

    assert queues.waiting(Queue.DEAD_FAILED) == 16

"""What EventBridge does with a target of type acs.mns.queue."""

from __future__ import annotations

import base64

from local.standins.eventbridge.rules import Event, Target, queue_of
from local.standins.eventbridge.state import Handler
from local.standins.mns.state import MnsState


def send_to_queue(mns: MnsState) -> Handler:
    """A handler for `EventBridgeState.targets`; a queue that is not there is a failed delivery."""

    def deliver(target: Target, event: Event) -> None:
        values = target.resolve(event)
        body = values["Body"]
        # the service answers IsBase64Encode false for a rule that says nothing (terraform-provider-alicloud)
        if values.get("IsBase64Encode", "false").lower() == "true":
            body = base64.b64encode(body.encode()).decode()
        mns.send(values.get("queue") or queue_of(target.endpoint), body)

    return deliver

"""`Channels`: a topic of MNS, a webhook, a robot of DingTalk, a mail server. Addresses come from the settings alone."""

from __future__ import annotations

import time
from collections.abc import Mapping

from shared.channels import faults
from shared.clients import dingtalk, mail, webhook
from shared.clients.endpoints import Endpoints
from shared.clients.mns import MnsTopics
from shared.domain.announcement import Announcement
from shared.domain.errors import Refused
from shared.ports import Channel
from shared.settings import Settings


class OutsideChannels:
    def __init__(self, settings: Settings, env: Mapping[str, str]) -> None:
        self._settings = settings
        self._endpoints = Endpoints.of(settings)
        self._topics = MnsTopics(settings, env)

    def tell(self, channel: Channel, announcement: Announcement) -> None:
        # A laptop's stand-ins are spoken to without TLS.
        fault = None if self._endpoints.is_override else faults(self._settings).get(channel)
        if fault:
            raise Refused("announce.settings", name=fault)
        if channel is Channel.TOPIC:
            self._topics.publish(self._settings.announce_topic, announcement.body, announcement.state)
        elif channel is Channel.WEBHOOK:
            webhook.tell(self._settings, self._endpoints, announcement, time.time())
        elif channel is Channel.DINGTALK:
            dingtalk.tell(self._settings, self._endpoints, announcement, time.time())
        else:
            mail.tell(self._settings, announcement)

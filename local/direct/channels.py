"""`Channels` on the MNS stand-in's topics."""

from __future__ import annotations

from local.direct.answering import answering
from local.standins.mns.topics import Topics
from shared.clients.codes import Vendor
from shared.domain.announcement import Announcement
from shared.ports import Channel
from shared.settings import Settings


class DirectChannels:
    def __init__(self, settings: Settings, topics: Topics) -> None:
        self._settings = settings
        self._topics = topics

    def tell(self, channel: Channel, announcement: Announcement) -> None:
        if channel is not Channel.TOPIC:
            raise NotImplementedError(f"there is no stand-in for {channel.value} without a wire")
        with answering(Vendor.MNS, sent=True):
            self._topics.publish(self._settings.announce_topic, announcement.body, announcement.state)

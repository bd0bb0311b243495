"""`Probe` that reads the same bytes only once: simulations look at few files, thousands of times."""

from __future__ import annotations

from shared.clients.probe import MediaInfoProbe
from shared.domain.errors import Refused
from shared.ports import MediaFacts, Objects, Place

Known = dict[str, MediaFacts]
"""Facts by ETag, to be shared between worlds."""


class DirectProbe:
    def __init__(self, objects: Objects, known: Known | None = None) -> None:
        self._objects = objects
        self._probe = MediaInfoProbe(objects)
        self._known: Known = {} if known is None else known

    def facts(self, place: Place) -> MediaFacts:
        info = self._objects.head(place)
        if info is None:
            raise Refused("object.missing", key=place.key)
        facts = self._known.get(info.etag)
        if facts is None:
            facts = self._known[info.etag] = self._probe.facts(place)
        return facts

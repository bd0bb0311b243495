"""Every Model Studio model that a request file may name: what it takes, gives, allows and costs, read 2026-11-21.

The vendor's pages win over older descriptions; where only a secondary source was found, `Model.likely` says so.
"""

from __future__ import annotations

from collections.abc import Mapping

from shared.domain.catalogue import editing, people, portraits, prompted
from shared.domain.catalogue.model import Model

CATALOGUE: Mapping[str, Model] = {
    model.name: model for model in (*prompted.MODELS, *editing.MODELS, *people.MODELS, *portraits.MODELS)
}

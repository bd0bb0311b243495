"""The models beside the talking portraits that EMO's page describes: prompted, edited, danced, pulled, spoken.

What each takes and where it puts its result is the vendor's, and stands in the catalogue; how the clip is made is the
engines'. Submission looks only at what is missing, as the vendor's does; the rest fails the task.
"""

from local.standins.model_studio.models.making import MODELS

__all__ = ["MODELS"]

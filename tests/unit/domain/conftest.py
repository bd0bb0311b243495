"""No deadline for properties: how long one example takes says nothing on a shared machine."""

from hypothesis import settings

settings.register_profile("domain", deadline=None)
settings.load_profile("domain")

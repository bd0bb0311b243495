"""The voice engine: enrols a voice from a sample, and speaks text in it."""

from local.engines.voice.enrolment import enrol
from local.engines.voice.speaking import speak

__all__ = ["enrol", "speak"]

"""The sound engine: music and voice taken apart, loudness measured."""

from local.engines.sound.separation import separate

__all__ = ["separate"]

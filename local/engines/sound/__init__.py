"""The sound engine: music and voice taken apart, loudness measured and brought to a target."""

from local.engines.sound.levelling import levelled
from local.engines.sound.separation import separate, voice_alone

__all__ = ["levelled", "separate", "voice_alone"]

"""EMO's two models on a laptop: is this a photo that can speak, and let it speak.

A photo is warped, not generated: lips, jaw and lids of the one picture slide over what lies behind them.
"""

from local.engines.portrait.checks import detect
from local.engines.portrait.clip import animate

__all__ = ["animate", "detect"]

"""EMO's two models on a laptop: is this a photo that can speak, and let it speak; LivePortrait and VideoRetalk beside.

A picture is warped, not generated: lips, jaw and lids of the one picture slide over what lies behind them.
"""

from local.engines.portrait.checks import detect
from local.engines.portrait.clip import animate
from local.engines.portrait.live import live_portrait
from local.engines.portrait.retalk import retalk

__all__ = ["animate", "detect", "live_portrait", "retalk"]

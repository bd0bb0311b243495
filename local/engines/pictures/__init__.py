"""Short films of words, pictures and films: each plainly made of what was given, none pretending to be a great model.

What Model Studio's prompted models do with a diffusion model is done here with motion, colour and blending, so that a
person who looks at the result recognises the inputs in it.
"""

from local.engines.pictures.movement import movement
from local.engines.pictures.shooting import shoot

__all__ = ["movement", "shoot"]

"""Photos made from a portrait by script, good and bad ones, to show what the check of photos tells apart.

`spoiling` changes the picture as a camera or an editor would, `covering` puts something before the face, `turning`
turns the head out of the picture's plane, `drawing` makes pictures that hold no photographed face at all.
"""

from local.samples.photos import covering, drawing, spoiling, turning
from local.samples.photos.portrait import Image, Portrait, look_at

__all__ = ["Image", "Portrait", "covering", "drawing", "look_at", "spoiling", "turning"]

"""Animate one segment: a portrait and up to a minute of speech become a talking clip.

The engine runs one task at a time for the whole account and takes no idempotency token, so this step holds the studio
slot from before the submission until the verdict (docs/adr/0003). An engine that was switched off meanwhile leaves the
rest of the segment to the next one of the job's list, in pieces that it takes.
"""

from functools import partial

from shared.engine import step
from shared.engine.turn import Act
from shared.pipeline import STEPS
from shared.steps import animating, redoing
from shared.wiring import entry

run = partial(step.run, STEPS["animate"], Act(redoing.shown(animating.advance), animating.advance))
handler = entry(run)

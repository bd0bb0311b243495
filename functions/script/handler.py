"""Turn captions into the script: cues with the time each may take, and segments that the avatar engine can hold.

One line of each reader is spoken here, before all others: its length tells how that voice reads, and the script is made
for that.
"""

from functools import partial

from shared.domain import cues, script, taste
from shared.domain.cast import casting
from shared.domain.engines import ENGINES
from shared.domain.job import TASTE
from shared.engine import step
from shared.engine.turn import Act, Done, Outcome, Turn
from shared.pipeline import STEPS
from shared.steps import captions, redoing, scripts, speaking
from shared.wiring import entry


def begin(turn: Turn) -> Outcome:
    world, job = turn.world, turn.job
    limit_ms = ENGINES[turn.result("detect")["engine"]].speech_ms_max
    if world.settings.segment_s_max:
        limit_ms = min(limit_ms, int(world.settings.segment_s_max * 1000))
    draft = script.read(
        world.objects.read(captions.place(job.job_id), 0, cues.FILE_BYTES_MAX + 1),
        language=job.options.language,
        film_ms=int(job.seconds * 1000),
        who=casting(job.options.cast, job.options.narrator),
        told=redoing.told(turn),
        is_tasted=taste.is_wanted(job.options.quote, int(job.seconds * 1000)),
    )
    heard = [
        redoing.heard(turn, who) or speaking.first_take(turn, line, who) for who, line in script.first_lines(draft)
    ]
    pause_ms = int(world.settings.face_pause_s * 1000) or None
    written = script.plan(draft, limit_ms=limit_ms, heard=heard, pause_ms=pause_ms)
    scripts.write(world, job.job_id, written)
    result: dict[str, object] = {"cues": len(written.cues), "repairs": len(written.repairs)}
    if written.taste and not job.corrects:  # a corrected story was tasted when it was first told
        result |= {TASTE: written.taste, "taste_ms": written.taste_ms}
    return Done(result, items=[segment.item for segment in written.segments])


run = partial(step.run, STEPS["script"], Act(begin))
handler = entry(run)

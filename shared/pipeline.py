"""The pipeline, declared once. What is ready, what the sweep waits for, the deployment files and the diagram in
`docs/pipeline.md` are derived from this table or checked against it.
"""

from __future__ import annotations

from dataclasses import field

from shared.domain import keys
from shared.domain.frozen import frozen
from shared.ports import Kind

LEASE_MARGIN_S = 120
"""Longer than clocks may differ and than FC takes to end a function past its timeout."""


@frozen
class Need:
    """A step that must be done before; `same_item` asks only for the item of the same name, `item` for that one."""

    step: str
    same_item: bool = False
    item: str = ""


@frozen
class Step:
    """One stage of the pipeline and one FC function.

    `parts` are items known from the start; `over` names the step whose result lists the items. `effects` maps each
    call that changes the outside world to the vendor surface that answers for it. What `tastes` is also done for the
    beginning of a story that shall be tasted before the rest is bought.
    """

    name: str
    needs: tuple[Need, ...] = ()
    parts: tuple[str, ...] = ()
    over: str = ""
    effects: dict[str, Kind] = field(default_factory=dict)
    timeout_s: int = 60
    tastes: bool = False

    @property
    def lease_s(self) -> int:
        """A claim outlives its function, so that nobody takes over a call that is still on its way."""
        return self.timeout_s + LEASE_MARGIN_S

    @property
    def finishes(self) -> bool:
        """Whether a vendor's verdict is awaited."""
        return any(kind is not Kind.NONE for kind in self.effects.values())


PIPELINE: tuple[Step, ...] = (
    Step("intake"),
    Step("detect", (Need("intake"),), effects={"face": Kind.NONE}),
    Step("clone", (Need("intake"),), effects={"voice": Kind.VOICE}),
    Step(
        "separate",
        (Need("detect"), Need("clone")),
        parts=("captions", "music"),
        effects={"ocr": Kind.IMS_PRODUCTION, "asr": Kind.IMS_SMART, "music": Kind.IMS_PRODUCTION},
    ),
    Step("script", (Need("separate", item="captions"), Need("clone")), effects={"cue": Kind.NONE}, timeout_s=180),
    Step(
        "speak",
        (Need("script"),),
        over="script",
        effects={"cue": Kind.NONE, "listen": Kind.IMS_SMART},
        timeout_s=600,
    ),
    Step(
        "animate",
        (Need("speak", same_item=True),),
        over="script",
        effects={"face": Kind.NONE, "clip": Kind.MODEL_STUDIO},
        timeout_s=180,
    ),
    Step(
        "compose",
        (Need("animate"), Need("separate")),
        effects={"film": Kind.IMS_PRODUCING, "opening": Kind.IMS_PRODUCING},
        tastes=True,
    ),
    Step("publish", (Need("compose"),), timeout_s=120, tastes=True),
)

STEPS: dict[str, Step] = {step.name: step for step in PIPELINE}

GENERATE = Step("generate", effects={"call": Kind.GENERATION}, timeout_s=180)
"""The one step of a request: its calls follow each other in it."""

REQUEST_STEPS: dict[str, Step] = {GENERATE.name: GENERATE}

FUNCTIONS: dict[str, Step] = {**STEPS, **REQUEST_STEPS}
"""Every step that is a function, of stories and of requests."""


def steps_of(job_id: str) -> dict[str, Step]:
    """The steps of a job: a story's, or a request's."""
    return REQUEST_STEPS if keys.request_of(job_id) else STEPS


CALLBACKS = ("ims_callback", "model_studio_callback", "recheck", "sweep", "failed", "announce")
"""Functions beside the steps: they wake steps, or tell others, and hold no step logic."""

PAGES = ("console",)
"""Functions that answer a browser."""

BESIDE = (*CALLBACKS, *PAGES)

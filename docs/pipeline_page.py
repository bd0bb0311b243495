"""The diagram and the tables of the pipeline, from `shared/pipeline.py` and the first line of each function."""

from __future__ import annotations

import ast
from pathlib import Path

from docs.languages import Language, table
from shared.pipeline import BESIDE, PIPELINE, REQUEST_STEPS, STEPS, Need, Step
from shared.ports import Kind

FUNCTIONS = Path(__file__).resolve().parents[1] / "functions"
VENDORS = {
    Kind.IMS_PRODUCING: "IMS",
    Kind.IMS_PRODUCTION: "IMS",
    Kind.IMS_SMART: "IMS",
    Kind.MODEL_STUDIO: "Model Studio",
    Kind.GENERATION: "Model Studio",
    Kind.VOICE: "CosyVoice",
    Kind.NONE: "answered at once",
}


def render(language: Language) -> str:
    """The page is written in English only."""
    del language
    steps = table(
        ["step", "what it does", "needs", "items", "remembered calls", "verdict", "timeout", "lease"],
        [_row(step) for step in (*PIPELINE, *REQUEST_STEPS.values())],
    )
    beside = table(["function", "what it does"], [[f"`{name}`", _purpose(name)] for name in BESIDE])
    return f"{_diagram()}\n{steps}\n{beside}"


def _diagram() -> str:
    lines = ["```mermaid", "flowchart LR"]
    lines += [f'    {step.name}["{_box(step)}"]' for step in PIPELINE]
    lines += [f"    {need.step} {_arrow(need)} {step.name}" for step in PIPELINE for need in step.needs]
    return "\n".join([*lines, "```", ""])


def _box(step: Step) -> str:
    if step.over:
        return f"{step.name}<br/>one per segment"
    return f"{step.name}<br/>{' + '.join(step.parts)}" if step.parts else step.name


def _arrow(need: Need) -> str:
    fans_in = bool(STEPS[need.step].over or STEPS[need.step].parts)
    said = "same segment" if need.same_item else need.item or ("all of them" if fans_in else "")
    return f"-- {said} -->" if said else "-->"


def _need(need: Need) -> str:
    said = "same item" if need.same_item else need.item
    return f"{need.step} ({said})" if said else need.step


def _row(step: Step) -> list[str]:
    return [
        f"`{step.name}`",
        _purpose(step.name),
        ", ".join(_need(need) for need in step.needs) or "-",
        f"those of `{step.over}`"
        if step.over
        else ", ".join(step.parts) or ("the taste; the whole" if step.tastes else "-"),
        ", ".join(f"`{name}` ({VENDORS[kind]})" for name, kind in step.effects.items()) or "-",
        "awaited" if step.finishes else "-",
        f"{step.timeout_s} s",
        f"{step.lease_s} s",
    ]


def _purpose(function: str) -> str:
    """The first sentence of the function's own words."""
    words = ast.get_docstring(ast.parse((FUNCTIONS / function / "handler.py").read_text("utf-8"))) or ""
    sentence = " ".join(words.split("\n\n")[0].split())
    return f"{sentence.split('. ')[0].rstrip('.')}."

"""How many threads the engines of a process may use."""

from __future__ import annotations

import os

THREADS = "OMP_NUM_THREADS"
"""The variable that numerical libraries agree on: numpy's own threads mind it as the models do."""

MAX = 4  # the models are too small to gain from more


def of_a_model() -> int:
    """As many as this process was given, else one for each processor, up to MAX."""
    given = os.environ.get(THREADS, "")
    return min(MAX, int(given) if given.isdigit() and int(given) else os.cpu_count() or 1)

"""What the shell offers after TAB beside commands and options: names that are known without asking a cloud."""

from __future__ import annotations

from collections.abc import Iterable


def functions(incomplete: str) -> list[str]:
    """Of `echobot invoke`."""
    from shared.pipeline import BESIDE, FUNCTIONS  # noqa: PLC0415  imported after TAB only

    return _beginning(incomplete, (*FUNCTIONS, *BESIDE))


def dead_letters(incomplete: str) -> list[str]:
    """Of `echobot redrive --queue`."""
    from shared.engine.dead_letters import QUEUES  # noqa: PLC0415  as above

    return _beginning(incomplete, QUEUES)


def models(incomplete: str) -> list[str]:
    """Of `echobot generate` and `echobot models`."""
    from shared.domain.catalogue import CATALOGUE  # noqa: PLC0415  as above

    return _beginning(incomplete, CATALOGUE)


def _beginning(incomplete: str, names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if name.startswith(incomplete))

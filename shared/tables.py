"""The tables and their primary keys: what `template.yaml` creates, what the clients encode, what the stand-ins hold."""

from __future__ import annotations

from shared.ports import Table

PRIMARY_KEYS: dict[Table, tuple[str, ...]] = {
    Table.JOBS: ("job",),
    Table.STEPS: ("job", "step", "item"),
    Table.EFFECTS: ("job", "step", "item", "effect"),
    Table.TASKS: ("provider", "task"),
    Table.VOICES: ("digest",),
    Table.STUDIO: ("engine", "position"),
    Table.WATCH: ("kind", "name"),
    Table.FAMILIES: ("family",),
    Table.VISITS: ("address",),
}
"""All key columns are strings. The first one is the partition: a job's rows live together."""

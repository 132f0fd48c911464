"""Labels beside those of `GenerateTarget`: what `PackPoseInputs` packs them by."""

from typing import Any

TABLES = ('label_mapping_table', 'field_mapping_table', 'instance_mapping_table')
"""Names in a sample of what tells `PackPoseInputs` where labels go."""


def tables_of(results: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Return the tables of a sample; empty ones where it has none."""
    return {name: dict(results.get(name) or {}) for name in TABLES}


def merge_tables(results: dict[str, Any], tables: dict[str, dict[str, str]]) -> None:
    """Add to the tables of a sample what earlier ones hold."""
    for name, table in tables.items():
        merged = {**table, **(results.get(name) or {})}
        if merged:
            results[name] = merged

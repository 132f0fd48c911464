"""The table of `cost`."""

from collections.abc import Sequence
from typing import Any

from projects.study.tables import markdown

from .measurement import HEATMAPS, VECTORS, Cost

TABLE_9 = """\
Published (table 9; 68 landmarks, 64 cells, an ARM processor beside an accelerator): decoding takes
2.039 ms for heatmaps and 0.062 ms for vectors; transmission, not measured here, 0.311 and 0.048."""


def table(costs: Sequence[Cost], facts: dict[str, Any]) -> str:
    """A Markdown table: rows are work and size, columns batches; how often two-hot's time it is."""
    batches = list(dict.fromkeys(each.batch for each in costs))
    found = {(each.size, each.batch, each.output, each.work): each for each in costs}
    rows = []
    for size, output, work in dict.fromkeys((c.size, c.output, c.work) for c in costs):
        row = [found[size, batch, output, work] for batch in batches]
        shape = f'2x{size}' if output == VECTORS else f'{size}x{size}'
        shown = [shape, output, work, str(row[0].bytes_per_face)]
        for each in row:
            usual = found[size, each.batch, HEATMAPS, 'two-hot']
            spread = f'{each.ms_per_face:.4f} ({each.low:.4f} to {each.high:.4f})'
            shown += [spread, f'{each.ms_per_face / usual.ms_per_face:.2f}']
        rows.append(shown)
    heads = ['cells', 'output', 'decoder', 'bytes per face']
    for batch in batches:
        heads += [f'ms per face, batch {batch}', 'to two-hot']
    return '\n\n'.join([markdown(heads, rows), conditions(costs, facts), TABLE_9])


def conditions(costs: Sequence[Cost], facts: dict[str, Any]) -> str:
    """On what was measured, in a line."""
    hardware = facts['hardware']
    return (
        f'{facts["landmarks"]} landmarks, float32, {hardware["device"]}, '
        f'threads: {hardware["threads"]}, torch {facts["versions"]["torch"]}, '
        f'{facts["date"][:10]}; medians of {costs[0].turns} with quartiles.'
    )

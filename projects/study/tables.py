"""Parts of Markdown tables."""

from collections.abc import Iterable, Sequence
from typing import Optional

from .summary import Summary

NOT_MEASURED = 'not measured'


def cell(summary: Optional[Summary], digits: int = 2, sign: str = '') -> str:
    """Mean and spread in %, with the number of seeds."""
    if summary is None:
        return NOT_MEASURED
    spread = '' if summary.spread is None else f' ± {100 * summary.spread:.{digits}f}'
    return f'{100 * summary.mean:{sign}.{digits}f}{spread} (n = {summary.count})'


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of Markdown."""
    lines = [header, ['---'] * len(header), *rows]
    return '\n'.join(f'| {" | ".join(map(str, line))} |' for line in lines)


def grid(sizes: Sequence[int]) -> list[str]:
    """Heatmap sizes as they are written in headers."""
    return [f'{size}x{size}' for size in sizes]


def format_value(value: object) -> str:
    """A number without needless zeros."""
    return f'{value:g}' if isinstance(value, (int, float)) else str(value)

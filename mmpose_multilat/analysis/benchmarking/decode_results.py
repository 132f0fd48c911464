"""What `benchmark_decode` finds out: records, tables, a chart."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Optional

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from mmpose_multilat.evaluation.tables import align

from .decode_subjects import REFERENCE

COLOURS = dict(floor='#bbbbbb', ours='#4477aa', stock='#cc6677')


@dataclass(frozen=True)
class DecodeResult:
    """One decoder (or floor) on heatmaps of one size in batches of one size.

    Attributes:
        label: Decoder or floor.
        kind: 'floor', 'ours' or 'stock'.
        size: Side of the heatmaps in cells.
        batch: Faces in a call.
        ms_per_face: Median time for one face.
        low: First quartile of that time.
        high: Third quartile.
        turns: Number of measurements.
        ratio: Median time divided by that of `flatten(2).max(-1)` on the same heatmaps.
        extra_memory: Most memory held at once as a fraction of the heatmaps' own; None where it
            was not measured.
    """

    label: str
    kind: str
    size: int
    batch: int
    ms_per_face: float
    low: float
    high: float
    turns: int
    ratio: float
    extra_memory: Optional[float] = None


@dataclass(frozen=True)
class EncodeResult:
    """Encoding one face: median ms by this package and by MMPose, and how many times faster.

    Attributes:
        label: 'biased' or 'unbiased'.
        size: Side of the heatmaps in cells.
        ours: Milliseconds by this package.
        stock: Milliseconds by MMPose.
        speedup: `stock` divided by `ours`.
    """

    label: str
    size: int
    ours: float
    stock: float
    speedup: float


def decode_table(results: Sequence[DecodeResult], size: int) -> str:
    """Markdown table of one heatmap size: rows are decoders, columns batches and memory."""
    chosen = [each for each in results if each.size == size]
    batches = sorted({each.batch for each in chosen})
    heads = [head for batch in batches for head in (f'ms per face, batch {batch}', 'ratio')]
    rows = [[f'{size}x{size}', *heads, 'memory']]
    for label in dict.fromkeys(each.label for each in chosen):
        row = {each.batch: each for each in chosen if each.label == label}
        memory = [each.extra_memory for each in row.values() if each.extra_memory is not None]
        cells = [cell for batch in batches for cell in _time_and_ratio(row[batch])]
        rows.append([label, *cells, f'{max(memory):.2f}' if memory else ''])
    return align(rows)


def _time_and_ratio(result: DecodeResult) -> list[str]:
    spread = f'{result.ms_per_face:.4f} ({result.low:.4f} to {result.high:.4f})'
    return [spread, f'{result.ratio:.2f}']


def encode_table(results: Sequence[EncodeResult]) -> str:
    """Markdown table of the encoding times."""
    rows = [['encoding', 'ms per face', 'MMPose', 'times faster']]
    for each in results:
        name = f'{each.size}x{each.size} {each.label}'
        rows.append([name, f'{each.ours:.3f}', f'{each.stock:.2f}', f'{each.speedup:.0f}'])
    return align(rows)


def as_record(
    facts: dict[str, Any], decoding: Sequence[DecodeResult], encoding: Sequence[EncodeResult]
) -> dict[str, Any]:
    """Everything as values that JSON can hold."""
    return dict(
        **facts,
        reference=f'{REFERENCE}: heatmaps.flatten(2).max(-1)',
        decoding=[asdict(each) for each in decoding],
        encoding=[asdict(each) for each in encoding],
    )


def draw_ratios(results: Sequence[DecodeResult], batch: int, path: Path, title: str) -> None:
    """Bar charts of the ratios at one batch size, a panel for every heatmap size.

    Args:
        results: What was measured.
        batch: Faces in a call.
        path: File to write; its ending chooses the format.
        title: Title of the figure.
    """
    sizes = sorted({each.size for each in results}, reverse=True)
    labels = list(dict.fromkeys(each.label for each in results))
    figure = Figure(
        figsize=(2.2 + 2.4 * len(sizes), 1.2 + 0.28 * len(labels)), layout='constrained'
    )
    FigureCanvasAgg(figure)
    figure.suptitle(title)
    panels = figure.subplots(1, len(sizes), sharex=True, sharey=True, squeeze=False)[0]
    for axes, size in zip(panels, sizes):
        chosen = [each for each in results if (each.size, each.batch) == (size, batch)]
        bars = axes.barh(
            [each.label for each in chosen],
            [each.ratio for each in chosen],
            color=[COLOURS[each.kind] for each in chosen],
        )
        axes.bar_label(bars, fmt=_two_digits, padding=2, fontsize=8)
        axes.axvline(1, color='black', linewidth=0.8, zorder=0)
        axes.set_xscale('log')
        axes.margins(x=0.3)
        axes.set_title(f'{size}x{size}', fontsize=10)
        axes.spines[['top', 'right']].set_visible(False)
    panels[0].invert_yaxis()
    figure.supxlabel('time / time of flatten(2).max(-1), lower is better', fontsize=10)
    figure.savefig(path, dpi=150)


def _two_digits(ratio: float) -> str:
    return f'{ratio:.2g}' if ratio < 100 else f'{ratio:.0f}'

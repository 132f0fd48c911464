"""Which of our numbers belong into which cell of a published table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

from mmpose_multilat.analysis.benchmarking.figures import series_name
from mmpose_multilat.analysis.benchmarking.records import Benchmark, Result, load_predictions
from mmpose_multilat.analysis.benchmarking.tables import FLIP_NAMES, size_name
from mmpose_multilat.errors import blame_user
from mmpose_multilat.evaluation import evaluate
from mmpose_multilat.evaluation.summary import FULL, threshold_name

from . import PER_ROW_TITLES, Column, Table
from .official import UNMEASURED, official_subset

PER_ROW = 'per row'

TITLES = {**PER_ROW_TITLES, 'gflops': 'GFLOPs', 'parameters': 'parameters (M)'}
"""How normalisers and metrics are called in labels of rows."""


@dataclass
class OwnRow:
    """A row of our numbers.

    Attributes:
        label: Decoder, configs and circumstances.
        values: Column id -> distinct values in the unit of the column; several come from several
            checkpoints of the same config.
        notes: Remarks on the row, those that begin with 'not comparable' first.
    """

    label: str
    values: dict[str, list[float]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Source:
    """One result of a benchmark and where its files are."""

    folder: Path
    benchmark: Benchmark
    result: Result

    @property
    def settings(self) -> dict[str, Any]:
        """Settings of the decoder."""
        return self.benchmark.decoder(self.result.decoder).settings


def own_rows(
    table: Table, benchmarks: Sequence[tuple[Path, Benchmark]], decoders: Sequence[str] = ()
) -> list[OwnRow]:
    """Collect our rows for a table.

    Args:
        table: A published table.
        benchmarks: Folder and content of each benchmark.
        decoders: Labels of decoders to show; by default the config's own with its own flip test
            where methods are compared, and all where decoders are.

    Returns:
        Rows with at least one number that belongs into the table.
    """
    rows: dict[tuple, OwnRow] = {}
    for source in _sources(table, benchmarks, decoders):
        for normaliser, metric in _variants(table):
            values = _values(table, source, normaliser, metric)
            if not values or not _measured(table, values):
                continue
            key, label = _identity(table, source, normaliser, metric)
            row = rows.setdefault(key, OwnRow(label))
            for column, value in values.items():
                kept = row.values.setdefault(column, [])
                kept += [] if value in kept else [value]
            notes = _notes(table, source, normaliser)
            row.notes += [each for each in notes if each not in row.notes]
    return list(rows.values())


def _sources(
    table: Table, benchmarks: Sequence[tuple[Path, Benchmark]], decoders: Sequence[str]
) -> Iterator[Source]:
    """The results that a table of this kind shows."""
    if table.kind in UNMEASURED:
        return
    for folder, benchmark in benchmarks:
        for result in benchmark.results:
            source = Source(folder, benchmark, result)
            if _shown(table.kind, source, decoders):
                yield source


def _shown(kind: str, source: Source, decoders: Sequence[str]) -> bool:
    benchmark, result = source.benchmark, source.result
    if kind in ('speed', 'complexity') and result.flip_test:
        return False  # the same numbers again
    if kind == 'complexity':
        return result is benchmark.results[0]
    if kind == 'windows':
        return benchmark.decoder(result.decoder).codec == 'KeyPosS'
    if decoders:
        return result.decoder in decoders
    return kind != 'comparison' or benchmark.is_own(result)


def _variants(table: Table) -> list[tuple[Optional[str], Optional[str]]]:
    """Normalisers and metrics that the rows of a table name, in their order."""
    return list(dict.fromkeys((row.normaliser, row.metric) for row in table.rows))


def _values(
    table: Table, source: Source, normaliser: Optional[str], metric: Optional[str]
) -> dict[str, float]:
    """Column -> number, for the columns that this result fills."""
    values = {}
    for column in table.columns:
        value = _value(column, source, normaliser, column.metric or metric)
        if value is not None:
            values[column.id] = value
    return values


def _measured(table: Table, values: dict[str, float]) -> bool:
    """Whether there is more than the size of the network, where errors are compared."""
    about_errors = {column.id for column in table.columns if column.dataset}
    return not about_errors or bool(about_errors & set(values))


def _value(
    column: Column, source: Source, normaliser: Optional[str], metric: Optional[str]
) -> Optional[float]:
    benchmark = source.benchmark
    if column.heatmap_size and (column.heatmap_size,) * 2 != benchmark.heatmap_size:
        return None
    if column.window and source.settings.get('kernel_size') != column.window:
        return None
    if column.dataset:
        fraction = _fraction(column, source, metric, normaliser)
        return fraction if fraction is None or column.unit == 'fraction' else 100 * fraction
    time = benchmark.decoder(source.result.decoder).timing.ms_per_face
    return dict(
        parameters=benchmark.complexity.parameters_million,
        gflops=benchmark.complexity.gflops,
        decoding_ms=time,
        decoding_fps=1000 / time,
    ).get(metric)


def _fraction(
    column: Column, source: Source, metric: Optional[str], normaliser: Optional[str]
) -> Optional[float]:
    """NME, FR or AUC of the column's test set; None if it was not measured on all of it."""
    subset = official_subset(column, source.benchmark, source.result)
    if subset is None:
        return None
    chosen = normaliser if column.normaliser == PER_ROW else column.normaliser
    if chosen is None:
        return None
    ending = '' if column.threshold is None else f'@{threshold_name(column.threshold)}'
    key = f'{metric}_{chosen}{ending}'
    if key in source.result.metrics[subset]:
        return source.result.metrics[subset][key]
    thresholds = [] if column.threshold is None else [column.threshold]
    predictions = load_predictions(source.folder, source.result)
    with blame_user(str(source.folder / source.result.predictions)):
        return evaluate(predictions, [chosen], thresholds, [])[subset].get(key)


def _identity(
    table: Table, source: Source, normaliser: Optional[str], metric: Optional[str]
) -> tuple[tuple, str]:
    """What results of one row have in common, and the row's label."""
    benchmark, result = source.benchmark, source.result
    parts = [] if table.kind == 'complexity' else [_decoder_name(table, source)]
    if not all(column.heatmap_size for column in table.columns):
        parts.append(size_name(benchmark.heatmap_size))
    parts.append(series_name(benchmark))
    if table.kind in ('complexity', 'speed'):
        parts.append(f'{benchmark.landmarks} landmarks')
    else:
        parts.append(f'flip test {FLIP_NAMES[result.flip_test]}')
    parts += [TITLES[each] for each in (normaliser, metric) if each]
    return tuple(parts), ', '.join(parts)


def _decoder_name(table: Table, source: Source) -> str:
    """Label of the decoder; without the window where columns are windows, with its encoding."""
    name = 'KeyPosS' if table.kind == 'windows' else source.result.decoder
    encodings = {True: ' (unbiased)', False: ' (biased)', None: ''}
    return name + (encodings[source.benchmark.unbiased] if table.kind == 'decoders' else '')


def _notes(table: Table, source: Source, normaliser: Optional[str]) -> list[str]:
    """What a reader must know before comparing a row of ours with the others."""
    benchmark = source.benchmark
    if table.kind == 'speed':
        hardware = benchmark.hardware
        return [
            f'not comparable: other hardware ({hardware["device"]}, {hardware["threads"]} '
            f'thread(s), batches of {benchmark.batch_size} faces)'
        ]
    names = {normaliser, *(column.normaliser for column in table.columns)} - {None, PER_ROW}
    counts = {name: source.result.metrics[FULL].get(f'undefined_{name}', 0) for name in names}
    return [
        f'{count} faces of {benchmark.annotations} without a defined {name} distance left out'
        for name, count in sorted(counts.items())
        if count
    ]

"""The official test sets: which faces a number must be about to stand in a published table."""

from collections.abc import Sequence
from pathlib import Path
from typing import Optional

from mmpose_multilat.analysis.benchmarking.records import Benchmark, Result
from mmpose_multilat.evaluation.summary import FULL
from mmpose_multilat.landmarks import DATASETS, DatasetFile

from . import Column, Table

UNMEASURED = ('encoding', 'other')
"""Kinds of tables into which no benchmark belongs."""

PRIVATE = 'private'
"""The private test set of 300W, which has an annotation file of its own."""


def official_file(column: Column) -> Optional[DatasetFile]:
    """The annotation file that a column is about, None for a test set that is not official."""
    dataset = DATASETS.get(column.dataset or '')
    if dataset is None or column.subset is None:
        return None
    return dataset.test_files.get(None if column.subset == FULL else column.subset)


def official_subset(column: Column, benchmark: Benchmark, result: Result) -> Optional[str]:
    """The set of faces of a benchmark that is a column's official test set.

    Args:
        column: A column about a dataset.
        benchmark: The benchmark.
        result: One of its results.

    Returns:
        Name of the set within the benchmark, None if it has no such set or not all its faces.
    """
    file = official_file(column)
    if benchmark.dataset != column.dataset or file is None:
        return None
    subset = FULL if column.subset == PRIVATE else column.subset
    if file.faces is None:
        # The papers print no number: all faces of the official file, whatever their number.
        whole = benchmark.faces == benchmark.faces_of_test_set
        return subset if whole and benchmark.annotations == file.name else None
    # Other data in the same format must not pass for the official faces.
    faces = result.metrics.get(subset, {}).get('faces')
    return subset if faces in (file.faces, *file.other_counts) else None


def left_out(table: Table, benchmarks: Sequence[tuple[Path, Benchmark]]) -> list[str]:
    """Say of results that have a table's format but not its faces why they do not appear.

    Args:
        table: A published table.
        benchmarks: Folder and content of each benchmark.

    Returns:
        One sentence for each benchmark.
    """
    sentences = []
    columns = [each for each in table.columns if each.dataset and table.kind not in UNMEASURED]
    for _, benchmark in benchmarks:
        related = [column for column in columns if column.dataset == benchmark.dataset]
        result = benchmark.results[0]
        if related and not any(official_subset(each, benchmark, result) for each in related):
            sentences.append(
                f'{benchmark.config} is left out: {benchmark.faces} faces of '
                f'{benchmark.annotations} are not the official test set of {benchmark.dataset}.'
            )
    return list(dict.fromkeys(sentences))

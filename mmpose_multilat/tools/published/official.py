"""The official test sets: which faces a number must be about to stand in a published table."""

from collections.abc import Sequence
from pathlib import Path
from typing import Optional

from mmpose_multilat.evaluation.summary import FULL
from mmpose_multilat.tools.benchmarking.records import Benchmark, Result

from . import Column, Table

UNMEASURED = ('encoding', 'other')
"""Kinds of tables into which no benchmark belongs."""

PRIVATE = 'private'
"""The private test set of 300W, which has an annotation file of its own."""

OFFICIAL_FACES = {
    ('wflw', FULL): (2500,),
    ('wflw', 'pose'): (326,),
    ('wflw', 'expression'): (314,),
    ('wflw', 'illumination'): (698,),
    ('wflw', 'makeup'): (206,),
    ('wflw', 'occlusion'): (736,),
    ('wflw', 'blur'): (773,),
    ('300w', FULL): (689,),
    ('300w', 'common'): (554,),
    ('300w', 'challenging'): (135,),
    ('300w', PRIVATE): (600,),
    ('cofw', FULL): (507,),
    ('aflw', FULL): (4386,),
    ('aflw', 'frontal'): (1314, 1165),
    ('jd_landmark', FULL): (2000,),
}
"""Faces of the official test sets. Other data in the same format must not pass for them."""

OFFICIAL_FILES = {'coco_wholebody_face': 'coco_wholebody_val_v1.0.json'}
"""Test sets whose number of faces the papers do not print, by annotation file; all faces count."""


def official_subset(column: Column, benchmark: Benchmark, result: Result) -> Optional[str]:
    """The set of faces of a benchmark that is a column's official test set.

    Args:
        column: A column about a data set.
        benchmark: The benchmark.
        result: One of its results.

    Returns:
        Name of the set within the benchmark, None if it has no such set or not all its faces.
    """
    if benchmark.dataset != column.dataset:
        return None
    subset = FULL if column.subset == PRIVATE else column.subset
    faces = result.metrics.get(subset, {}).get('faces')
    if column.dataset in OFFICIAL_FILES:
        whole = benchmark.faces == benchmark.faces_of_test_set
        return subset if whole and benchmark.annotations == OFFICIAL_FILES[column.dataset] else None
    return subset if faces in OFFICIAL_FACES.get((column.dataset, column.subset), ()) else None


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

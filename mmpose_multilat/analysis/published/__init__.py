"""The tables of the five papers as printed, one JSON file for each paper.

A file holds `paper`, `title`, `venue`, `year` and `tables`. A table holds

* `id`, `title` as in the paper, `caption`, `remarks` on what is unclear or wrong in print,
* `kind`, which says what of ours belongs beside it: 'comparison' (methods), 'decoders' (decoders by
  heatmap size), 'windows' (KeyPosS by window), 'complexity' (parameters and operations by heatmap
  size), 'speed' (time of decoding), 'encoding' (what `encode_decode` measures), 'other' (nothing
  that a tool measures),
* `columns` with `id`, `label`, `metric` (NME, FR, AUC, parameters, gflops, decoding_ms,
  decoding_fps, other; missing where rows say it), `unit`, and where they apply `dataset` (MMPose's
  `dataset_name`), `subset`, `normaliser` (of `mmpose_multilat.evaluation`, 'per row' where rows say
  it), `threshold` (a fraction), `heatmap_size`, `window`, `note`,
* `rows` with `label`, `values` in the order of the columns and in their unit, and where they apply
  `proposed` (a method or variant of the paper itself), `normaliser`, `metric`, `heatmap_size`,
  `notes` (column -> remark on a cell; one that begins with 'not comparable' says that the cell was
  not measured as the rest of its column).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Optional

from mmpose_multilat.errors import UserError

PAPERS = ('keyposs', 'popos', 'rht', 'gaussian_vector', 'lcgcn')
"""In the order of the project: the two papers of multilateration first."""

PER_ROW_TITLES = {'ocular': 'inter-ocular', 'pupil': 'inter-pupil'}
"""How normalisers are called where rows name them."""


@dataclass(frozen=True)
class Column:
    """A column of a table; see the module for the meaning of the fields."""

    id: str
    label: str
    unit: str
    metric: Optional[str] = None
    dataset: Optional[str] = None
    subset: Optional[str] = None
    normaliser: Optional[str] = None
    threshold: Optional[float] = None
    heatmap_size: Optional[int] = None
    window: Optional[int] = None
    note: Optional[str] = None


@dataclass(frozen=True)
class Row:
    """A row of a table; see the module for the meaning of the fields."""

    label: str
    values: Sequence[Optional[float]]
    proposed: bool = False
    normaliser: Optional[str] = None
    metric: Optional[str] = None
    heatmap_size: Optional[int] = None
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """A table; see the module for the meaning of the fields."""

    id: str
    title: str
    kind: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    remarks: Sequence[str] = ()


@dataclass(frozen=True)
class Paper:
    """A paper with its tables."""

    name: str
    title: str
    venue: str
    year: int
    tables: Sequence[Table]


@cache
def load_paper(name: str) -> Paper:
    """Read the tables of a paper.

    Args:
        name: One of `PAPERS`.

    Returns:
        The paper.
    """
    text = resources.files(__name__).joinpath(f'{name}.json').read_text(encoding='utf-8')
    content = json.loads(text)
    tables = [_table(each) for each in content['tables']]
    return Paper(name, content['title'], content['venue'], content['year'], tables)


def _table(content: dict) -> Table:
    columns = [Column(**each) for each in content.pop('columns')]
    rows = [Row(**each) for each in content.pop('rows')]
    return Table(columns=columns, rows=rows, **content)


def choose_tables(
    papers: Sequence[Paper], wanted: Optional[Sequence[str]]
) -> dict[str, list[Table]]:
    """The tables of each paper that were asked for.

    Args:
        papers: Papers with all their tables.
        wanted: Ids with or without the paper's name, beginnings of ids too ('table_3' means its
            three parts); None for all.

    Returns:
        Name of a paper -> tables.

    Raises:
        UserError: If an id means no table.
    """
    if wanted is None:
        return {paper.name: list(paper.tables) for paper in papers}
    ids = [table.id for paper in papers for table in paper.tables]
    for word in wanted:
        if not any(_means(word, each) for each in ids):
            raise UserError(f'`table` {word}: unknown, choose from {", ".join(ids)}')
    return {
        paper.name: [
            table for table in paper.tables if any(_means(word, table.id) for word in wanted)
        ]
        for paper in papers
    }


def _means(word: str, table_id: str) -> bool:
    """Whether a word names a table: the whole id or its parts up to an underscore."""
    return any(
        name == word or name.startswith(f'{word}_')
        for name in (table_id, table_id.partition('.')[2])
    )

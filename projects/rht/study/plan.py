"""Which runs the study consists of, and in which order."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from projects.study.run import Run

SIZE = 16
"""Cells along a side of the heatmaps."""

BASE_CONFIG = Path(f'projects/rht/configs/rht-s_hrnetv2-w18_1xb32-30e_ytf68-256x256-hm{SIZE}.py')

DECODING = 'projects.rht.study.decode'

NO_REFERENCE = dict(soft=False, hard=False)

PARTS: dict[str, dict[str, Any]] = {
    'all': {},
    'blank': dict(reference='blank'),
    'encoder': dict(network=NO_REFERENCE),
    'backbone': dict(network=dict(NO_REFERENCE, encoder=None)),
    'soft': dict(network=dict(hard=False, fusion=False)),
    'soft_fusion': dict(network=dict(hard=False)),
    'hard_fusion': dict(network=dict(soft=False)),
    'no_boundaries': dict(boundaries=None),
}
"""What each network of tables VIII and IX, and the control, changes of the head. What decides comes
first: the whole network, and the same one that sees an empty reference."""

GUIDED = ('all', 'soft', 'soft_fusion', 'hard_fusion', 'no_boundaries')
"""Networks to which the reference makes a difference."""

NAME = re.compile(r'(?P<part>[a-z_]+)_hm(?P<size>\d+)_seed(?P<seed>\d+)')


@dataclass(frozen=True)
class ReferenceRun(Run):
    """One training and what is decoded of it.

    Args:
        part: A key of `PARTS`.
        seed: Seed of weights, order of the faces, their references and augmentation.
        epochs: Length of the training.
        size: Cells along a side of the heatmap.
    """

    part: str
    seed: int
    epochs: int
    size: int = SIZE

    @property
    def name(self) -> str:
        """See `Run.name`."""
        return f'{self.part}_hm{self.size}_seed{self.seed}'

    @property
    def description(self) -> dict[str, Any]:
        """See `Run.description`."""
        return dict(part=self.part, size=self.size, seed=self.seed, epochs=self.epochs)

    @property
    def base_config(self) -> Path:
        """See `Run.base_config`."""
        return BASE_CONFIG

    @property
    def changes(self) -> dict[str, Any]:
        """See `Run.changes`: those of the head."""
        head = PARTS[self.part]
        return dict(model=dict(head=head)) if head else {}

    @property
    def decoding(self) -> tuple[str, ...]:
        """See `Run.decoding`; networks that look at references are tested with several."""
        return (DECODING, '--references') if self.part in GUIDED else (DECODING,)


def make_plan(epochs: int, seeds: Sequence[int] = (0, 1, 2)) -> list[ReferenceRun]:
    """Runs in the order in which they are trained: all parts with the first seed, then the next."""
    return [ReferenceRun(part, seed, epochs) for seed in dict.fromkeys(seeds) for part in PARTS]


def run_of(record: dict[str, Any]) -> ReferenceRun:
    """The run that a record is about."""
    return ReferenceRun(record['part'], record['seed'], record['epochs'], record['size'])


def run_named(name: str, epochs: int) -> Optional[ReferenceRun]:
    """The run of a name, None if no run is called so."""
    found = NAME.fullmatch(name)
    if found is None or found['part'] not in PARTS or int(found['size']) != SIZE:
        return None
    return ReferenceRun(found['part'], int(found['seed']), epochs)

"""Which runs the study consists of, and in which order."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from projects.multilat.low_resolution.plan import LowResolutionRun
from projects.study.options import SIZES
from projects.study.run import Run

from .methods import HEATMAP, LABELS, model_changes

MEASURE = 'projects.lcgcn.study.measure'

CONFIGS = Path('projects/lcgcn/configs')


@dataclass(frozen=True)
class GraphRun(Run):
    """A training that begins with a heatmap network, and what is measured of it.

    Args:
        method: A key of `methods.LABELS`.
        size: Cells along a side of the heatmap.
        seed: Seed of the heatmap network and of the training.
        epochs: Length of the training, and of that of the heatmap network before it.
    """

    method: str
    size: int
    seed: int
    epochs: int

    @property
    def name(self) -> str:
        """See `Run.name`."""
        return f'{self.method}_hm{self.size}_seed{self.seed}'

    @property
    def description(self) -> dict[str, Any]:
        """See `Run.description`."""
        return dict(method=self.method, size=self.size, seed=self.seed, epochs=self.epochs)

    @property
    def base_config(self) -> Path:
        """See `Run.base_config`."""
        algorithm = 'multilat' if self.method == HEATMAP else 'lcgcn'
        data = f'ytf68-occluded-256x256-hm{self.size}'
        return CONFIGS / f'{algorithm}_hrnetv2-w18_1xb32-12e_{data}.py'

    @property
    def changes(self) -> dict[str, Any]:
        """See `Run.changes`: the method and the checkpoint."""
        start = dict(load_from=heatmap_checkpoint(self).as_posix())
        model = model_changes(self.method)
        return dict(start, model=model) if model else start

    @property
    def same_training(self) -> None:
        """None: what no other study measures cannot be taken from one."""
        return None

    @property
    def decoding(self) -> tuple[str, ...]:
        """See `Run.decoding`."""
        return (MEASURE,)


def heatmap_checkpoint(run: GraphRun) -> Path:
    """The heatmap network that a run begins with, relative to the repository root."""
    name = LowResolutionRun('msra', 1.0, run.size, run.seed, run.epochs).name
    folder = Path(f'work_dirs/low_resolution/ytf68_{run.epochs}e')
    return folder / name / 'training' / f'epoch_{run.epochs}.pth'


def make_plan(
    epochs: int,
    sizes: Sequence[int] = (16, 8, 4),
    seeds: Sequence[int] = (0, 1, 2),
    methods: Sequence[str] = tuple(LABELS),
) -> list[GraphRun]:
    """Runs in the order in which they are trained: complete comparisons first.

    Args:
        epochs: Length of every training.
        sizes: Cells along a side of the heatmap.
        seeds: Seeds.
        methods: Keys of `methods.LABELS`.
    """
    return [
        GraphRun(method, size, seed, epochs)
        for seed in seeds
        for size in sorted(sizes)
        for method in methods
    ]


def run_of(record: dict[str, Any]) -> GraphRun:
    """The run that a record is about."""
    run = GraphRun(record['method'], record['size'], record['seed'], record['epochs'])
    if run.method not in LABELS:
        raise ValueError(f'{run.method} is no method of this study')
    return run


def run_named(name: str, epochs: int) -> Optional[GraphRun]:
    """The run of a name, None if no run is called so."""
    ending = name.rpartition('_seed')[2]
    seeds = [int(ending)] if ending.isdecimal() else []
    return next((run for run in make_plan(epochs, SIZES, seeds) if run.name == name), None)

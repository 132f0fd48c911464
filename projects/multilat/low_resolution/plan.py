"""Which runs the study consists of, and in which order."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from mmpose_multilat.multilateration import ALIGNMENTS
from projects.popos.study.plan import LossRun
from projects.study.options import SIZES
from projects.study.run import Run
from projects.study.run_config import merged

from .codec import codec_changes

SIGMAS = (1.0, 1.5, 2.0, 3.0)
"""In heatmap px."""

RECIPE = 'norm'
"""The recipe of the study of the losses by which every run is trained."""

NAME = re.compile(r'(?P<alignment>[a-z]+)_sigma(?P<sigma>[^_]+)_hm(?P<size>\d+)_seed(?P<seed>\d+)')


@dataclass(frozen=True)
class LowResolutionRun(Run):
    """One training and what is decoded of it.

    Args:
        alignment: Where the cells lie over the input: 'msra' or 'udp'.
        sigma: Standard deviation of the Gaussians in heatmap px.
        size: Cells along a side of the heatmap.
        seed: Seed of weights, order of the faces and augmentation.
        epochs: Length of the training.
    """

    alignment: str
    sigma: float
    size: int
    seed: int
    epochs: int

    @property
    def name(self) -> str:
        """See `Run.name`."""
        return f'{self.alignment}_sigma{self.sigma:g}_hm{self.size}_seed{self.seed}'

    @property
    def description(self) -> dict[str, Any]:
        """See `Run.description`."""
        return dict(
            alignment=self.alignment,
            sigma=self.sigma,
            size=self.size,
            seed=self.seed,
            epochs=self.epochs,
        )

    @property
    def base_config(self) -> Path:
        """See `Run.base_config`."""
        return self._model.base_config

    @property
    def changes(self) -> dict[str, Any]:
        """See `Run.changes`: those of the recipe, and the codec."""
        return merged(
            self._model.changes, codec_changes(self.base_config, self.alignment, self.sigma)
        )

    @property
    def _model(self) -> LossRun:
        """The run of the study of the losses that this one is, but for the codec."""
        return LossRun(RECIPE, self.size, self.seed, self.epochs)


def make_plan(
    epochs: int,
    sizes: Sequence[int] = (16, 8, 4),
    seeds: Sequence[int] = (0, 1, 2),
    alignments: Sequence[str] = ALIGNMENTS,
    sigmas: Sequence[float] = SIGMAS,
) -> list[LowResolutionRun]:
    """Runs in the order in which they are trained, each once.

    Complete comparisons come first: all settings at the smallest size with the first seed, then the
    next size; further seeds after that.

    Args:
        epochs: Length of every training.
        sizes: Cells along a side of the heatmap.
        seeds: Seeds.
        alignments: 'msra', 'udp'.
        sigmas: In heatmap px.
    """
    runs = [
        LowResolutionRun(alignment, float(sigma), size, seed, epochs)
        for seed in seeds
        for size in sorted(sizes)
        for alignment in alignments
        for sigma in sigmas
    ]
    return list(dict.fromkeys(runs))


def run_of(record: dict[str, Any]) -> LowResolutionRun:
    """The run that a record is about."""
    return LowResolutionRun(
        record['alignment'], record['sigma'], record['size'], record['seed'], record['epochs']
    )


def run_named(name: str, epochs: int) -> Optional[LowResolutionRun]:
    """The run of a name, None if no run is called so."""
    found = NAME.fullmatch(name)
    if found is None:
        return None
    try:
        sigma = float(found['sigma'])
    except ValueError:
        return None
    run = LowResolutionRun(
        found['alignment'], sigma, int(found['size']), int(found['seed']), epochs
    )
    exists = run.alignment in ALIGNMENTS and run.size in SIZES and is_sigma(sigma)
    return run if exists and run.name == name else None


def is_sigma(sigma: float) -> bool:
    """Whether a number can be a standard deviation."""
    return 0 < sigma < float('inf')

"""What a study says about each of its runs."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Optional

DECODING = ('projects.study.decode',)

CPU_SECONDS_PER_EPOCH = {64: 1200, 32: 300, 16: 75, 8: 35, 4: 25}
"""FastHRNet by the size of its heatmaps: 2578 faces on one thread; 64 and 32 are extrapolated."""


class Run(ABC):
    """One training and what is decoded of it.

    A subclass is a frozen dataclass: runs are the same when all their fields are, and they serve as
    keys. It has the attributes below, as fields or in another way.

    Attributes:
        size: Cells along a side of the heatmap.
        seed: Seed of weights, order of the faces and augmentation.
        epochs: Length of the training.
    """

    size: int
    seed: int
    epochs: int

    @property
    @abstractmethod
    def name(self) -> str:
        """What the files of the run are called; tells it apart from all others of its length."""

    @property
    @abstractmethod
    def description(self) -> dict[str, Any]:
        """The fields as the run's record has them."""

    @property
    @abstractmethod
    def base_config(self) -> Path:
        """The config that the run starts from, relative to the repository root."""

    @property
    @abstractmethod
    def changes(self) -> dict[str, Any]:
        """What the run sets over its base config, beside schedule, seed and where the data are."""

    @property
    def cost(self) -> str:
        """What runs that take equally long per epoch have in common, as words for the plan."""
        return f'{self.size}x{self.size}'

    @property
    def cpu_seconds_per_epoch(self) -> float:
        """How long an epoch takes on one thread, a rough guess."""
        return CPU_SECONDS_PER_EPOCH[self.size]

    @property
    def same_training(self) -> Optional['Run']:
        """A run, of any study, whose training is the same, see `take`; None if it may not count."""
        return self

    @property
    def decoding(self) -> Sequence[str]:
        """The module that decodes the trained network and its options, see `decode`."""
        return DECODING

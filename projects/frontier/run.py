"""A run of the study: a network, what its training does otherwise, a seed, a length."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from projects.study.run import Run

from .changes import BASE_CONFIG, changes_of
from .networks import NETWORKS, Network
from .recipes import PLAIN, Recipe, description, recipe_of

DECODING = 'projects.frontier.decode'

LOADING_SECONDS = 0.002
SECONDS_PER_GFLOP = 0.066
"""Of a training step, per face on one thread: 6 ms at 0.061 GFLOPs, of which loading takes about
2."""

FACES = 2578
"""To train, in ytf68."""


@dataclass(frozen=True)
class FrontierRun(Run):
    """One training and what is decoded of it.

    Args:
        network: A key of `NETWORKS`.
        options: Keys of `OPTIONS`, sorted as there.
        seed: Seed of weights, order of the faces and augmentation.
        epochs: Length of the training.

    Raises:
        ValueError: If network or option are unknown, or two options contradict each other.
    """

    network: str
    options: tuple[str, ...]
    seed: int
    epochs: int

    def __post_init__(self) -> None:
        if self.network not in NETWORKS:
            raise ValueError(f'{self.network} is none of {", ".join(NETWORKS)}')
        recipe_of(self.options)

    @property
    def settings(self) -> Network:
        """The network."""
        return NETWORKS[self.network]

    @property
    def recipe(self) -> Recipe:
        """How it is trained."""
        return recipe_of(self.options)

    @property
    def size(self) -> int:
        """See `Run.size`."""
        return self.settings.size

    @property
    def name(self) -> str:
        """See `Run.name`."""
        return '_'.join([self.network, *self.options, f'seed{self.seed}'])

    @property
    def description(self) -> dict[str, Any]:
        """See `Run.description`."""
        network = self.settings
        return dict(
            network=self.network,
            options='_'.join(self.options) or PLAIN,
            pixels=network.pixels,
            size=self.size,
            widen_factor=network.widen_factor,
            deepest=network.deepest,
            settings=description(self.recipe),
            seed=self.seed,
            epochs=self.epochs,
        )

    @property
    def base_config(self) -> Path:
        """See `Run.base_config`."""
        return BASE_CONFIG

    @property
    def changes(self) -> dict[str, Any]:
        """See `Run.changes`."""
        return changes_of(self.settings, self.recipe)

    @property
    def cost(self) -> str:
        """See `Run.cost`; options cost little."""
        return self.network

    @property
    def cpu_seconds_per_epoch(self) -> float:
        """See `Run.cpu_seconds_per_epoch`; the network is taken to need all of its budget."""
        return FACES * (LOADING_SECONDS + SECONDS_PER_GFLOP * self.settings.budget)

    @property
    def decoding(self) -> tuple[str, ...]:
        """See `Run.decoding`; parameters and operations are counted, too."""
        return (DECODING,)

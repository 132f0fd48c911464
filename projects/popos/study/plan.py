"""Which runs the study consists of, and in which order."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

from .recipes import ABLATIONS, LABELS, LossSettings

ABLATION_SIZE = 16
"""Cells along a side of the heatmaps in the ablations."""

DECODING_RECIPES = ('mse', 'mse_anchor')
"""The recipes whose 16x16 heatmaps are decoded with many settings of POPoS."""

PARTS = ('main', 'decoding', *ABLATIONS)
DEFAULT_PARTS = ('main', 'decoding', 'anchors', 'weight')


@dataclass(frozen=True)
class Run:
    """One training and what is decoded of it.

    Args:
        recipe: A key of `recipes.LABELS`.
        size: Cells along a side of the heatmap.
        seed: Seed of weights, order of the faces and augmentation.
        epochs: Length of the training.
        settings: Settings of the losses.
    """

    recipe: str
    size: int
    seed: int
    epochs: int
    settings: LossSettings = LossSettings()

    @property
    def name(self) -> str:
        """What the files of the run are called: it names every setting that is not the default."""
        default = LossSettings()
        varied = [
            f'-{field.name}-{_text(getattr(self.settings, field.name))}'
            for field in fields(LossSettings)
            if getattr(self.settings, field.name) != getattr(default, field.name)
        ]
        return f'{self.recipe}{"".join(varied)}_hm{self.size}_seed{self.seed}'

    @property
    def is_decoded_with_many_settings(self) -> bool:
        """Whether the ablations of the decoder use the heatmaps of this run."""
        return self.size == ABLATION_SIZE and self.recipe in DECODING_RECIPES


def make_plan(
    epochs: int,
    sizes: Sequence[int] = (16, 8, 4),
    seeds: Sequence[int] = (0, 1, 2),
    parts: Sequence[str] = DEFAULT_PARTS,
    ablation_sizes: Sequence[int] = (ABLATION_SIZE,),
    ablation_seeds: Sequence[int] = (0,),
) -> list[Run]:
    """Runs in the order in which they are trained, each once.

    Complete comparisons come first: all recipes of the smallest size with the first seed, then the
    next size; further seeds after that, and the ablations at the end.

    Args:
        epochs: Length of every training.
        sizes: Sizes of the main comparison.
        seeds: Seeds of the main comparison.
        parts: Parts of the study, of `PARTS`.
        ablation_sizes: Sizes of the ablations of the losses.
        ablation_seeds: Seeds of the ablations of the losses.
    """
    cases = [(seed, size) for seed in seeds for size in sorted(sizes)]
    runs: list[Run] = []
    if 'main' in parts:
        runs += [Run(recipe, size, seed, epochs) for seed, size in cases for recipe in LABELS]
    if 'decoding' in parts:
        runs += [
            Run(recipe, size, seed, epochs)
            for seed, size in cases
            for recipe in DECODING_RECIPES
            if size == ABLATION_SIZE
        ]
    for part in ABLATIONS:
        if part in parts:
            for seed in ablation_seeds:
                for size in sorted(ablation_sizes):
                    runs += ablation_runs(part, size, seed, epochs)
    return list(dict.fromkeys(runs))


def ablation_runs(part: str, size: int, seed: int, epochs: int) -> list[Run]:
    """The runs of one ablation, one for each value; the default value is a run of the main part."""
    ablation = ABLATIONS[part]
    return [
        Run(
            ablation.recipe,
            size,
            seed,
            epochs,
            replace(LossSettings(), **{ablation.setting: value}),
        )
        for value in ablation.values
    ]


def _text(value: object) -> str:
    return f'{value:g}' if isinstance(value, float) else str(value)

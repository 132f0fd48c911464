"""Which runs the study consists of, and in which order."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from projects.study.run import Run

from .recipes import ABLATIONS, LABELS, LossSettings, head_changes, used_settings

ABLATION_SIZE = 16
"""Cells along a side of the heatmaps in the ablations."""

DECODING_RECIPES = ('mse', 'mse_anchor')
"""The recipes whose 16x16 heatmaps are decoded with many settings of POPoS."""

DECODING = 'projects.popos.study.decode'

PARTS = ('main', 'decoding', *ABLATIONS)
DEFAULT_PARTS = ('main', 'decoding', 'anchors', 'weight')


@dataclass(frozen=True)
class LossRun(Run):
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
    def description(self) -> dict[str, Any]:
        """See `Run.description`; settings without effect on the recipe are left out."""
        return dict(
            recipe=self.recipe,
            size=self.size,
            seed=self.seed,
            epochs=self.epochs,
            settings=used_settings(self.recipe, self.settings),
        )

    @property
    def base_config(self) -> Path:
        """See `Run.base_config`."""
        return base_config(self.size)

    @property
    def changes(self) -> dict[str, Any]:
        """See `Run.changes`: the losses."""
        return dict(model=dict(head=head_changes(self.recipe, self.size, self.settings)))

    @property
    def decoding(self) -> tuple[str, ...]:
        """See `Run.decoding`; the ablations of the decoder use the heatmaps of some runs."""
        wanted = self.size == ABLATION_SIZE and self.recipe in DECODING_RECIPES
        return (DECODING, '--many-settings') if wanted else (DECODING,)


def base_config(size: int) -> Path:
    """The config of POPoS on ytf68 for a heatmap size, relative to the repository root."""
    return Path(f'projects/popos/configs/popos_hrnetv2-w18_1xb32-30e_ytf68-256x256-hm{size}.py')


def make_plan(
    epochs: int,
    sizes: Sequence[int] = (16, 8, 4),
    seeds: Sequence[int] = (0, 1, 2),
    parts: Sequence[str] = DEFAULT_PARTS,
    ablation_sizes: Sequence[int] = (ABLATION_SIZE,),
    ablation_seeds: Sequence[int] = (0,),
) -> list[LossRun]:
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
    runs: list[LossRun] = []
    if 'main' in parts:
        runs += [LossRun(recipe, size, seed, epochs) for seed, size in cases for recipe in LABELS]
    if 'decoding' in parts:
        runs += [
            LossRun(recipe, size, seed, epochs)
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


def ablation_runs(part: str, size: int, seed: int, epochs: int) -> list[LossRun]:
    """The runs of one ablation, one for each value; the default value is a run of the main part."""
    ablation = ABLATIONS[part]
    return [
        LossRun(
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

"""Which runs the study consists of, and in which order."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Optional

from projects.popos.study.plan import LossRun
from projects.study.run import Run

from .changes import setting_changes
from .recipes import BASE_PADDING, DEFAULT_PARTS, PARTS, RECIPES, Setting

DECODING = ('projects.gaussian_vector.study.decode',)


@dataclass(frozen=True)
class VectorRun(Run):
    """One training and what is decoded of it.

    Args:
        setting: What is trained.
        size: Cells along a side of the heatmap, and in a vector.
        seed: Seed of weights, order of the faces and augmentation.
        epochs: Length of the training.
    """

    setting: Setting
    size: int
    seed: int
    epochs: int

    @property
    def name(self) -> str:
        """See `Run.name`; it tells everything that is not the default."""
        default = asdict(Setting(self.setting.recipe))
        varied = [
            f'-{key}-{_text(value)}'
            for key, value in asdict(self.setting).items()
            if value != default[key]
        ]
        return f'{self.setting.recipe}{"".join(varied)}_hm{self.size}_seed{self.seed}'

    @property
    def description(self) -> dict[str, Any]:
        """See `Run.description`."""
        return dict(
            setting=asdict(self.setting), size=self.size, seed=self.seed, epochs=self.epochs
        )

    @property
    def base_config(self) -> Path:
        """See `Run.base_config`."""
        return self._trained.base_config

    @property
    def changes(self) -> dict[str, Any]:
        """See `Run.changes`."""
        return setting_changes(self.setting, self._trained)

    @property
    def decoding(self) -> Sequence[str]:
        """See `Run.decoding`."""
        return DECODING

    @property
    def same_training(self) -> Optional[LossRun]:
        """See `Run.same_training`: the run of POPoS' study, None if there is none.

        The two differ in how often and with which decoder they validate. That has no effect on the
        training: the order of the faces and the processes that augment them have random numbers of
        their own, and the network uses none.
        """
        own_crop = self.setting.padding == BASE_PADDING
        return self._trained if own_crop and not self.setting.has_vectors else None

    @property
    def _trained(self) -> LossRun:
        """The run of POPoS' study with the same loss."""
        return LossRun(RECIPES[self.setting.recipe].loss, self.size, self.seed, self.epochs)


def make_plan(
    epochs: int,
    sizes: Sequence[int] = (16,),
    seeds: Sequence[int] = (0, 1, 2),
    parts: Sequence[str] = DEFAULT_PARTS,
) -> list[VectorRun]:
    """Runs in the order in which they are trained, each once.

    Everything with the first seed comes first, part by part; further seeds after that.

    Args:
        epochs: Length of every training.
        sizes: Cells along a side of the heatmap.
        seeds: Seeds.
        parts: Parts of the study, of `PARTS`.
    """
    return [
        VectorRun(setting, size, seed, epochs)
        for seed in dict.fromkeys(seeds)
        for part, settings in PARTS.items()
        if part in parts
        for size in sorted(set(sizes), reverse=True)
        for setting in settings
    ]


def run_of(record: dict[str, Any]) -> VectorRun:
    """The run that a record is about."""
    given = record['setting']
    setting = Setting(**{**given, 'bandwidths': tuple(given['bandwidths'])})
    return VectorRun(setting, record['size'], record['seed'], record['epochs'])


def _text(value: Any) -> str:
    return '-'.join(map(str, value)) if isinstance(value, tuple) else f'{value:g}'

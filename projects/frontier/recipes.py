"""What a training may do otherwise than the plain one, one factor each."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Optional

PLAIN = 'plain'
"""How tables call a training without options."""

PLAIN_SIGMA = 1.0
"""In heatmap px."""


@dataclass(frozen=True)
class Recipe:
    """How a network is trained.

    Args:
        sigma: Standard deviation of the Gaussians in heatmap px.
        averaged: Whether the weights that are kept are an average over the last batches.
        jittered: Whether the boxes of the faces move and change their size more than usual.
        coordinates: Whether a loss on decoded coordinates stands beside that on heatmaps.
        anchors: Number of strongest cells that count a second time in the loss, None for none.
    """

    sigma: float = PLAIN_SIGMA
    averaged: bool = False
    jittered: bool = False
    coordinates: bool = False
    anchors: Optional[int] = None


OPTIONS: dict[str, dict[str, Any]] = {
    'ema': dict(averaged=True),
    'sigma0.75': dict(sigma=0.75),
    'sigma1.5': dict(sigma=1.5),
    'jitter': dict(jittered=True),
    'coordinate': dict(coordinates=True),
    'anchors40': dict(anchors=40),
}
"""What each option changes of the plain recipe, in the order in which names have them."""


def recipe_of(options: Sequence[str]) -> Recipe:
    """The recipe of several options.

    Args:
        options: Keys of `OPTIONS`.

    Raises:
        ValueError: If an option is unknown, or two set the same.
    """
    settings: dict[str, Any] = {}
    for option in options:
        changed = OPTIONS.get(option)
        if changed is None or settings.keys() & changed.keys():
            raise ValueError(f'{option} is no option, or sets what another one sets')
        settings.update(changed)
    return Recipe(**settings)


def sorted_options(options: Sequence[str]) -> tuple[str, ...]:
    """Options in the order of names."""
    return tuple(sorted(options, key=list(OPTIONS).index))


def description(recipe: Recipe) -> dict[str, Any]:
    """The settings as a record has them; those that are not set are left out."""
    return {name: value for name, value in asdict(recipe).items() if value is not None}

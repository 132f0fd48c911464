"""Recipes: what a run changes in the head of its base config."""

from dataclasses import dataclass
from typing import Any

HEATMAP_LOSS = dict(type='KeypointMSELoss', use_target_weight=True)

NORM_LOSS = dict(type='HeatmapNormLoss')

LABELS = {
    'mse': 'MSE',
    'mse_anchor': 'MSE + MA',
    'mse_coordinate': 'MSE + coordinate',
    'all': 'MSE + MA + coordinate',
    'norm': 'norm of all cells',
}
"""The recipes and their names in tables, in the order of the tables."""

WITH_ANCHORS = ('mse_anchor', 'all')
WITH_COORDINATES = ('mse_coordinate', 'all')


ANCHOR_SETTINGS = ('num_anchors', 'loss_weight', 'anchors_from', 'norm')
COORDINATE_SETTINGS = ('coordinate_weight', 'coordinate_loss', 'coordinate_decoder')


@dataclass(frozen=True)
class LossSettings:
    """What the ablations vary; the defaults are what the main comparison trains with.

    Args:
        num_anchors: Cells of each landmark that the anchor loss reads.
        loss_weight: Weight w of the anchor loss; the paper's best is 6.
        anchors_from: Whose strongest cells the anchor loss reads.
        norm: Norm of the anchor loss.
        coordinate_weight: Weight of the coordinate loss. The smooth L1 error of a trained network
            is about 1 px and its heatmap loss about 0.001, so with 0.001 both count alike.
        coordinate_loss: Type of the coordinate loss.
        coordinate_decoder: Codec that decodes while training.
    """

    num_anchors: int = 10
    loss_weight: float = 6.0
    anchors_from: str = 'target'
    norm: str = 'l2'
    coordinate_weight: float = 0.001
    coordinate_loss: str = 'SmoothL1Loss'
    coordinate_decoder: str = 'KeyPosS'


@dataclass(frozen=True)
class Ablation:
    """One setting of a recipe in several values.

    Args:
        setting: Field of `LossSettings`.
        values: Its values.
        recipe: The recipe that is varied.
        title: What the setting is, for tables and plots.
    """

    setting: str
    values: tuple[Any, ...]
    recipe: str
    title: str


ABLATIONS = {
    'anchors': Ablation('num_anchors', (4, 10, 25, 40), 'mse_anchor', 'Cells of the anchor loss'),
    'weight': Ablation(
        'loss_weight', (1.0, 3.0, 6.0, 10.0), 'mse_anchor', 'Weight w of the anchor loss'
    ),
    'mask': Ablation(
        'anchors_from',
        ('target', 'prediction', 'both'),
        'mse_anchor',
        'Whose strongest cells the anchor loss reads',
    ),
    'norm': Ablation('norm', ('l2', 'squared'), 'mse_anchor', 'Norm of the anchor loss'),
    'coordinate': Ablation(
        'coordinate_weight',
        (0.00001, 0.0001, 0.001, 0.01),
        'mse_coordinate',
        'Weight of the coordinate loss',
    ),
}


def used_settings(recipe: str, settings: LossSettings) -> dict[str, Any]:
    """The settings that make a difference to a recipe."""
    used = ANCHOR_SETTINGS if recipe in WITH_ANCHORS else ()
    used += COORDINATE_SETTINGS if recipe in WITH_COORDINATES else ()
    return {name: getattr(settings, name) for name in used}


def head_changes(recipe: str, size: int, settings: LossSettings) -> dict[str, Any]:
    """Changes of `model.head` that make a config train by a recipe.

    Args:
        recipe: A key of `LABELS`.
        size: Cells along a side of the heatmap.
        settings: What its losses are set to.

    Returns:
        A dict to be merged into the head's config.
    """
    loss = NORM_LOSS if recipe == 'norm' else HEATMAP_LOSS
    if recipe in WITH_ANCHORS:
        loss = dict(type='LossSum', losses=[HEATMAP_LOSS, anchor_loss(settings)])
    # `_delete_`: nothing of the base config's loss may stay.
    changes = dict(type='HeatmapHead', loss=dict(_delete_=True, **loss))
    if recipe in WITH_COORDINATES:
        changes.update(
            type='MultilaterationHead',
            decoder=codec(settings.coordinate_decoder, size),
            coordinate_loss=dict(
                type=settings.coordinate_loss,
                use_target_weight=True,
                loss_weight=settings.coordinate_weight,
            ),
        )
    return changes


def anchor_loss(settings: LossSettings) -> dict[str, Any]:
    """Config of the anchor loss."""
    return dict(
        type='MultilaterationAnchorLoss',
        num_anchors=settings.num_anchors,
        anchors_from=settings.anchors_from,
        norm=settings.norm,
        loss_weight=settings.loss_weight,
    )


def codec(name: str, size: int) -> dict[str, Any]:
    """Config of a codec for heatmaps like those of the base configs."""
    return dict(_delete_=True, type=name, input_size=(256, 256), heatmap_size=(size, size), sigma=2)

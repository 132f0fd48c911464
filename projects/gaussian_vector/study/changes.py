"""What a setting changes in its base config: head, codecs, box, validation."""

from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmpose.datasets.transforms import GetBBoxCenterScale
from mmpose.registry import TRANSFORMS

from mmpose_multilat.settings import has_class
from projects.popos.study.plan import LossRun
from projects.study.run_config import ROOT, merged

from .recipes import BASE_PADDING, RECIPES, Setting

INPUT_SIZE = (256, 256)

SIGMA = 2
"""Of Gaussians in heatmaps and vectors alike, in heatmap px."""

VALIDATION = dict(train_cfg=dict(val_interval=1))
"""After every epoch, for the curves of convergence; it takes about 5 % of the time of a run."""


def setting_changes(setting: Setting, trained: LossRun) -> dict[str, Any]:
    """Everything that a run of a setting changes.

    The codec of a head for heatmaps only decides how validation decodes: with the quarter of a cell
    toward the second maximum, the counterpart of the paper's decoding of vectors.

    Args:
        setting: The setting.
        trained: The run of POPoS' study with the same loss, size, seed and length.
    """
    if setting.has_vectors:
        codec = vector_codec(setting, trained.size)
        head = vector_head(setting, codec)
    else:
        codec = None
        head = dict(decoder=dict(_delete_=True, type='TwoHot', **geometry(trained.size)))
    changes = merged(dict(model=dict(head=head)), trained.changes)
    changes = merged(changes, pipeline_changes(trained.base_config, codec, setting.padding))
    return merged(VALIDATION, changes)


def geometry(size: int) -> dict[str, Any]:
    """Arguments that all codecs have."""
    return dict(input_size=INPUT_SIZE, heatmap_size=(size, size), sigma=SIGMA)


def vector_codec(setting: Setting, size: int) -> dict[str, Any]:
    """Config of the codec of vectors."""
    recipe = RECIPES[setting.recipe]
    return dict(
        type='GaussianVector',
        **geometry(size),
        theta=setting.theta,
        rounded=recipe.rounded,
        refine=recipe.refine,
    )


def vector_head(setting: Setting, codec: dict[str, Any]) -> dict[str, Any]:
    """Changes of the head; its layers up to the heatmap stay the base config's."""
    return dict(
        type='GaussianVectorHead',
        band_pooling=dict(bandwidths=setting.bandwidths, count_outside=setting.count_outside),
        decoder=dict(_delete_=True, **codec),
    )


def pipeline_changes(base_config: Path, encoder: Any, padding: float) -> dict[str, Any]:
    """Changes of the pipelines; a config's list cannot be changed in part, so they are in full.

    Args:
        base_config: The config, relative to the repository root.
        encoder: Codec that encodes the labels, None for that of the config.
        padding: Side of the crop in sides of the annotated box.

    Returns:
        A dict to be merged into the config, empty where nothing is to be changed.
    """
    loops = ['train'] if encoder is not None else []
    loops = ['train', 'val', 'test'] if padding != BASE_PADDING else loops
    changed = {}
    for loop in loops:
        pipeline = with_padding(pipelines(base_config)[loop], padding)
        for transform in pipeline:
            if 'encoder' in transform and encoder is not None:
                transform['encoder'] = encoder
        changed[f'{loop}_dataloader'] = dict(dataset=dict(pipeline=pipeline))
    return changed


def with_padding(pipeline: list[dict[str, Any]], padding: float) -> list[dict[str, Any]]:
    """A copy of a pipeline that crops another part of the annotated box."""
    changed = deepcopy(pipeline)
    for transform in changed:
        if has_class(transform, GetBBoxCenterScale, TRANSFORMS):
            transform['padding'] = padding
    return changed


@cache
def pipelines(base_config: Path) -> dict[str, list[dict[str, Any]]]:
    """The pipelines of a config; read once, not to be changed."""
    config = Config.fromfile(ROOT / base_config).to_dict()
    return {
        loop: config[f'{loop}_dataloader']['dataset']['pipeline']
        for loop in ('train', 'val', 'test')
    }

"""What a network and a recipe change in the base config."""

from collections.abc import Sequence
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from mmengine.config import Config

from projects.study.run_config import ROOT

from .networks import Network
from .recipes import Recipe

BASE_CONFIG = Path('projects/frontier/configs/multilat_mobilenetv2_1xb32-30e_ytf68-96x96-hm24.py')

AVERAGE = dict(
    type='EMAHook',
    ema_type='ExponentialMovingAverage',
    momentum=0.01,
    update_buffers=True,
)
"""Over about 100 batches, a little more than an epoch of ytf68. MMEngine's default of 0.0002 is for
trainings that are a hundred times as long: in 12 epochs the first weights would never be left."""

JITTER = dict(shift_factor=0.1, shift_prob=1.0, scale_factor=(0.65, 1.35))
"""Boxes move by up to a tenth of the crop and have 65 to 135 % of their size, while plain ones stay
where they are and have 75 to 125 %."""

EYES = (36, 45)
"""The outer eye corners of the 68 landmarks."""

COORDINATE_LOSS = dict(type='MPJPELoss', use_target_weight=True, loss_weight=5.0)
"""The mean error in inter-ocular distances is about 0.04 when the norm of the heatmaps is about
0.4: with this weight it counts half as much as the heatmaps."""

NORM_LOSS = dict(type='HeatmapNormLoss')


def changes_of(network: Network, recipe: Recipe) -> dict[str, Any]:
    """Settings to be merged into the base config.

    A config's list cannot be changed in part, so that pipelines and hooks are there in full.

    Args:
        network: The network.
        recipe: How it is trained.
    """
    pipelines = {
        f'{loop}_dataloader': dict(dataset=dict(pipeline=pipeline_of(loop, network, recipe)))
        for loop in ('train', 'val', 'test')
    }
    changes = dict(model=dict(backbone=backbone(network), head=head(network, recipe)), **pipelines)
    if recipe.averaged:
        changes['custom_hooks'] = [*base_settings()['custom_hooks'], AVERAGE]
    return changes


def codec_settings(network: Network, recipe: Recipe) -> dict[str, Any]:
    """What all codecs of a run have in common."""
    return dict(
        input_size=(network.pixels,) * 2, heatmap_size=(network.size,) * 2, sigma=recipe.sigma
    )


def backbone(network: Network) -> dict[str, Any]:
    """Changes of `model.backbone`."""
    return dict(stride=network.stride, widen_factor=network.widen_factor, deepest=network.deepest)


def head(network: Network, recipe: Recipe) -> dict[str, Any]:
    """Changes of `model.head`."""
    codec = codec_settings(network, recipe)
    changes = dict(
        in_channels=network.channels, conv_out_channels=(network.channels,), decoder=codec
    )
    if recipe.anchors is not None:
        anchors = dict(type='MultilaterationAnchorLoss', num_anchors=recipe.anchors)
        changes['loss'] = dict(_delete_=True, type='LossSum', losses=[NORM_LOSS, anchors])
    if recipe.coordinates:
        changes.update(
            type='MultilaterationHead',
            coordinate_loss=COORDINATE_LOSS,
            coordinate_decoder=dict(type='KeyPosS', **codec),
            coordinate_unit='ocular',
            eyes=EYES,
        )
    return changes


def pipeline_of(loop: str, network: Network, recipe: Recipe) -> list[dict[str, Any]]:
    """A pipeline with crops, labels and boxes of the run.

    Args:
        loop: 'train', 'val' or 'test'.
        network: The network.
        recipe: How it is trained.
    """
    pipeline = deepcopy(base_settings()[f'{loop}_dataloader']['dataset']['pipeline'])
    set_crops(pipeline, network.pixels)
    for transform in pipeline:
        if 'encoder' in transform:
            transform['encoder'].update(codec_settings(network, recipe))
        if recipe.jittered and transform['type'] == 'RandomBBoxTransform':
            transform.update(JITTER)
    return pipeline


def set_crops(pipeline: Sequence[dict[str, Any]], pixels: int) -> None:
    """Give the crops of a pipeline this side in px."""
    for transform in pipeline:
        if transform['type'] == 'TopdownAffine':
            transform['input_size'] = (pixels, pixels)


@cache
def base_settings() -> dict[str, Any]:
    """The base config; read once, not to be changed."""
    return Config.fromfile(ROOT / BASE_CONFIG).to_dict()

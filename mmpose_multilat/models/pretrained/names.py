"""Names of parameters in files of weights, where they are not those of MMPose's network."""

from __future__ import annotations

import re
from collections.abc import Mapping

from torch import Tensor

CLASSIFIER_PREFIX = 'backbone.'
"""How names begin in checkpoints of OpenMMLab's classifiers."""

STEM_AND_END = {
    'conv_stem': 'conv1.conv',
    'bn1': 'conv1.bn',
    'conv_head': 'conv2.conv',
    'bn2': 'conv2.bn',
}
"""The convolutions outside the blocks of MobileNetV2, by timm's names."""

BLOCK = re.compile(r'blocks\.(?P<stage>\d+)\.(?P<block>\d+)\.(?P<part>[a-z_]+\d?)')

PARTS = dict(conv_pw=0, bn1=0, conv_dw=1, bn2=1, conv_pwl=2, bn3=2)
FIRST_PARTS = dict(conv_dw=0, bn1=0, conv_pw=1, bn2=1)
"""Which of a block's convolutions a part belongs to; the blocks of the first stage do not widen
their features, and so lack the first one."""


def mobilenet_v2_names(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Give the weights of a MobileNetV2 the names that MMPose's network has.

    Args:
        weights: Of timm's network, of a classifier of OpenMMLab, or of MMPose's own network.

    Returns:
        The same by other names. What none of them has, such as timm's classifier, keeps its own.
    """
    return {_mobilenet_v2_name(name): weight for name, weight in weights.items()}


def _mobilenet_v2_name(name: str) -> str:
    if name.startswith(CLASSIFIER_PREFIX):
        return name[len(CLASSIFIER_PREFIX) :]
    module, _, tensor = name.rpartition('.')
    if module in STEM_AND_END:
        return f'{STEM_AND_END[module]}.{tensor}'
    found = BLOCK.fullmatch(module)
    if found is None:
        return name
    stage, block, part = int(found['stage']), found['block'], found['part']
    index = (PARTS if stage else FIRST_PARTS).get(part)
    kind = 'bn' if part.startswith('bn') else 'conv'
    return name if index is None else f'layer{stage + 1}.{block}.conv.{index}.{kind}.{tensor}'

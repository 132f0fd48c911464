"""The networks of the study: what they look at, how wide they are, and what they cost."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import torch
from mmengine.config import Config
from mmpose.registry import MODELS
from mmpose.utils import register_all_modules

from mmpose_multilat.analysis import Complexity, measure_complexity
from mmpose_multilat.models.backbones import MultiStrideMobileNet

BUDGETS = (0.03, 0.07, 0.15, 0.30)
"""In GFLOPs: multiply-accumulate operations of one pass over one face in 10^9."""

DEFAULT_DEEPEST = 16
"""Stride behind which a network ends unless its name says another one."""


@dataclass(frozen=True)
class Network:
    """A `MultiStrideMobileNet` and its input.

    Args:
        budget: Which of `BUDGETS` it belongs to.
        pixels: Side of the input in px.
        stride: Input px per cell of the heatmap.
        widen_factor: Factor of the widths of MobileNetV2.
        deepest: Stride of the deepest features.
    """

    budget: float
    pixels: int
    stride: int
    widen_factor: float = 1.0
    deepest: int = DEFAULT_DEEPEST

    @property
    def size(self) -> int:
        """Cells along a side of the heatmap."""
        return self.pixels // self.stride

    @property
    def name(self) -> str:
        """How names of runs begin."""
        deepest = '' if self.deepest == DEFAULT_DEEPEST else f'_d{self.deepest}'
        return f'px{self.pixels}_hm{self.size}_w{self.widen_factor:g}{deepest}'

    @property
    def channels(self) -> int:
        """Channels of the joined map, which the head takes."""
        return _channels(self.stride, self.widen_factor, self.deepest)


def _by_name(networks: Iterable[Network]) -> dict[str, Network]:
    return {network.name: network for network in networks}


MAIN = _by_name(
    [
        Network(0.03, pixels=64, stride=4),
        Network(0.07, pixels=96, stride=4),
        Network(0.15, pixels=160, stride=8),
        Network(0.30, pixels=224, stride=8),
    ]
)
"""One network for each budget. All have the same weights, so that only the input grows."""

ALTERNATIVES = _by_name(
    [
        Network(0.03, pixels=80, stride=4, widen_factor=0.75),
        Network(0.03, pixels=128, stride=8, widen_factor=0.5),
        Network(0.07, pixels=128, stride=8, widen_factor=0.75),
        Network(0.07, pixels=192, stride=8, widen_factor=0.5),
        Network(0.15, pixels=128, stride=4),
        Network(0.15, pixels=192, stride=8, widen_factor=0.75),
        Network(0.30, pixels=192, stride=8),
        Network(0.30, pixels=192, stride=4),
        Network(0.30, pixels=256, stride=16, widen_factor=0.75, deepest=32),
    ]
)
"""Other ways to spend a budget: a larger input with a narrower network, more cells, more depth."""

NETWORKS = {**MAIN, **ALTERNATIVES}


@cache
def _channels(stride: int, widen_factor: float, deepest: int) -> int:
    with torch.device('meta'):  # takes neither memory nor random numbers
        return MultiStrideMobileNet(stride, widen_factor, deepest).out_channels


def complexity_of(config: Config) -> Complexity:
    """Count parameters and operations of the network of a config; its weights do not matter."""
    register_all_modules()
    settings = config.model.copy()
    settings.backbone = dict(settings.backbone, init_cfg=None)
    model = MODELS.build(settings)
    model.eval()
    return measure_complexity(model, tuple(model.head.decoder.input_size))

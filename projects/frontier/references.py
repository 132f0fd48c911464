"""What the networks are compared with: FastHRNet in the same trainer, and published results."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Optional

from mmengine.config import Config

from mmpose_multilat.analysis import Complexity
from projects.multilat.low_resolution import plan as low_resolution
from projects.multilat.low_resolution.selection import nme_summary
from projects.study.results import read_results
from projects.study.run_config import ROOT
from projects.study.summary import Summary, sizes_in

from .changes import base_settings, changes_of
from .networks import NETWORKS, complexity_of
from .recipes import PLAIN_SIGMA, Recipe
from .selection import DECODER

FAST_HRNET_RESULTS = Path('projects/multilat/low_resolution/results/ytf68_12e')
FAST_HRNET_EPOCHS = 12
FAST_HRNET_PIXELS = 256


@dataclass(frozen=True)
class Published:
    """What a paper or its authors' page reports on the test set of WFLW, 98 landmarks.

    Args:
        label: Method and network.
        heatmap: Cells of its maps; those of H3R are a quarter of the input.
        parameters_million: Number of parameters in millions.
        gflops: GFLOPs as published.
        nme: NME by inter-ocular distance in %.
        source: Where it is from.
    """

    label: str
    heatmap: str
    parameters_million: float
    gflops: float
    nme: float
    source: str


H3R = 'H3R (arXiv:2009.00225), page of its code'
PIPNET = 'PIPNet (arXiv:2003.03771), as KeyPosS reports it in table 4'
KEYPOSS = 'KeyPosS (arXiv:2305.16437), tables 5 and 6'

PUBLISHED = (
    Published('KeyPosS, FastHRNet 256 px', '4x4', 9.64, 0.03, 12.04, KEYPOSS),
    Published('KeyPosS, FastHRNet 256 px', '8x8', 9.66, 0.07, 7.68, KEYPOSS),
    Published('H3R, MobileNetV2 128 px', '32x32', 0.60, 0.13, 4.72, H3R),
    Published('H3R, MobileNetV2 160 px', '40x40', 0.60, 0.20, 4.58, H3R),
    Published('KeyPosS, FastHRNet 256 px', '16x16', 9.74, 0.30, 4.94, KEYPOSS),
    Published('H3R, MobileNetV2 256 px', '64x64', 0.60, 0.51, 4.45, H3R),
    Published('PIPNet, ResNet18 256 px', '8x8', 12.0, 2.4, 4.57, PIPNET),
)
"""By operations. None of them belongs beside results on ytf68."""


@dataclass(frozen=True)
class Reference:
    """FastHRNet with heatmaps of one size.

    Args:
        size: Cells along a side of the heatmap.
        complexity: Of the network.
        nme: Over the seeds, None where it was not measured.
    """

    size: int
    complexity: Complexity
    nme: Optional[Summary]


def fast_hrnets() -> list[Reference]:
    """FastHRNet by size, trained as the plain recipe here: norm loss, sigma 1, 12 epochs."""
    results, _ = read_results(ROOT / FAST_HRNET_RESULTS, low_resolution.run_of)
    setting = 'msra', PLAIN_SIGMA
    chosen = [each for each in results if (each.run.alignment, each.run.sigma) == setting]
    return [
        Reference(size, _fast_hrnet(size), nme_summary(results, size, setting, DECODER))
        for size in sizes_in(chosen)
    ]


@cache
def _fast_hrnet(size: int) -> Complexity:
    run = low_resolution.LowResolutionRun('msra', PLAIN_SIGMA, size, 0, FAST_HRNET_EPOCHS)
    return complexity_of(Config.fromfile(ROOT / run.base_config))


@cache
def complexity_by_name(name: str) -> Complexity:
    """Parameters and operations of a network of the study.

    Args:
        name: A key of `NETWORKS`.
    """
    config = Config(dict(model=base_settings()['model']))
    config.merge_from_dict(dict(model=changes_of(NETWORKS[name], Recipe())['model']))
    return complexity_of(config)

"""Parameters and operations of a network."""

from dataclasses import dataclass
from typing import Any

import torch
from mmengine.analysis import FlopAnalyzer
from mmpose.models import TopdownPoseEstimator
from torch import Tensor, nn

from mmpose_multilat.models.pose_estimators import image_channels, look


@dataclass(frozen=True)
class Complexity:
    """Size of a network.

    Attributes:
        parameters_million: Number of parameters in millions, unused ones included.
        gflops: Multiply-accumulate operations of one pass over one face in 10^9, which the papers
            and MMPose call FLOPs; decoding is not counted, the flip test makes two passes.
    """

    parameters_million: float
    gflops: float


class _Raw(nn.Module):
    """From crops to what the head puts out, without labels and decoding."""

    def __init__(self, model: TopdownPoseEstimator) -> None:
        super().__init__()
        self.model = model

    def forward(self, inputs: Tensor) -> Any:
        return look(self.model, inputs).outputs


def measure_complexity(model: TopdownPoseEstimator, input_size: tuple[int, int]) -> Complexity:
    """Count parameters and operations of a pose estimator.

    Args:
        model: The pose estimator, in evaluation mode.
        input_size: Size (w, h) of its input in px.

    Returns:
        Its complexity.
    """
    width, height = input_size
    device = next(model.parameters()).device
    inputs = torch.zeros(1, image_channels(model), height, width, device=device)
    # Normalisation and interpolation count as free, which the analyser would report one by one.
    analyser = FlopAnalyzer(_Raw(model), (inputs,))
    analyser.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
    with torch.no_grad():
        operations = analyser.total()
    return Complexity(sum(each.numel() for each in model.parameters()) / 1e6, operations / 1e9)

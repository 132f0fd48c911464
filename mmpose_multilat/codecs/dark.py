"""DARK: a Taylor expansion of the blurred log heatmap at its maximum.

Zhang et al., "Distribution-Aware Coordinate Representation for Human Pose Estimation", CVPR 2020;
KeyPosS equation (8).
"""

from dataclasses import dataclass

from mmpose.registry import KEYPOINT_CODECS
from torch import Tensor

from mmpose_multilat.landmarks.checks import check_whole
from mmpose_multilat.multilateration import Peaks, blurred_neighbourhood, taylor_shift

from .base import HeatmapCodec, Refinement


@KEYPOINT_CODECS.register_module()
@dataclass(eq=False)
class Dark(HeatmapCodec):
    """The numbers of MMPose's `MSRAHeatmap(unbiased=True)`, batched.

    A maximum within two cells of the border is not refined, as there: at 4x4 this is one-hot
    decoding.

    Args:
        input_size: See `HeatmapCodec`, also for its other arguments.
        blur_kernel_size: Odd side of the Gaussian blur before the expansion, in cells; 11 suits
            sigma 2.
    """

    blur_kernel_size: int = 11

    def __post_init__(self) -> None:
        super().__post_init__()
        size = check_whole('blur_kernel_size', self.blur_kernel_size, smallest=1)
        if size % 2 == 0:
            raise ValueError(f'blur_kernel_size={size} must be odd')
        self.blur_kernel_size = size

    @property
    def differentiable(self) -> bool:
        """See `HeatmapCodec.differentiable`."""
        return True

    def refine(self, heatmaps: Tensor, peaks: Peaks) -> Refinement:
        """See `HeatmapCodec.refine`."""
        shift = taylor_shift(blurred_neighbourhood(heatmaps, peaks.cells, self.blur_kernel_size))
        x, y = peaks.cells.unbind(-1)
        height, width = heatmaps.shape[-2:]
        inner = (x >= 2) & (x < width - 2) & (y >= 2) & (y < height - 2)
        return Refinement(peaks.cells + shift.masked_fill(~inner.unsqueeze(-1), 0))

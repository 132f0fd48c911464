"""DARK: a Taylor expansion of the blurred log heatmap at its maximum.

Zhang et al., "Distribution-Aware Coordinate Representation for Human Pose Estimation", CVPR 2020;
KeyPosS equation (8).
"""

from mmpose.registry import KEYPOINT_CODECS
from torch import Tensor

from mmpose_multilat.landmarks.checks import check_whole
from mmpose_multilat.multilateration import (
    accept_refinement,
    blurred_neighbourhood,
    find_peaks,
    largest_shift,
    taylor_shift,
)

from .base import HeatmapCodec


@KEYPOINT_CODECS.register_module()
class Dark(HeatmapCodec):
    """The numbers of MMPose's `MSRAHeatmap(unbiased=True)`, batched.

    A maximum within two cells of the border is not refined, as there: at 4x4 this is one-hot
    decoding.

    Args:
        input_size: See `HeatmapCodec`, also for the next four.
        heatmap_size: Size (W, H) in cells.
        sigma: In heatmap px.
        unbiased: Whether the exact position is encoded.
        alignment: 'msra' or 'udp'.
        blur_kernel_size: Odd side of the Gaussian blur before the expansion, in cells; 11 suits
            sigma 2.
        beyond_box: See `HeatmapCodec`.
    """

    def __init__(
        self,
        input_size: tuple[int, int],
        heatmap_size: tuple[int, int],
        sigma: float = 2.0,
        unbiased: bool = True,
        alignment: str = 'msra',
        blur_kernel_size: int = 11,
        beyond_box: bool = False,
    ) -> None:
        super().__init__(input_size, heatmap_size, sigma, unbiased, alignment, beyond_box)
        self.blur_kernel_size = check_whole('blur_kernel_size', blur_kernel_size, smallest=1)
        if self.blur_kernel_size % 2 == 0:
            raise ValueError(f'blur_kernel_size={blur_kernel_size} must be odd')

    @property
    def differentiable(self) -> bool:
        """See `HeatmapCodec.differentiable`."""
        return True

    def locate(self, heatmaps: Tensor) -> tuple[Tensor, Tensor]:
        """See `HeatmapCodec.locate`."""
        peaks = find_peaks(heatmaps)
        shift = taylor_shift(blurred_neighbourhood(heatmaps, peaks.cells, self.blur_kernel_size))
        x, y = peaks.cells.unbind(-1)
        height, width = heatmaps.shape[-2:]
        inner = (x >= 2) & (x < width - 2) & (y >= 2) & (y < height - 2)
        shift = shift.masked_fill(~inner.unsqueeze(-1), 0)
        limit = largest_shift(self.sigma)
        coordinates, scores = accept_refinement(peaks, peaks.cells + shift, limit)
        return self._follow_beyond_box(heatmaps, peaks, coordinates), scores

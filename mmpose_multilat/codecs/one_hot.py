"""One-hot decoding: the centre of the strongest cell (KeyPosS equation (5))."""

from mmpose.registry import KEYPOINT_CODECS
from torch import Tensor

from mmpose_multilat.multilateration import Peaks

from .base import HeatmapCodec, Refinement


@KEYPOINT_CODECS.register_module()
class OneHot(HeatmapCodec):
    """The landmark is the centre of the strongest cell; wrong by 0.38 cells on average.

    Arguments: see `HeatmapCodec`.
    """

    def refine(self, heatmaps: Tensor, peaks: Peaks) -> Refinement:
        """See `HeatmapCodec.refine`."""
        return Refinement(peaks.cells.to(peaks.responses.dtype))

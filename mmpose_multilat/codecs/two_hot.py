"""Two-hot decoding: a quarter of a cell toward the second maximum (KeyPosS equation (6))."""

import torch
from mmpose.registry import KEYPOINT_CODECS
from torch import Tensor

from mmpose_multilat.multilateration import Peaks, strongest_cells

from .base import HeatmapCodec, Refinement

SHIFT = 0.25
"""Length of the step in heatmap px, from the stacked hourglass network."""


@KEYPOINT_CODECS.register_module()
class TwoHot(HeatmapCodec):
    """From the strongest cell m toward the second strongest s: m + 0.25 (s - m) / |s - m|.

    The paper prints (m - s), which would move away from it. Arguments: see `HeatmapCodec`.
    """

    def refine(self, heatmaps: Tensor, peaks: Peaks) -> Refinement:
        """See `HeatmapCodec.refine`."""
        cells, responses = strongest_cells(heatmaps, 2, peaks)
        first, second = cells.unbind(-2)
        # Of two equal cells the order of `strongest_cells` need not be that of `find_peaks`.
        in_order = (first == peaks.cells).all(-1, keepdim=True)
        toward = (torch.where(in_order, second, first) - peaks.cells).to(responses.dtype)
        return Refinement(peaks.cells + SHIFT * toward / toward.norm(dim=-1, keepdim=True))

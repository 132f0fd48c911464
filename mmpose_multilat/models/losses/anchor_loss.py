"""Multilateration anchor loss: errors of the cells that multilateration reads (POPoS eq. (1))."""

from typing import Optional

import torch
from mmpose.registry import MODELS
from torch import Tensor, nn

from mmpose_multilat.landmarks.checks import check_choice, check_flag, check_number, check_whole
from mmpose_multilat.multilateration import strongest_cells

from .reduction import mean_over_landmarks, root

ANCHOR_SOURCES = ('target', 'prediction', 'both')
NORMS = ('l2', 'squared')


def anchor_errors(
    predicted: Tensor, target: Tensor, num_anchors: int = 10, anchors_from: str = 'target'
) -> Tensor:
    """Squared heatmap errors of every landmark, summed over its strongest cells.

    Args:
        predicted: (..., H, W) heatmaps of the network.
        target: (..., H, W) heatmaps of the labels.
        num_anchors: How many of the strongest cells count, at most H * W.
        anchors_from: Whose strongest cells: 'target', 'prediction', or 'both' (each cell once).

    Returns:
        (...) sums of squares, at least float32. Gradients flow through the values of the chosen
        cells only.
    """
    sources = dict(target=(target,), prediction=(predicted,), both=(target, predicted))
    chosen = [_flat_index(heatmaps, num_anchors) for heatmaps in sources[anchors_from]]
    index = torch.cat(chosen, -1)  # (..., A)
    values = [heatmaps.flatten(-2).gather(-1, index) for heatmaps in (predicted, target)]
    # Mixed precision: squares of small float16 errors would vanish.
    values = [value.to(torch.promote_types(value.dtype, torch.float32)) for value in values]
    squares = (values[0] - values[1]).square()
    if len(chosen) == 2:
        repeated = (chosen[1].unsqueeze(-1) == chosen[0].unsqueeze(-2)).any(-1)
        counted = torch.cat((torch.ones_like(repeated), ~repeated), -1)
        squares = squares * counted
    return squares.sum(-1)


def _flat_index(heatmaps: Tensor, count: int) -> Tensor:
    """(..., count) positions of the strongest cells in heatmaps flattened to H * W."""
    cells, _ = strongest_cells(heatmaps.detach(), count)
    return cells[..., 1] * heatmaps.shape[-1] + cells[..., 0]


@MODELS.register_module()
class MultilaterationAnchorLoss(nn.Module):
    """Heatmap error on the strongest cells of each landmark, averaged over landmarks and faces.

    Equation (1) masks both heatmaps to the top K cells and takes the norm of their difference. The
    paper leaves open whose top cells, and whether the norm is squared; both are arguments. Where
    it sums over landmarks this loss averages, as MMPose's losses do, so that its weight does not
    depend on the number of landmarks.

    Args:
        num_anchors: Number of cells K of each landmark; POPoS decodes from as many.
        anchors_from: 'target', 'prediction' or 'both'.
        norm: 'l2' for the root of the summed squares, as printed, 'squared' for the sum itself.
        loss_weight: Factor of the loss; the paper's w.
        use_target_weight: Whether `target_weights` scale the landmarks.

    Raises:
        ValueError: If an argument is out of its range.
    """

    def __init__(
        self,
        num_anchors: int = 10,
        anchors_from: str = 'target',
        norm: str = 'l2',
        loss_weight: float = 1.0,
        use_target_weight: bool = True,
    ) -> None:
        super().__init__()
        self.num_anchors = check_whole('num_anchors', num_anchors, 1)
        self.anchors_from = check_choice('anchors_from', anchors_from, ANCHOR_SOURCES)
        self.norm = check_choice('norm', norm, NORMS)
        self.loss_weight = check_number('loss_weight', loss_weight, smallest=0)
        self.use_target_weight = check_flag('use_target_weight', use_target_weight)

    def forward(
        self, output: Tensor, target: Tensor, target_weights: Optional[Tensor] = None
    ) -> Tensor:
        """Compute the loss.

        Args:
            output: (B, K, H, W) heatmaps of the network.
            target: (B, K, H, W) heatmaps of the labels.
            target_weights: (B, K) weights of the landmarks.

        Returns:
            The loss, a scalar; 0 for an empty batch.
        """
        anchors = min(self.num_anchors, output.shape[-2] * output.shape[-1])
        errors = anchor_errors(output, target, anchors, self.anchors_from)  # (B, K)
        if self.norm == 'l2':
            errors = root(errors)
        weights = target_weights if self.use_target_weight else None
        return self.loss_weight * mean_over_landmarks(errors, weights)

"""Band pooling: a heatmap becomes a vector for each axis.

Xiong et al., "Gaussian Vector: An Efficient Solution for Facial Landmark Detection", ACCV 2020,
section 3.3.
"""

import math
from collections.abc import Sequence
from typing import Optional

from torch import Tensor, nn
from torch.nn import functional as F

from mmpose_multilat.landmarks.checks import check_flag, check_positive, is_whole

BANDWIDTHS = (3, 5)
"""The best pair of the paper's table 8."""

ROUNDING = 1e-6
"""Weights such as three times 1 / 3 need not add up to 1 to the last digit."""


class BandPooling(nn.Module):
    """Average over bands that slide over the heatmap, across its whole height or width.

    Element i of the x vector is the mean over all H rows and the l columns centred at column i,
    element j of the y vector that over all W columns and the l rows centred at row j. Vectors of
    several bandwidths l are added up with weights (equation (5)). The mean over a band is a mean of
    column means, so that each heatmap is read once for each axis, whatever the bandwidths. There is
    nothing to learn.

    Args:
        bandwidths: Odd numbers of cells; the paper tries 1 to 7.
        weights: A positive weight for each bandwidth, adding up to 1; (alpha, 1 - alpha) for two.
            Equal ones if None, alpha = 0.5.
        count_outside: Whether columns and rows outside the heatmap count as zero (the paper's). The
            band at an end then holds a part of what the next one holds, so that a maximum at the
            end, which the beyond-box rule asks for, needs negative cells further in. False takes
            the mean of the columns and rows inside.

    Raises:
        ValueError: If an argument is out of its range; the message lists what is allowed.
    """

    def __init__(
        self,
        bandwidths: Sequence[int] = BANDWIDTHS,
        weights: Optional[Sequence[float]] = None,
        count_outside: bool = True,
    ) -> None:
        super().__init__()
        self.bandwidths = _check_bandwidths(bandwidths)
        self.weights = _check_weights(weights, len(self.bandwidths))
        self.count_outside = check_flag('count_outside', count_outside)

    def forward(self, heatmaps: Tensor) -> tuple[Tensor, Tensor]:
        """Pool heatmaps.

        Args:
            heatmaps: (..., H, W) heatmaps.

        Returns:
            (..., W) vectors along x and (..., H) vectors along y, in the unit of the heatmaps.
        """
        return self._smooth(heatmaps.mean(-2)), self._smooth(heatmaps.mean(-1))

    def _smooth(self, means: Tensor) -> Tensor:
        """Weighted sum of the moving averages of (..., L) means of columns or rows."""
        if means.numel() == 0:  # `avg_pool1d` refuses an empty batch
            return means
        rows = means.flatten(0, -2) if means.ndim > 1 else means.unsqueeze(0)
        smooth = sum(
            weight
            * F.avg_pool1d(
                rows, width, stride=1, padding=width // 2, count_include_pad=self.count_outside
            )
            for width, weight in zip(self.bandwidths, self.weights)
        )
        return smooth.reshape(means.shape)

    def extra_repr(self) -> str:
        """What `print` shows of the layer."""
        return (
            f'bandwidths={self.bandwidths}, weights={self.weights}, '
            f'count_outside={self.count_outside}'
        )


def _check_bandwidths(bandwidths: Sequence[int]) -> tuple[int, ...]:
    """The bandwidths as a tuple, or ValueError."""
    try:
        found = tuple(bandwidths)
    except TypeError:
        found = ()
    whole = all(is_whole(each) for each in found)
    if not found or not whole or any(each < 1 or each % 2 == 0 for each in found):
        raise ValueError(
            f'bandwidths={bandwidths!r} must be a list of odd whole numbers of at least 1, for '
            'instance (3, 5): a band has its centre on a column or row'
        )
    return tuple(map(int, found))


def _check_weights(weights: Optional[Sequence[float]], count: int) -> tuple[float, ...]:
    """One weight for each bandwidth, or ValueError."""
    if weights is None:
        return (1 / count,) * count
    try:
        found = tuple(check_positive('weights', each) for each in weights)
    except (TypeError, ValueError):
        found = ()
    if len(found) != count or not math.isclose(sum(found), 1, abs_tol=ROUNDING):
        raise ValueError(
            f'weights={weights!r} must be {count} numbers above 0 that add up to 1, one for each '
            'of the bandwidths, or None for equal ones'
        )
    return found

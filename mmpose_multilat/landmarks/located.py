"""Landmarks that were located: the one answer of codecs, heads and pose estimators."""

from collections.abc import Sequence
from typing import NamedTuple, Union

import torch
from torch import Tensor

from .crops import CropGeometry

Partners = Union[Tensor, Sequence[int]]


class Located(NamedTuple):
    """Landmarks with their scores and perhaps covariances; all methods return new values.

    Attributes:
        coordinates: (..., K, 2) landmarks (x, y), finite; the unit is said by whoever gives them:
            codecs can answer in heatmap px, heads answer in input px.
        scores: (..., K), 0 where a landmark is not to be trusted.
        covariances: (..., K, 2, 2) [[xx, xy], [xy, yy]] of the error in the unit squared, NaN where
            the score is 0; None where they were not asked for.
    """

    coordinates: Tensor
    scores: Tensor
    covariances: Tensor | None = None

    def mirrored(self, width: int, partners: Partners) -> 'Located':
        """Landmarks in input px of flipped images as landmarks of the images.

        Flipping an image puts pixel x to w - 1 - x, whatever the decoder, the size of the heatmap
        and its alignment.

        Args:
            width: Width w of the network's input in px.
            partners: (K,) index of the landmark on the other side for each landmark.

        Raises:
            ValueError: If the partners do not name each landmark once.
        """
        order = self._order(partners)
        x, y = self.coordinates.index_select(-2, order).unbind(-1)
        covariances = self.covariances
        if covariances is not None:
            # x changes its sign and y does not, so that the covariance of the two does.
            signs = covariances.new_tensor(((1, -1), (-1, 1)))
            covariances = covariances.index_select(-3, order) * signs
        coordinates = torch.stack((width - 1 - x, y), -1)
        return Located(coordinates, self.scores.index_select(-1, order), covariances)

    def _order(self, partners: Partners) -> Tensor:
        """The partners as indices on the device."""
        if isinstance(partners, Tensor):  # checked when the graph was built
            return partners
        count, partners = self.scores.shape[-1], list(partners)
        if sorted(partners) != list(range(count)):
            raise ValueError(
                f'flip_indices must name each of the {count} landmarks of the head once, got '
                f'{partners}; they come from `swap` in the metainfo of the dataset'
            )
        return torch.tensor(partners, device=self.scores.device)

    def averaged(self, other: 'Located') -> 'Located':
        """Average with what was located in another view of the same faces.

        Both views count alike: weights by score change the error of trained networks by less than
        0.02 % NME. A landmark that is trusted (score above 0, finite) in one view only is taken
        from there, with its covariance; its score is halved.

        The covariance of an average is taken as the mean of the two covariances. The errors of one
        network in two views of one face are not independent, and how much they have in common is
        not known; the mean is an upper bound whatever that is, since it is the covariance of the
        average plus that of half the difference. It is reached if both err alike.
        """
        first, second = self._trusted(), other._trusted()
        covariances = None
        if self.covariances is not None and other.covariances is not None:
            covariances = _merge(self.covariances, other.covariances, first, second)
        return Located(
            _merge(self.coordinates, other.coordinates, first, second),
            (self.scores + other.scores) / 2,
            covariances,
        )

    def _trusted(self) -> Tensor:
        """(..., K) whether a landmark may be averaged."""
        return (self.scores > 0) & self.coordinates.isfinite().all(-1)

    def selected(self, landmarks: Sequence[int]) -> 'Located':
        """Only the landmarks of these indices, in their order."""
        order, covariances = list(landmarks), self.covariances
        if covariances is not None:
            covariances = covariances[..., order, :, :]
        return Located(self.coordinates[..., order, :], self.scores[..., order], covariances)

    def to_image(self, crops: CropGeometry) -> 'Located':
        """The same landmarks in px of the images that the crops were cut from.

        Args:
            crops: Geometry of the crops, tensors of the leading shape.
        """
        covariances = self.covariances
        if covariances is not None:
            covariances = crops.covariance_to_image(covariances)
        return Located(crops.to_image(self.coordinates), self.scores, covariances)


def _merge(first: Tensor, second: Tensor, trusted: Tensor, other_trusted: Tensor) -> Tensor:
    """The average where both (..., K) are trusted or none is, else the one that is."""
    extra = (1,) * (first.ndim - trusted.ndim)
    trusted = trusted.reshape(*trusted.shape, *extra)
    other_trusted = other_trusted.reshape(*other_trusted.shape, *extra)
    alone = torch.where(trusted, first, second)
    return torch.where(trusted == other_trusted, (first + second) / 2, alone)

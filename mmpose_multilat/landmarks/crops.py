"""Where the crop that a network sees lies in the image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:  # where an exported network runs there may be no torch
    from torch import Tensor

Array = TypeVar('Array', np.ndarray, 'Tensor')


@dataclass(frozen=True)
class CropGeometry:
    """The regions of images that were scaled to the network's input, not rotated.

    Args:
        centre: (..., 2) centres (x, y) of the regions in px of the image.
        size: (..., 2) their widths and heights in px of the image.
        input_size: Size (w, h) of the network's input in px.
        use_udp: Whether crops are cut as by MMPose's `TopdownAffine(use_udp=True)`: the region
            reaches from the middle of the first px to that of the last, w - 1 px apart, instead of
            w px from the one's outer side to the other's.

    All of NumPy or all of torch; coordinates that are given are of the same kind.
    """

    centre: np.ndarray | Tensor
    size: np.ndarray | Tensor
    input_size: tuple[int, int]
    use_udp: bool = False

    @property
    def scale(self) -> np.ndarray | Tensor:
        """(..., 2) px of the image in one input px, along x and y."""
        width, height = (side - int(self.use_udp) for side in self.input_size)
        return self.size / _like(self.size, (width, height))

    def to_image(self, coordinates: Array) -> Array:
        """(..., K, 2) landmarks (x, y) in input px to px of the image."""
        corner = self.centre - self.size / 2
        return coordinates * self.scale[..., None, :] + corner[..., None, :]

    def to_input(self, coordinates: Array) -> Array:
        """(..., K, 2) landmarks (x, y) in px of the image to input px."""
        corner = self.centre - self.size / 2
        return (coordinates - corner[..., None, :]) / self.scale[..., None, :]

    def covariance_to_image(self, covariances: Array) -> Array:
        """(..., K, 2, 2) covariances in input px squared to px of the image squared."""
        scale = self.scale[..., None, :]
        return covariances * (scale[..., :, None] * scale[..., None, :])


def _like(array: Array, values: tuple[float, float]) -> Array:
    """Two numbers as an array of the same kind, type and device."""
    if isinstance(array, np.ndarray):
        return np.asarray(values, array.dtype)
    return array.new_tensor(values)

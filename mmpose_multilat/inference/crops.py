"""Cutting faces out as MMPose's transforms do, with OpenCV and NumPy alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import cv2
import numpy as np

from mmpose_multilat.landmarks import CropGeometry

from .boxes import Box
from .frames import Frame
from .readings import IN_COLOUR, Reading


@dataclass(frozen=True)
class Crop:
    """A face as the network takes it.

    Attributes:
        image: (h, w, C), mostly uint8 BGR.
        region: Where it lies in the frame's image, NumPy.
    """

    image: np.ndarray
    region: CropGeometry


class Cropper(Protocol):
    """Cuts faces out.

    Attributes:
        reading: How it wants its images.
        left_out: Names of the steps of a pipeline that are left out, '' for none.
    """

    reading: Reading
    left_out: str

    def __call__(self, frame: Frame, box: Box) -> Crop:
        """Cut a face out."""


def join_regions(crops: Sequence[Crop]) -> CropGeometry:
    """The regions of B crops for one network as one value of arrays."""
    regions = [crop.region for crop in crops]
    centre = np.stack([region.centre for region in regions])
    size = np.stack([region.size for region in regions])
    return replace(regions[0], centre=centre, size=size)


class AffineCropper:
    """Cuts the same crops, to the bit, as MMPose's `GetBBoxCenterScale` and `TopdownAffine`.

    Args:
        input_size: Size (w, h) of the crops in px.
        padding: Factor that boxes are enlarged by.
        use_udp: As in `TopdownAffine`.
        reading: How images are read.
    """

    left_out = ''

    def __init__(
        self,
        input_size: tuple[int, int],
        padding: float,
        use_udp: bool = False,
        reading: Reading = IN_COLOUR,
    ) -> None:
        self.reading = reading
        self._input_size = tuple(input_size)
        self._padding, self._use_udp = padding, use_udp

    def __call__(self, frame: Frame, box: Box) -> Crop:
        """Cut a face out."""
        region = self._region(box)
        image = self.reading.as_loaded(frame.image if frame.shown is None else frame.shown)
        crop = cv2.warpAffine(image, warp_matrix(region), self._input_size, flags=cv2.INTER_LINEAR)
        return Crop(crop if crop.ndim == 3 else crop[..., None], region)

    def _region(self, box: Box) -> CropGeometry:
        """The box, enlarged, with the shape of the input."""
        # As in MMPose all of this is in float32, which only arrays keep with every NumPy.
        corners = np.array(box.corners, np.float32)
        centre = (corners[2:] + corners[:2]) * 0.5
        width, height = np.split((corners[2:] - corners[:2]) * self._padding, 2)
        ratio = self._input_size[0] / self._input_size[1]
        if width > height * ratio:
            height = width / ratio
        else:
            width = height * ratio
        size = np.concatenate((width, height)).astype(np.float64)
        return CropGeometry(centre.astype(np.float64), size, self._input_size, self._use_udp)


def warp_matrix(region: CropGeometry) -> np.ndarray:
    """(2, 3) matrix that takes (x, y, 1) in px of the image to px of the crop.

    The order of operations and the types are those of MMPose's `get_warp_matrix` and
    `get_udp_warp_matrix` without rotation, so that nothing is rounded otherwise.

    Args:
        region: Of one crop, NumPy.
    """
    place = np.float32(region.centre), np.float32(region.size), region.input_size
    return _udp_matrix(*place) if region.use_udp else _plain_matrix(*place)


def _plain_matrix(centre: np.ndarray, size: np.ndarray, input_size: tuple[int, int]) -> np.ndarray:
    """From the centre, the middle of the left side, and a third point at a right angle to them."""
    width, height = input_size
    image = _three_points(centre, centre + np.array([size[0] * -0.5, 0.0]))
    middle = np.array([width * 0.5, height * 0.5])
    return cv2.getAffineTransform(image, _three_points(middle, middle - [width * 0.5, 0.0]))


def _three_points(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """(3, 2) float32: two points, and the second turned round the first's direction."""
    points = np.zeros((3, 2), np.float32)
    points[0], points[1] = first, second
    x, y = points[0] - points[1]
    points[2] = points[1] + np.array([-y, x])
    return points


def _udp_matrix(centre: np.ndarray, size: np.ndarray, input_size: tuple[int, int]) -> np.ndarray:
    """From the sides, w - 1 px apart."""
    matrix = np.zeros((2, 3), np.float32)
    for axis, side in enumerate(input_size):
        scale = (side - 1) / size[axis]
        corner = -0.5 * (centre[axis] * 2) + 0.5 * size[axis]
        matrix[axis, axis], matrix[axis, 2] = scale, scale * corner
    return matrix

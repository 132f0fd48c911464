"""Where a face is; detectors and files of known boxes are in modules of their own."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any, Optional, Union

import numpy as np

from mmpose_multilat.errors import UserError

SMALLEST_BOX = 1.0
"""Sides below one px, and negative ones, are mistakes of what made the box."""

LARGEST_BOX = 1e6
"""Far beyond every image; larger ones leave float32, in which MMPose calculates."""


@dataclass(frozen=True)
class Box:
    """A face's box in px of the image.

    Attributes:
        x: Left side.
        y: Upper side.
        width: Width w.
        height: Height h.
        score: Confidence of the detector; None where there is none.
    """

    x: float
    y: float
    width: float
    height: float
    score: Optional[float] = None

    @property
    def corners(self) -> tuple[float, float, float, float]:
        """Left, upper, right and lower side, as MMPose takes them."""
        return self.x, self.y, self.x + self.width, self.y + self.height


AnyBox = Union[Box, Sequence[float]]
"""A box, or its numbers [x, y, w, h] or [x, y, w, h, score] in px of the image."""

Detector = Callable[[np.ndarray], Iterable[AnyBox]]
"""Gives the boxes of the faces in a (h, w, 3) uint8 BGR image, in an order that depends on the
image alone. They should lie round the landmarks as in training, mostly from the brows to the chin;
the network's crop is larger by its own padding."""


def whole_image(image: np.ndarray) -> list[Box]:
    """One box round all of the image."""
    height, width = image.shape[:2]
    return [Box(0.0, 0.0, float(width), float(height))]


def as_boxes(boxes: Iterable[AnyBox]) -> list[Box]:
    """Boxes from whatever tells them, for example from the rows of an array (N, 4) or (N, 5).

    Raises:
        UserError: If one is no box.
    """
    return [each if isinstance(each, Box) else _as_box(each) for each in boxes]


def _as_box(content: Any) -> Box:
    numbers = content.tolist() if hasattr(content, 'tolist') else content  # also of PyTorch
    good = isinstance(numbers, (list, tuple)) and len(numbers) in (4, 5)
    if not good or not all(isinstance(each, Real) and math.isfinite(each) for each in numbers):
        raise UserError(
            f'`boxes`: {str(numbers)[:60]} is no box; it must be [x, y, w, h], finite numbers in px'
        )
    return Box(*map(float, numbers))


def check_box(box: Box, image: np.ndarray) -> str:
    """Why a box in an image cannot be used, '' if it can; it may reach beyond the image."""
    height, width = image.shape[:2]
    if not (box.width >= SMALLEST_BOX and box.height >= SMALLEST_BOX):
        return f'{_text(box)} is empty; w and h must be at least {SMALLEST_BOX:g} px'
    if box.width > LARGEST_BOX or box.height > LARGEST_BOX:
        return f'{_text(box)} is larger than {LARGEST_BOX:.0f} px'
    left, top, right, bottom = box.corners
    if not (right > 0 and bottom > 0 and left < width and top < height):
        return f'{_text(box)} lies outside the image of {width} x {height} px'
    return ''


def _text(box: Box) -> str:
    return f'[{box.x:g}, {box.y:g}, {box.width:g}, {box.height:g}]'

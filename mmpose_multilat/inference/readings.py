"""How a network's pipeline reads images: in colour, grey, or as they are stored."""

from dataclasses import dataclass
from typing import Optional

import cv2
import numpy as np

from .orientation import stored_orientation, turn_upright

COLOUR, GREY, STORED = 'color', 'grayscale', 'unchanged'
"""Values of `color_type` of MMPose's `LoadImage`."""

AS_STORED = '_ignore_orientation'
"""End of other values, which are read like these: images come upright here."""


@dataclass(frozen=True)
class Reading:
    """How images are read for a network.

    Attributes:
        color_type: `COLOUR`, `GREY`, or `STORED`: with the channels and numbers of the file.
        channels: How many channels the network takes, which a stored image must have.
        to_float32: Whether the pipeline goes on in float32.
    """

    color_type: str = COLOUR
    channels: int = 3
    to_float32: bool = False

    def decode(self, content: bytes) -> Optional[np.ndarray]:
        """(h, w) or (h, w, C) upright image of a file; None if OpenCV cannot read it.

        Raises:
            ValueError: If it has other channels than the network takes.
        """
        flag = cv2.IMREAD_GRAYSCALE if self.color_type == GREY else cv2.IMREAD_UNCHANGED
        image = cv2.imdecode(np.frombuffer(content, np.uint8), flag | cv2.IMREAD_IGNORE_ORIENTATION)
        if image is None:
            return None
        self.check(image)
        return turn_upright(image, stored_orientation(content))

    def convert(self, image: np.ndarray) -> Optional[np.ndarray]:
        """The image of a (h, w, 3) uint8 BGR frame; None if that is the frame itself.

        Raises:
            ValueError: If it has other channels than the network takes.
        """
        if self.color_type == GREY:
            return cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        if self.color_type == STORED:
            self.check(image)
        return None

    def blank(self, width: int, height: int) -> Optional[np.ndarray]:
        """A black image; None if it is that of a colour image."""
        if self.color_type == COLOUR:
            return None
        channels = 1 if self.color_type == GREY else self.channels
        return np.zeros((height, width, channels), np.uint8)

    def as_loaded(self, image: np.ndarray) -> np.ndarray:
        """An image that is read already, in the type that the pipeline goes on with.

        MMPose's `LoadImage` passes such images on as they are, whatever its `to_float32` says.
        """
        return image.astype(np.float32) if self.to_float32 else image

    def check(self, image: np.ndarray) -> None:
        """Do nothing if an image can be shown as it is stored.

        Raises:
            ValueError: If it has other channels than the network takes.
        """
        found = 1 if image.ndim == 2 else image.shape[-1]
        if self.color_type == STORED and found != self.channels:
            raise ValueError(
                f'has channels: {found}, the network takes {self.channels}; LoadImage of the test '
                f"pipeline reads images as they are stored (color_type='{STORED}')"
            )


IN_COLOUR = Reading()


def reading_as(color_type: str, channels: int, to_float32: bool = False) -> Reading:
    """How a network's images are read.

    Args:
        color_type: As in MMPose's `LoadImage`.
        channels: How many channels the network takes.
        to_float32: Whether the pipeline goes on in float32.
    """
    return Reading(color_type.removesuffix(AS_STORED), channels, to_float32)

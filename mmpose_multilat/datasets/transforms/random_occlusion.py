"""Hide a part of the image, so that a network learns to find landmarks that it does not see.

Zhong et al., "Random Erasing Data Augmentation", AAAI 2020. MMPose has it through albumentations
only, which this package does not require.
"""

from collections.abc import Sequence
from typing import Any, Union

import numpy as np
from mmcv.transforms import BaseTransform
from mmcv.transforms.utils import avoid_cache_randomness
from mmpose.registry import TRANSFORMS

from mmpose_multilat.landmarks.checks import check_probability, check_range
from mmpose_multilat.landmarks.sample_fields import require_fields

FILLS = ('colour', 'noise', 'mean')
"""One random colour, another one for every pixel, or the mean colour of the image."""

BYTES = 0, 255
"""Smallest and largest value of an image of bytes."""

Box = tuple[int, int, int, int]
"""Left, top, width and height in px."""


def occlude(image: np.ndarray, box: Box, fill: str) -> np.ndarray:
    """Fill a rectangle of an image.

    Args:
        image: (h, w, C) image, or (h, w), of any number type. Random values of bytes are 0 to
            255, of other types those between the smallest and the largest of the image.
        box: The rectangle, within the image.
        fill: One of `FILLS`.

    Returns:
        A copy of the image with the rectangle filled, of the same dtype.
    """
    left, top, width, height = box
    channels = image.shape[2:]
    if fill == 'mean':
        content = image.mean((0, 1))
    else:
        shape = channels if fill == 'colour' else (height, width, *channels)
        content = _random_values(image, shape)
    occluded = image.copy()
    occluded[top : top + height, left : left + width] = content
    return occluded


def _random_values(image: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Values of a shape that an image could have."""
    if image.dtype == np.uint8:
        return np.random.randint(BYTES[0], BYTES[1] + 1, shape)
    return np.random.uniform(image.min(), image.max(), shape)


def draw_box(width: int, height: int, size: tuple[float, float]) -> Box:
    """Draw a rectangle within an image.

    Args:
        width: Width of the image in px.
        height: Height of the image in px.
        size: Smallest and largest side of the rectangle, as a share of the image's; its width and
            height are drawn apart, and are at least 1 px.

    Returns:
        The rectangle, each place in the image as likely as any other.
    """
    shares = np.random.uniform(*size, 2)
    box_width, box_height = (
        max(1, round(share * side)) for share, side in zip(shares, (width, height))
    )
    left = np.random.randint(0, width - box_width + 1)
    top = np.random.randint(0, height - box_height + 1)
    return left, top, box_width, box_height


@TRANSFORMS.register_module()
@avoid_cache_randomness
class RandomOcclusion(BaseTransform):
    """Fill a random rectangle of the image; landmarks and their visibility stay as they are.

    Its place is behind `TopdownAffine`, so that the rectangle lies on the face and its size is a
    share of the network's input. It reads and changes `img`, an image (h, w) or (h, w, C) of any
    number type, and nothing else.

    Args:
        prob: Probability that an image is occluded, from 0 to 1.
        size: Smallest and largest side of the rectangle as a share of the image's side, above 0
            and at most 1. Width and height are drawn apart.
        fill: What it is filled with: 'colour' (one random colour), 'noise' (a random colour for
            every pixel) or 'mean' (mean colour of the image); of several one is drawn each time.

    Raises:
        ValueError: If an argument is out of its range; the message lists what is allowed.
    """

    def __init__(
        self,
        prob: float = 0.5,
        size: tuple[float, float] = (0.1, 0.4),
        fill: Union[str, Sequence[str]] = FILLS,
    ) -> None:
        super().__init__()
        self.prob = check_probability('prob', prob)
        self.size = check_range('size', size, largest=1)
        self.fill = _check_fill(fill)

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Occlude the image `img` of a sample with probability `prob`.

        Args:
            results: The sample.

        Returns:
            The sample; `img` is a new array where it has changed.

        Raises:
            ValueError: If there is no image yet.
        """
        require_fields(results, ['img'], 'a sample of RandomOcclusion')
        if np.random.rand() < self.prob:
            image = results['img']
            box = draw_box(image.shape[1], image.shape[0], self.size)
            fill = self.fill[np.random.randint(len(self.fill))]
            results['img'] = occlude(image, box, fill)
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(prob={self.prob}, size={self.size}, fill={self.fill})'


def _check_fill(fill: Any) -> tuple[str, ...]:
    """Return at least one of `FILLS`, or raise ValueError."""
    fills = (fill,) if isinstance(fill, str) else fill
    known = isinstance(fills, (list, tuple)) and all(each in FILLS for each in fills)
    if not known or not fills:
        raise ValueError(f'fill={fill!r} must be one or several of {FILLS}')
    return tuple(fills)

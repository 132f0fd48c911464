"""Occluders of test faces, the same for every network; it is known which landmarks they hide."""

import math
from typing import Any

import numpy as np
from mmcv.transforms import BaseTransform
from mmpose.registry import TRANSFORMS

HIDDEN = 'hidden_landmarks'
"""Key of a sample: (K,) bool, whether an occluder lies over a landmark. Name it among the
`meta_keys` of `PackPoseInputs`."""

ASPECTS = (0.5, 2.0)
"""Smallest and largest ratio of width to height."""

TEXTURE_CELLS = (4, 12)
"""Smallest and largest number of squares of a texture along a side of the occluder."""


@TRANSFORMS.register_module()
class OccludeFace(BaseTransform):
    """Lay one rectangle over a face, grey or a texture of coloured squares.

    Its place is behind `TopdownAffine`, so that every landmark is in px of the input. The rectangle
    lies within the bounding box of the landmarks, any place as likely as another, and its area is a
    share of that of the box. Every face has its own occluder, drawn from the seed and the id of its
    annotation.

    Args:
        share: Smallest and largest area as a share of the face's.
        seed: Of all occluders.
    """

    def __init__(self, share: tuple[float, float] = (0.2, 0.4), seed: int = 0) -> None:
        super().__init__()
        self.share = share
        self.seed = seed

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Occlude `img`, and say in `hidden_landmarks` which landmarks are hidden."""
        numbers = np.random.default_rng((self.seed, int(results['id'])))
        landmarks = results['transformed_keypoints'][0]  # (K, 2)
        left, top, right, bottom = draw_rectangle(landmarks, self.share, numbers)
        image = results['img'].copy()
        rows = slice(max(round(top), 0), max(round(bottom), 0))
        columns = slice(max(round(left), 0), max(round(right), 0))
        height, width, _ = image[rows, columns].shape
        image[rows, columns] = draw_content(height, width, numbers)
        inside = (landmarks >= (left, top)) & (landmarks <= (right, bottom))
        results.update({'img': image, HIDDEN: inside.all(-1)})
        return results


def draw_rectangle(
    landmarks: np.ndarray, share: tuple[float, float], numbers: np.random.Generator
) -> tuple[float, float, float, float]:
    """Draw a rectangle within the bounding box of (K, 2) landmarks.

    Returns:
        Left, top, right and bottom in the unit of the landmarks.
    """
    first, last = landmarks.min(0), landmarks.max(0)
    area, ratio = numbers.uniform(*share), math.exp(numbers.uniform(*np.log(ASPECTS)))
    # Sides as shares of the box; one that would be longer than it gives its area to the other.
    width = min(max(math.sqrt(area * ratio), area), 1)
    sides = np.array((width, area / width)) * (last - first)
    left, top = first + numbers.uniform(size=2) * (last - first - sides)
    return left, top, left + sides[0], top + sides[1]


def draw_content(height: int, width: int, numbers: np.random.Generator) -> np.ndarray:
    """Draw (height, width, 3) pixels: one grey, or squares of random colours, as often."""
    if numbers.random() < 0.5:
        return np.full((height, width, 3), numbers.integers(256), np.uint8)
    cells = numbers.integers(*TEXTURE_CELLS)
    colours = numbers.integers(256, size=(cells, cells, 3), dtype=np.uint8)
    rows, columns = (np.arange(side) * cells // max(side, 1) for side in (height, width))
    return colours[rows][:, columns]

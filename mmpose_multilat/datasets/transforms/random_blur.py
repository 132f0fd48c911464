"""Blur an image at random. MMPose has it through albumentations only, which this package lacks."""

from typing import Any

import cv2
import numpy as np
from mmcv.transforms import BaseTransform
from mmcv.transforms.utils import avoid_cache_randomness
from mmpose.registry import TRANSFORMS

from mmpose_multilat.landmarks.checks import check_probability, check_range


@TRANSFORMS.register_module()
@avoid_cache_randomness
class RandomBlur(BaseTransform):
    """Convolve the image with a Gaussian of random width.

    Its place is behind `TopdownAffine`, so that the width is one in px of the network's input. It
    reads and changes `img` and nothing else.

    Args:
        prob: Probability that an image is blurred, from 0 to 1.
        sigma: Smallest and largest standard deviation in px; every value between is as likely.

    Raises:
        ValueError: If an argument is out of its range; the message lists what is allowed.
    """

    def __init__(self, prob: float = 0.3, sigma: tuple[float, float] = (0.5, 3.0)) -> None:
        super().__init__()
        self.prob = check_probability('prob', prob)
        self.sigma = check_range('sigma', sigma)

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Blur the image `img` of a sample with probability `prob`.

        Args:
            results: The sample.

        Returns:
            The sample; `img` is a new array where it has changed.
        """
        if np.random.rand() < self.prob:
            # The size (0, 0) lets OpenCV choose the kernel that holds the whole Gaussian.
            results['img'] = cv2.GaussianBlur(
                results['img'], (0, 0), sigmaX=np.random.uniform(*self.sigma)
            )
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(prob={self.prob}, sigma={self.sigma})'

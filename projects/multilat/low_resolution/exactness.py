"""How narrow a Gaussian may be until its own heatmap no longer tells where it is.

A narrow Gaussian leaves so little in the cells round a landmark that their responses end at the
floor of the logarithm (KeyPosS, POPoS) or that the fit does not converge (GaussianMLE).
"""

import warnings
from functools import cache
from typing import Optional

import numpy as np

from mmpose_multilat.codecs import GaussianMLE, HeatmapCodec, KeyPosS, POPoS

KINDS = {'KeyPosS': KeyPosS, 'POPoS': POPoS, 'GaussianMLE': GaussianMLE}

INPUT_SIZE = (256, 256)

STEP = 0.05
"""Sigmas are multiples of it, in heatmap px."""

MOST_STEPS = 60
"""The largest sigma is 3, that of the study."""

TOLERANCE = 0.01
"""Input px. Rounding in float32 stays a hundred times below it, what narrow Gaussians do is soon
above."""

LANDMARKS = 15
"""Along each side of the input; 255 / 14 px apart, they lie at many places between the cells."""


@cache
def smallest_exact_sigma(decoder: str, size: int, alignment: str) -> Optional[float]:
    """The smallest sigma with which a decoder finds every landmark in ideal heatmaps.

    Bisection: with wider Gaussians decoding stays exact.

    Args:
        decoder: A key of `KINDS`.
        size: Cells along a side of the heatmap.
        alignment: 'msra' or 'udp'.

    Returns:
        Sigma in heatmap px, a multiple of `STEP`; None if even the largest is too small.
    """
    inexact, exact = 0, MOST_STEPS + 1
    while exact - inexact > 1:
        steps = (inexact + exact) // 2
        sigma = steps * STEP
        if largest_error(make_codec(decoder, size, alignment, sigma)) < TOLERANCE:
            exact = steps
        else:
            inexact = steps
    return None if exact > MOST_STEPS else round(exact * STEP, 2)


def make_codec(decoder: str, size: int, alignment: str, sigma: float) -> HeatmapCodec:
    """A decoder, also with a sigma of which its codec warns."""
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')  # whether it is too small is measured here
        return KINDS[decoder](INPUT_SIZE, (size, size), sigma=sigma, alignment=alignment)


def largest_error(codec: HeatmapCodec) -> float:
    """Largest distance in input px between landmarks all over the input and what is decoded."""
    width, height = codec.input_size
    x, y = (np.linspace(0, side - 1, LANDMARKS, dtype=np.float32) for side in (width, height))
    landmarks = np.stack(np.meshgrid(x, y), -1).reshape(1, -1, 2)
    found, _ = codec.decode(codec.encode(landmarks)['heatmaps'])
    return float(np.linalg.norm(found - landmarks, axis=-1).max())

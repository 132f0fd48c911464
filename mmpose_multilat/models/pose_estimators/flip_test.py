"""The flip test on coordinates: what a network says of a picture and of its mirror image.

The mirror image has pixel x of the picture at w - 1 - x. That holds for landmarks in input px
whatever the decoder, the size of the heatmap and its alignment, save for one decoder whose
landmarks are not quite in input px, see `mirror_width`. Heatmaps, in contrast, can be averaged only
where the cells of the mirrored heatmap fall on those of the plain one: with `alignment='msra'` they
lie one cell less one input px beside them. MMPose's `shift_heatmap` moves
them by the whole cell, so that its average is off by half an input px, and leaves the first column
without a partner.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from mmengine.structures import InstanceData
from mmpose.codecs import UDPHeatmap

from .covariances import COVARIANCES, mirror_covariances

AVERAGED = ('keypoint_scores', 'keypoints_visible')
"""Fields of one number for each landmark, averaged where a head gives them."""


def mirror_width(codec: Any, width: int) -> int:
    """Width of the picture in which a codec's landmarks are mirrored.

    MMPose's `UDPHeatmap` multiplies input px by w / (w - 1), the factor of the crops that belong to
    it. In its px the last pixel lies at w instead of w - 1, as in a picture one px wider.

    Args:
        codec: The codec that decoded the landmarks, or None.
        width: Width w of the network's input in px.

    Returns:
        The `width` for `mirror_landmarks` and `average_mirrored`.
    """
    return width + 1 if isinstance(codec, UDPHeatmap) else width


def mirror_landmarks(keypoints: np.ndarray, width: int, flip_indices: Sequence[int]) -> np.ndarray:
    """Landmarks of the mirror image as landmarks of the picture.

    Args:
        keypoints: (..., K, 2) landmarks (x, y) of the mirror image in input px; further components
            behind x are kept.
        width: Width w of the network's input in px, see `mirror_width`.
        flip_indices: K indices, that of the landmark on the other side for each landmark.

    Returns:
        (..., K, 2) landmarks at w - 1 - x, left and right swapped.
    """
    mirrored = keypoints[..., list(flip_indices), :]
    mirrored[..., 0] = width - 1 - mirrored[..., 0]
    return mirrored


def average_mirrored(
    plain: InstanceData, mirrored: InstanceData, width: int, flip_indices: Sequence[int]
) -> InstanceData:
    """Average what a head found in a picture and in its mirror image.

    Both count alike: weights by score change the error of trained networks by less than 0.02 % NME.
    A landmark that is not trusted in one of the two (score 0, or not finite) is taken from the
    other, with its covariance.

    The covariance of an average is taken as the mean of the two covariances. The errors of one
    network in two views of one face are not independent, and how much they have in common is not
    known; the mean is an upper bound whatever that is, since it is the covariance of the average
    plus that of half the difference. It is reached if both err alike.

    Args:
        plain: `keypoints` (N, K, 2), landmarks (x, y) in input px, and `keypoint_scores` (N, K),
            as `decode` of MMPose's heads gives them; perhaps `keypoint_covariances` (N, K, 2, 2).
        mirrored: The same of the mirror image.
        width: Width of the network's input in px, see `mirror_width`.
        flip_indices: See `mirror_landmarks`.

    Returns:
        `plain` with averaged landmarks, scores and, where they are given, visibilities and
        covariances. The score of a landmark that is trusted in one of the two only is thereby
        halved.

    Raises:
        ValueError: If `flip_indices` are not those of the landmarks.
    """
    count, partners = plain.keypoints.shape[-2], list(flip_indices)
    if sorted(partners) != list(range(count)):
        raise ValueError(
            f'flip_indices must name each of the {count} landmarks of the head once, got '
            f'{partners}; they come from `swap` in the metainfo of the data set'
        )
    trusted = _trusted(plain), _trusted(mirrored)[:, partners]
    answer = plain.clone()
    answer.keypoints = _merge(
        (plain.keypoints, mirror_landmarks(mirrored.keypoints, width, partners)), trusted
    )
    if COVARIANCES in plain:
        pair = plain[COVARIANCES], mirror_covariances(mirrored[COVARIANCES], partners)
        answer.set_field(_merge(pair, trusted), COVARIANCES)
    for name in AVERAGED:
        if name in plain:
            answer.set_field((plain[name] + mirrored[name][:, partners]) / 2, name)
    return answer


def _trusted(found: InstanceData) -> np.ndarray:
    """(N, K) whether a landmark may be averaged."""
    return (found.keypoint_scores > 0) & np.isfinite(found.keypoints).all(-1)


def _merge(
    pair: tuple[np.ndarray, np.ndarray], trusted: tuple[np.ndarray, np.ndarray]
) -> np.ndarray:
    """Average two (N, K, ...) arrays, or take the one that alone is trusted, (N, K) bool."""
    first, second = (
        each.reshape(*each.shape, *(1,) * (pair[0].ndim - each.ndim)) for each in trusted
    )
    return np.where(first == second, (pair[0] + pair[1]) / 2, np.where(first, *pair))

"""Landmarks from a batch of crops by any top-down pose estimator, with and without flip test."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Optional

from mmpose.models import TopdownPoseEstimator
from mmpose.structures import PoseDataSample
from torch import Tensor

from mmpose_multilat.landmarks import Located
from mmpose_multilat.models.heads import (
    averaged_outputs,
    landmark_head,
    locate_outputs,
    with_samples,
)

COORDINATES = 'coordinates'
"""The `flip_mode` of this package, which averages landmarks; MMPose's average heatmaps."""


@dataclass(frozen=True)
class View:
    """What a network makes of a batch of crops.

    Attributes:
        feats: Features of the backbone or neck.
        outputs: What the head puts out for them.
        width: Width of the crops in px.
    """

    feats: Any
    outputs: Any
    width: int


def look(
    estimator: TopdownPoseEstimator,
    inputs: Tensor,
    samples: Optional[Sequence[PoseDataSample]] = None,
) -> View:
    """Pass crops once through the network.

    Args:
        estimator: A pose estimator of this package or of MMPose.
        inputs: (B, C, h, w) normalised crops.
        samples: Their samples, for heads that want more than the crops, see `with_samples`.
    """
    head = landmark_head(estimator.head)
    feats = with_samples(head, estimator.extract_feat(inputs), samples)
    return View(feats, head.forward(feats), inputs.shape[-1])


def locate_view(estimator: TopdownPoseEstimator, view: View, covariances: bool = False) -> Located:
    """Find the B x K landmarks of one view in input px, by the head's present decoder."""
    return locate_outputs(landmark_head(estimator.head), view.outputs, view.feats, covariances)


def locate_views(
    estimator: TopdownPoseEstimator,
    plain: View,
    flipped: View,
    partners: Sequence[int],
    covariances: bool = False,
) -> Located:
    """Find the landmarks from the views of crops and of flipped crops, in input px of the crops.

    With `flip_mode='coordinates'` in `test_cfg` both are located apart and the landmarks averaged,
    see `Located.averaged`: exact for every decoder and size of the heatmap. With MMPose's modes the
    heatmaps are averaged. With `alignment='msra'` cells of the flipped heatmap lie one cell less
    one input px beside the others; `shift_heatmap` moves them by the whole cell, so that its
    average is off by half an input px, and leaves the first column without a partner.

    Args:
        estimator: Its `test_cfg` names the `flip_mode`.
        plain: The crops.
        flipped: The flipped crops.
        partners: Index of the landmark on the other side, for each landmark.
        covariances: Whether to estimate covariances too.

    Raises:
        ValueError: If the partners do not name each landmark once.
    """
    if estimator.test_cfg.get('flip_mode') == COORDINATES:
        other = locate_view(estimator, flipped, covariances).mirrored(plain.width, partners)
        return locate_view(estimator, plain, covariances).averaged(other)
    return locate_view(estimator, average_views(estimator, plain, flipped, partners), covariances)


def average_views(
    estimator: TopdownPoseEstimator, plain: View, flipped: View, partners: Sequence[int]
) -> View:
    """Average the outputs for crops and for flipped crops as MMPose's flip modes do.

    Args:
        estimator: Its `test_cfg` names the `flip_mode`, one of MMPose's.
        plain: The crops.
        flipped: The flipped crops.
        partners: Index of the landmark on the other side, for each landmark.

    Returns:
        A view that can be located by one decoder after the other.
    """
    head, views = landmark_head(estimator.head), (plain, flipped)
    outputs, feats = zip(*((view.outputs, view.feats) for view in views))
    averaged = averaged_outputs(head, outputs, feats, partners, estimator.test_cfg)
    return View(plain.feats, averaged, plain.width)


def locate(
    estimator: TopdownPoseEstimator,
    inputs: Tensor,
    partners: Optional[Sequence[int]] = None,
    covariances: bool = False,
) -> Located:
    """Find the landmarks in a batch of crops.

    Args:
        estimator: A pose estimator of this package or of MMPose.
        inputs: (B, C, h, w) normalised crops.
        partners: Index of the landmark on the other side, for the flip test; None to go without.
        covariances: Whether to estimate covariances too.

    Returns:
        B faces with K landmarks in input px.
    """
    plain = look(estimator, inputs)
    if partners is None:
        return locate_view(estimator, plain, covariances)
    return locate_views(estimator, plain, look(estimator, inputs.flip(-1)), partners, covariances)

"""One look of the network at a batch: its heatmaps without and with flip test."""

from typing import Any, Union

import torch
from mmpose.models import TopdownPoseEstimator
from mmpose.models.utils.tta import flip_heatmaps
from mmpose.structures import PoseDataSample
from torch import Tensor

from mmpose_multilat.models.pose_estimators import COORDINATES
from mmpose_multilat.tools.command_line import UserError

FLIPS = (False, True)

Heatmaps = Union[Tensor, tuple[Tensor, Tensor]]
"""(B, K, H, W) heatmaps to be decoded. Where landmarks are averaged (`flip_mode='coordinates'`), a
pair: heatmaps of the pictures and of their mirror images."""


def flip_settings(model: TopdownPoseEstimator) -> dict[str, Any]:
    """How the flip test of a config averages, with MMPose's defaults where it says nothing."""
    return dict(
        flip_mode=model.test_cfg.get('flip_mode', 'heatmap'),
        shift_heatmap=bool(model.test_cfg.get('shift_heatmap', False)),
    )


def prepare(
    model: TopdownPoseEstimator, batch: dict[str, Any]
) -> tuple[Tensor, list[PoseDataSample]]:
    """A batch of the loader as the network takes it.

    Args:
        model: The pose estimator.
        batch: What its test loader hands out.

    Returns:
        (B, 3, h, w) normalised pictures on the model's device, and B samples.
    """
    data = model.data_preprocessor(batch, False)
    return data['inputs'], data['data_samples']


@torch.no_grad()
def plain_heatmaps(model: TopdownPoseEstimator, inputs: Tensor) -> Tensor:
    """Heatmaps (B, K, H, W) of pictures (B, 3, h, w), one pass."""
    return model.head.forward(model.extract_feat(inputs))


def heatmaps_by_flip(
    model: TopdownPoseEstimator, inputs: Tensor, samples: list[PoseDataSample]
) -> dict[bool, Heatmaps]:
    """Heatmaps without and with the flip test, from two passes of the network.

    They are what the config's estimator decodes, so that decoding them gives what `mim test` gives
    with `model.test_cfg.flip_test` off and on.

    Args:
        model: A pose estimator with a heatmap head, in evaluation mode.
        inputs: (B, 3, h, w) normalised pictures.
        samples: Their B samples, whose meta information says which landmarks mirror each other.

    Returns:
        False: (B, K, H, W) heatmaps of the pictures; True: averaged with those of the mirrored
        pictures, or both.
    """
    plain, mirrored = plain_heatmaps(model, inputs), plain_heatmaps(model, inputs.flip(-1))
    settings = flip_settings(model)
    if settings['flip_mode'] == COORDINATES:
        return {False: plain, True: (plain, mirrored)}
    flip_indices = samples[0].metainfo['flip_indices']
    mirrored = flip_heatmaps(mirrored, flip_indices=flip_indices, **settings)
    return {False: plain, True: (plain + mirrored) * 0.5}


def check_sizes(codec: Any, heatmaps: Tensor, landmarks: int) -> None:
    """Refuse a network whose output does not have the codec's size or the data set's landmarks.

    Args:
        codec: The head's codec.
        heatmaps: (B, K, H, W) heatmaps of the network.
        landmarks: Number of landmarks of the data set.

    Raises:
        UserError: If a size differs.
    """
    found, (width, height) = tuple(heatmaps.shape[1:]), codec.heatmap_size
    if found[1:] != (height, width):
        raise UserError(
            f'the network puts out heatmaps of {found[2]}x{found[1]} cells, the codec was built '
            f'for {width}x{height}; set heatmap_size of the codec to the size of the output'
        )
    if found[0] != landmarks:
        raise UserError(
            f'the network puts out {found[0]} heatmaps, the data set has {landmarks} landmarks; '
            'take the config with which the checkpoint was trained'
        )

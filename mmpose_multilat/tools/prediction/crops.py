"""Cutting faces out by MMPose's own transforms, and bringing landmarks back into the picture."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional

import numpy as np
from mmengine.config import Config
from mmengine.dataset import Compose
from mmpose.datasets.transforms import TopdownAffine

from mmpose_multilat.tools.command_line import UserError

from .boxes import Box
from .frames import Frame

PADDING = 1.25
"""MMPose's own padding of boxes, with which all configs of this package are trained."""


@dataclass(frozen=True)
class Crop:
    """A face as the network takes it.

    Attributes:
        picture: (h, w, 3) BGR.
        centre: (2,) centre (x, y) of the region in px of the picture.
        size: (2,) width and height of the region in px of the picture.
        use_udp: Whether it was cut as by MMPose's `TopdownAffine(use_udp=True)`: the sides of the
            region are the middles of the outer px, w - 1 px apart, not their outer sides.
    """

    picture: np.ndarray
    centre: np.ndarray
    size: np.ndarray
    use_udp: bool = False


class Cropper:
    """Runs the transforms of a test pipeline, so that the network sees what it sees in a test.

    Args:
        pipeline: Configs of MMPose's transforms, from `LoadImage` to `PackPoseInputs`.
        meta: Meta information of the data set, which transforms may ask for.
    """

    def __init__(
        self, pipeline: list[dict[str, Any]], meta: Optional[Mapping[str, Any]] = None
    ) -> None:
        self._transforms = Compose(pipeline)
        self._meta = dict(meta or {})
        self._use_udp = any(
            isinstance(each, TopdownAffine) and each.use_udp for each in self._transforms.transforms
        )

    def __call__(self, frame: Frame, box: Box) -> Crop:
        """Cut a face out.

        Raises:
            UserError: If the pipeline is not that of a top-down model.
        """
        packed = self._transforms(
            dict(
                self._meta,
                img=frame.picture,
                img_path=frame.source.name,
                bbox=np.array([box.corners], np.float32),
                bbox_score=np.ones(1, np.float32),
            )
        )
        place = packed['data_samples'].metainfo
        if 'input_center' not in place or 'input_scale' not in place:
            raise UserError(
                'the test pipeline of --config does not crop faces; it needs GetBBoxCenterScale, '
                "TopdownAffine and PackPoseInputs with 'input_center' and 'input_scale'"
            )
        picture = packed['inputs'].permute(1, 2, 0).numpy()
        centre, size = (np.asarray(place[f'input_{name}']) for name in ('center', 'scale'))
        return Crop(picture, centre, size, self._use_udp)


def pipeline_of_config(config: Config) -> list[dict[str, Any]]:
    """The test pipeline of a config.

    Raises:
        UserError: If it has none.
    """
    pipeline = config.get('test_dataloader', {}).get('dataset', {}).get('pipeline')
    if not pipeline:
        raise UserError('--config has no test_dataloader.dataset.pipeline, which crops the faces')
    return pipeline


def usual_pipeline(
    input_size: tuple[int, int], padding: float = PADDING, use_udp: bool = False
) -> list[dict[str, Any]]:
    """The pipeline of a top-down test for a network without config.

    Args:
        input_size: Size (w, h) of the crops in px.
        padding: Factor that boxes are enlarged by.
        use_udp: As in MMPose's `TopdownAffine`.
    """
    return [
        dict(type='LoadImage'),
        dict(type='GetBBoxCenterScale', padding=padding),
        dict(type='TopdownAffine', input_size=tuple(input_size), use_udp=use_udp),
        dict(type='PackPoseInputs'),
    ]


def input_size_of(pipeline: list[dict[str, Any]]) -> tuple[int, int]:
    """Size (w, h) of the crops of a pipeline.

    Raises:
        UserError: If it has no `TopdownAffine`.
    """
    for transform in pipeline:
        if transform['type'] == 'TopdownAffine':
            return tuple(transform['input_size'])
    raise UserError(
        'the test pipeline of --config has no TopdownAffine; predict needs a top-down one'
    )


def to_picture(keypoints: np.ndarray, crop: Crop, input_size: tuple[int, int]) -> np.ndarray:
    """Bring landmarks from the crop into the picture.

    MMPose's pose estimators do the same for crops without `use_udp`; for those with it they are up
    to one input px off.

    Args:
        keypoints: (K, 2) landmarks (x, y) in input px.
        crop: The crop they were found in.
        input_size: Size (w, h) of the crop in px.

    Returns:
        (K, 2) landmarks (x, y) in px of the picture.
    """
    return keypoints * _scale(crop, input_size) + crop.centre - crop.size / 2


def _scale(crop: Crop, input_size: tuple[int, int]) -> np.ndarray:
    """(2,) px of the picture in one input px along x and y."""
    return crop.size / (np.asarray(input_size) - int(crop.use_udp))


def covariances_to_picture(
    covariances: np.ndarray, crop: Crop, input_size: tuple[int, int]
) -> np.ndarray:
    """The same for (K, 2, 2) covariances: from squared input px to squared px of the picture."""
    scale = _scale(crop, input_size)
    return covariances * np.outer(scale, scale)

"""Cutting faces out by MMPose's own transforms."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Optional

import numpy as np
import torch
from mmengine.config import Config
from mmengine.dataset import Compose

from mmpose_multilat.datasets.transforms.training_steps import is_for_training, names_of
from mmpose_multilat.landmarks import CropGeometry
from mmpose_multilat.landmarks.sample_fields import PLACE
from mmpose_multilat.models.pose_estimators import crop_of
from mmpose_multilat.settings import crop_settings, pipelines_of
from mmpose_multilat.tools.command_line import UserError, explain_errors

from .boxes import Box
from .frames import Frame
from .readings import COLOUR, reading_of

PADDING = 1.25
"""MMPose's own padding of boxes, with which all configs of this package are trained."""


@dataclass(frozen=True)
class Crop:
    """A face as the network takes it.

    Attributes:
        picture: (h, w, C) as the pipeline leaves it, mostly uint8 BGR.
        region: Where it lies in the frame's picture, NumPy.
    """

    picture: np.ndarray
    region: CropGeometry


def join_regions(crops: Sequence[Crop]) -> CropGeometry:
    """The regions of B crops for one network as one value of tensors."""
    regions = [crop.region for crop in crops]
    centre, size = (
        torch.from_numpy(np.stack(each))
        for each in zip(*((region.centre, region.size) for region in regions))
    )
    return replace(regions[0], centre=centre, size=size)


class Cropper:
    """Runs the transforms of a test pipeline, so that the network sees what it sees in a test.

    Steps for training are left out, which change labels alone or images at random.

    Args:
        pipeline: Configs of MMPose's transforms, from `LoadImage` to `PackPoseInputs`.
        meta: Meta information of the data set, which transforms may ask for.
        channels: How many channels the network takes.

    Attributes:
        reading: How the pipeline reads images.
        left_out: Names of the steps that are left out, '' for none.
    """

    def __init__(
        self,
        pipeline: list[dict[str, Any]],
        meta: Optional[Mapping[str, Any]] = None,
        channels: int = 3,
    ) -> None:
        steps = Compose(pipeline).transforms
        self._transforms = [each for each in steps if not is_for_training(each)]
        self.left_out = names_of(filter(is_for_training, steps))
        self._meta = dict(meta or {})
        self.reading = reading_of(self._transforms, channels)
        self._use_udp = crop_settings(pipeline).use_udp

    def __call__(self, frame: Frame, box: Box) -> Crop:
        """Cut a face out.

        Raises:
            UserError: If the pipeline is not that of a top-down model, or a step needs labels.
        """
        packed = self._run(
            dict(
                self._meta,
                img=self.reading.as_loaded(frame.picture if frame.image is None else frame.image),
                img_path=frame.source.name,
                bbox=np.array([box.corners], np.float32),
                bbox_score=np.ones(1, np.float32),
            )
        )
        sample = packed['data_samples']
        if not set(PLACE) <= set(sample.metainfo):
            raise UserError(
                'the test pipeline of --config does not crop faces; it needs GetBBoxCenterScale, '
                f'TopdownAffine and PackPoseInputs with the meta_keys {", ".join(PLACE)}'
            )
        picture = packed['inputs'].permute(1, 2, 0).numpy()
        return Crop(picture, crop_of(sample, self._use_udp))

    def _run(self, results: dict[str, Any]) -> dict[str, Any]:
        """What the pipeline packs.

        Raises:
            UserError: If a step cannot be used without labels, or nothing is packed.
        """
        for transform in self._transforms:
            name = type(transform).__name__
            with explain_errors(
                f'{name} of the test pipeline of --config fails on an image without labels; give '
                'it what it needs, or leave it out of test_dataloader.dataset.pipeline'
            ):
                results = transform(results)
            if results is None:
                raise UserError(f'{name} of the test pipeline of --config drops the face')
        if not {'inputs', 'data_samples'} <= set(results):
            raise UserError('the test pipeline of --config does not end with PackPoseInputs')
        return results


def tell_left_out(names: str) -> None:
    """Print one line on the error stream if steps are left out, see `Cropper.left_out`."""
    if names:
        print(f'note: for training only, left out of the test pipeline: {names}', file=sys.stderr)


def pipeline_of_config(config: Config) -> list[dict[str, Any]]:
    """The test pipeline of a config, of the first of several test sets.

    A warning on the error stream says so if the others are cropped in another way.

    Raises:
        UserError: If it has none.
    """
    pipelines = pipelines_of(config)
    place, pipeline = next(iter(pipelines.items()), ('', []))
    if not pipeline:
        raise UserError('--config has no test_dataloader.dataset.pipeline, which crops the faces')
    if len({crop_settings(each) for each in pipelines.values()}) > 1:
        print(
            'warning: the test sets of --config are cropped in different ways; faces are cropped '
            f'as in {place}',
            file=sys.stderr,
        )
    return pipeline


def usual_pipeline(
    input_size: tuple[int, int],
    padding: float = PADDING,
    use_udp: bool = False,
    color_type: str = COLOUR,
) -> list[dict[str, Any]]:
    """The pipeline of a top-down test for a network without config.

    Args:
        input_size: Size (w, h) of the crops in px.
        padding: Factor that boxes are enlarged by.
        use_udp: As in MMPose's `TopdownAffine`.
        color_type: As in MMPose's `LoadImage`.
    """
    return [
        dict(type='LoadImage', color_type=color_type),
        dict(type='GetBBoxCenterScale', padding=padding),
        dict(type='TopdownAffine', input_size=tuple(input_size), use_udp=use_udp),
        dict(type='PackPoseInputs'),
    ]


def input_size_of(pipeline: list[dict[str, Any]]) -> tuple[int, int]:
    """Size (w, h) of the crops of a pipeline.

    Raises:
        UserError: If it has no `TopdownAffine`.
    """
    size = crop_settings(pipeline).input_size
    if size is None:
        raise UserError(
            'the test pipeline of --config has no TopdownAffine; predict needs a top-down one'
        )
    return size

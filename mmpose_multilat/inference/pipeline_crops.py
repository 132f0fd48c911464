"""Cutting faces out by MMPose's own transforms."""

import warnings
from collections.abc import Iterable, Mapping
from typing import Any, Optional

import numpy as np
from mmcv.transforms import LoadImageFromFile
from mmengine.config import Config
from mmengine.dataset import Compose

from mmpose_multilat.datasets.transforms.training_steps import is_for_training, names_of
from mmpose_multilat.errors import SettingsWarning, UserError, explain_errors
from mmpose_multilat.landmarks.sample_fields import PLACE
from mmpose_multilat.models.pose_estimators import crop_of
from mmpose_multilat.settings import crop_settings, pipelines_of

from .boxes import Box
from .crops import Crop
from .frames import Frame
from .readings import Reading, reading_as


class PipelineCropper:
    """Runs the transforms of a test pipeline, so that the network sees what it sees in a test.

    Steps for training are left out, which change labels alone or images at random.

    Args:
        pipeline: Configs of MMPose's transforms, from `LoadImage` to `PackPoseInputs`.
        meta: Meta information of the dataset, which transforms may ask for.
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
                img=self.reading.as_loaded(frame.image if frame.shown is None else frame.shown),
                img_path=frame.source.name,
                bbox=np.array([box.corners], np.float32),
                bbox_score=np.ones(1, np.float32),
            )
        )
        sample = packed['data_samples']
        if not set(PLACE) <= set(sample.metainfo):
            raise UserError(
                'the test pipeline of the config does not crop faces; it needs GetBBoxCenterScale, '
                f'TopdownAffine and PackPoseInputs with the meta_keys {", ".join(PLACE)}'
            )
        image = packed['inputs'].permute(1, 2, 0).numpy()
        return Crop(image, crop_of(sample, self._use_udp))

    def _run(self, results: dict[str, Any]) -> dict[str, Any]:
        """What the pipeline packs.

        Raises:
            UserError: If a step cannot be used without labels, or nothing is packed.
        """
        for transform in self._transforms:
            name = type(transform).__name__
            with explain_errors(
                f'{name} of the test pipeline of the config fails on an image without labels; give '
                'it what it needs, or leave it out of test_dataloader.dataset.pipeline'
            ):
                results = transform(results)
            if results is None:
                raise UserError(f'{name} of the test pipeline of the config drops the face')
        if not {'inputs', 'data_samples'} <= set(results):
            raise UserError('the test pipeline of the config does not end with PackPoseInputs')
        return results


def pipeline_of_config(config: Config) -> list[dict[str, Any]]:
    """The test pipeline of a config, of the first of several test sets.

    A `SettingsWarning` says so if the others are cropped in another way.

    Raises:
        UserError: If it has none.
    """
    pipelines = pipelines_of(config)
    place, pipeline = next(iter(pipelines.items()), ('', []))
    if not pipeline:
        raise UserError('the config has no test_dataloader.dataset.pipeline, which crops the faces')
    if len({crop_settings(each) for each in pipelines.values()}) > 1:
        warnings.warn(
            'the test sets of the config are cropped in different ways; faces are cropped as in '
            f'{place}',
            SettingsWarning,
            stacklevel=2,
        )
    return pipeline


def input_size_of(pipeline: list[dict[str, Any]]) -> tuple[int, int]:
    """Size (w, h) of the crops of a pipeline.

    Raises:
        UserError: If it has no `TopdownAffine`.
    """
    size = crop_settings(pipeline).input_size
    if size is None:
        raise UserError(
            'the test pipeline of the config has no TopdownAffine; a top-down one is needed'
        )
    return size


def reading_of(transforms: Iterable[Any], channels: int) -> Reading:
    """How the transforms of a pipeline read images; in colour if none does.

    Args:
        transforms: Built transforms.
        channels: How many channels the network takes.
    """
    loads = (each for each in transforms if isinstance(each, LoadImageFromFile))
    load = next(loads, None)
    if load is None:
        return Reading(channels=channels)
    return reading_as(load.color_type, channels, load.to_float32)

"""The network behind one small interface, whether PyTorch or ONNX Runtime calculates it."""

from dataclasses import dataclass
from typing import Any, Optional, Protocol

import numpy as np
import torch
from mmengine.structures import InstanceData
from mmpose.codecs import UDPHeatmap
from mmpose.models import TopdownPoseEstimator
from mmpose.structures import PoseDataSample

from mmpose_multilat.deploy.onnx_model import CUDA, OnnxModel, choose_providers
from mmpose_multilat.models import MultilaterationPoseEstimator
from mmpose_multilat.models.pose_estimators import (
    COVARIANCES,
    add_covariances,
    require_covariances,
)
from mmpose_multilat.tools.command_line import UserError

COVARIANCE_OUTPUT = 'covariances'
"""Of the files that `export_onnx` writes."""


@dataclass(frozen=True)
class Landmarks:
    """Landmarks of B faces.

    Attributes:
        keypoints: (B, K, 2) landmarks (x, y) in input px.
        scores: (B, K) scores.
        covariances: (B, K, 2, 2) in squared input px, NaN where the score is 0; None where they are
            not asked for.
    """

    keypoints: np.ndarray
    scores: np.ndarray
    covariances: Optional[np.ndarray] = None


class LandmarkModel(Protocol):
    """Finds landmarks in crops.

    Attributes:
        input_size: Size (w, h) of the crops in px.
    """

    input_size: tuple[int, int]

    def __call__(self, crops: np.ndarray) -> Landmarks:
        """Find landmarks.

        Args:
            crops: (B, h, w, 3) uint8 BGR.
        """


class TorchLandmarkModel:
    """A top-down pose estimator of MMPose, with the flip test of its config.

    Args:
        estimator: The pose estimator in evaluation mode, as `init_model` builds it.
        input_size: Size (w, h) of the crops in px.
        covariances: Whether to find covariances too. `MultilaterationPoseEstimator` does it itself;
            those of MMPose's estimators come from the heatmaps that they put out.

    Raises:
        UserError: If the codec tells no covariances.
    """

    def __init__(
        self,
        estimator: TopdownPoseEstimator,
        input_size: tuple[int, int],
        covariances: bool = False,
    ) -> None:
        self.input_size = input_size
        self._estimator = estimator
        self._covariances = covariances
        self._adds_covariances = False
        self._stretch = stretch_of(getattr(estimator.head, 'decoder', None), input_size)
        if covariances:
            self._ask_for_covariances()

    def _ask_for_covariances(self) -> None:
        try:
            require_covariances(getattr(self._estimator.head, 'decoder', None))
        except ValueError as error:
            raise UserError(
                f'--covariances: {error}; for example '
                '--cfg-options model.head.decoder.type=GaussianMLE'
            ) from error
        knows = isinstance(self._estimator, MultilaterationPoseEstimator)
        self._adds_covariances = not knows
        setting = 'output_covariances' if knows else 'output_heatmaps'
        self._estimator.test_cfg = {**self._estimator.test_cfg, setting: True}

    @torch.no_grad()
    def __call__(self, crops: np.ndarray) -> Landmarks:
        """See `LandmarkModel`."""
        inputs = [torch.from_numpy(crop) for crop in np.moveaxis(crops, -1, 1)]
        batch = dict(inputs=inputs, data_samples=[self._sample() for _ in crops])
        answers = self._estimator.test_step(batch)
        found = [answer.pred_instances for answer in answers]
        if self._adds_covariances:
            fields = [answer.pred_fields for answer in answers]
            add_covariances(found, fields, self._estimator.head.decoder)
        return Landmarks(
            np.concatenate([each.keypoints[:1, :, :2] for each in found]) / self._stretch,
            np.concatenate([each.keypoint_scores[:1] for each in found]),
            np.concatenate([each[COVARIANCES][:1] for each in found])
            if self._covariances
            else None,
        )

    def _sample(self) -> PoseDataSample:
        """A sample whose picture is the crop, so that results come in input px."""
        size = np.array(self.input_size, np.float64)
        meta = self._estimator.dataset_meta
        names = ('flip_indices', 'dataset_name')
        sample = PoseDataSample(
            metainfo=dict(
                input_size=self.input_size,
                input_center=size / 2,
                input_scale=size,
                **{name: meta[name] for name in names if name in meta},
            )
        )
        boxes = np.array([[0, 0, *self.input_size]], np.float32)
        sample.gt_instances = InstanceData(bboxes=boxes, bbox_scores=np.ones(1, np.float32))
        return sample


def stretch_of(codec: Any, input_size: tuple[int, int]) -> np.ndarray:
    """How much too far from the upper left corner a codec puts landmarks, a factor for x and y.

    MMPose's `UDPHeatmap` gives input px times w / (w - 1), because MMPose's pose estimators divide
    by w afterwards also where crops by `TopdownAffine(use_udp=True)` need w - 1. All other codecs
    give input px.

    Args:
        codec: The decoder of a head.
        input_size: Size (w, h) of the crops in px.

    Returns:
        (2,) factors.
    """
    size = np.asarray(input_size, np.float32)
    return size / (size - 1) if isinstance(codec, UDPHeatmap) else np.ones_like(size)


class OnnxLandmarkModel:
    """A network that `export_onnx` wrote.

    Args:
        path: The .onnx file.
        covariances: Whether to find covariances too.
        device: 'cpu', 'cuda:0' ...; '' for a GPU if ONNX Runtime has one.

    Attributes:
        description: What the file says of itself: size and padding of the crops, for example.

    Raises:
        UserError: If it cannot be read, has no covariances, or ONNX Runtime is not installed or
            cannot use the device.
    """

    def __init__(self, path: str, covariances: bool = False, device: str = '') -> None:
        try:
            self._model = OnnxModel(path, choose_providers(device))
        except (OSError, ValueError, ImportError) as error:
            raise UserError(f'--model: {error}') from error
        if device.startswith('cuda') and CUDA not in self._model.providers:
            # ONNX Runtime itself goes on without it.
            raise UserError(
                f'--device {device}: ONNX Runtime cannot start CUDA there, see its message; use '
                "'cpu', or install the CUDA libraries that it asks for"
            )
        if covariances and COVARIANCE_OUTPUT not in self._model.outputs:
            raise UserError(
                f'--covariances: {path} has none; export it again with --cfg-options '
                'model.test_cfg.output_covariances=True, or leave --covariances out'
            )
        self._covariances = covariances
        self.description = self._model.description
        self.input_size = self.description.input_size

    def __call__(self, crops: np.ndarray) -> Landmarks:
        """See `LandmarkModel`."""
        found = self._model.predict(crops)
        covariances = found[COVARIANCE_OUTPUT] if self._covariances else None
        return Landmarks(found['keypoints'], found['scores'], covariances)

"""The network behind one small interface, whether PyTorch or ONNX Runtime calculates it."""

from dataclasses import dataclass
from typing import Optional, Protocol

import numpy as np
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.structures import InstanceData
from mmpose.apis import init_model
from mmpose.models import TopdownPoseEstimator
from mmpose.structures import PoseDataSample

from mmpose_multilat.deploy.onnx_model import OnnxModel
from mmpose_multilat.models import MultilaterationPoseEstimator
from mmpose_multilat.models.pose_estimators import (
    COVARIANCES,
    add_covariances,
    require_covariances,
)
from mmpose_multilat.tools.benchmarking.loading import read_weights
from mmpose_multilat.tools.command_line import UserError

COVARIANCE_OUTPUT = 'covariances'
"""Of the files that `export_onnx` writes."""

NAMES_SHOWN = 3
"""How many weights a message names before it only counts the rest."""


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
            np.concatenate([each.keypoints[:1, :, :2] for each in found]),
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


def build_estimator(config: Config, checkpoint: str, device: str) -> TopdownPoseEstimator:
    """Build the pose estimator of a config with the weights of a checkpoint.

    Args:
        config: A config of MMPose.
        checkpoint: File of its weights.
        device: 'cpu', 'cuda:0' ...

    Raises:
        UserError: If the files do not fit together, or the model is no top-down one.
    """
    state = read_weights(checkpoint)
    if config.get('model') is None:
        raise UserError('--config has no model; take a config of MMPose')
    estimator = init_model(config, None, device='cpu')
    if not isinstance(estimator, TopdownPoseEstimator):
        raise UserError(
            f'the model of --config is a {type(estimator).__name__}; predict needs a top-down one '
            "(type 'TopdownPoseEstimator')"
        )
    misfit = f'checkpoint {checkpoint} was not trained with --config (other model or landmarks)'
    try:
        missing = estimator.load_state_dict(state, strict=False).missing_keys
    except RuntimeError as error:  # weights of other sizes, one a line after the first
        first = (str(error).splitlines()[1:2] or [str(error)])[0]
        raise UserError(f'{misfit}: {first.strip()}') from error
    if missing:
        raise UserError(f'{misfit}: it lacks {len(missing)} weights, {missing[:NAMES_SHOWN]} ...')
    init_default_scope('mmpose')
    return estimator.to(device).eval()


class OnnxLandmarkModel:
    """A network that `export_onnx` wrote.

    Args:
        path: The .onnx file.
        covariances: Whether to find covariances too.

    Attributes:
        description: What the file says of itself: size and padding of the crops, for example.

    Raises:
        UserError: If it cannot be read, has no covariances, or ONNX Runtime is not installed.
    """

    def __init__(self, path: str, covariances: bool = False) -> None:
        try:
            self._model = OnnxModel(path)
        except (OSError, ValueError, ImportError) as error:
            raise UserError(f'--model: {error}') from error
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

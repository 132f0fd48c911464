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

from mmpose_multilat.deploy.graph import locate
from mmpose_multilat.deploy.onnx_model import OnnxModel
from mmpose_multilat.tools.benchmarking.loading import read_weights
from mmpose_multilat.tools.command_line import UserError

NAMES_SHOWN = 3
"""How many weights a message names before it only counts the rest."""


@dataclass(frozen=True)
class Landmarks:
    """Landmarks of B faces.

    Attributes:
        keypoints: (B, K, 2) landmarks (x, y) in input px.
        scores: (B, K) scores.
        covariances: (B, K, 2, 2) in squared input px, None where the network has none.
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

    Covariances are there if the codec has `locate_with_covariance`; they are those of the heatmaps
    that the estimator puts out.

    Args:
        estimator: The pose estimator in evaluation mode, as `init_model` builds it.
        input_size: Size (w, h) of the crops in px.
    """

    def __init__(self, estimator: TopdownPoseEstimator, input_size: tuple[int, int]) -> None:
        self.input_size = input_size
        self._estimator = estimator
        self._codec = getattr(estimator.head, 'decoder', None)
        self._knows_covariances = hasattr(self._codec, 'locate_with_covariance')
        if self._knows_covariances:
            estimator.test_cfg = {**estimator.test_cfg, 'output_heatmaps': True}

    @torch.no_grad()
    def __call__(self, crops: np.ndarray) -> Landmarks:
        """See `LandmarkModel`."""
        inputs = [torch.from_numpy(crop) for crop in np.moveaxis(crops, -1, 1)]
        batch = dict(inputs=inputs, data_samples=[self._sample() for _ in crops])
        answers = self._estimator.test_step(batch)
        found = [answer.pred_instances for answer in answers]
        return Landmarks(
            np.concatenate([each.keypoints[:1, :, :2] for each in found]),
            np.concatenate([each.keypoint_scores[:1] for each in found]),
            self._covariances(answers) if self._knows_covariances else None,
        )

    def _covariances(self, answers: list[PoseDataSample]) -> np.ndarray:
        """(B, K, 2, 2) in squared input px."""
        heatmaps = torch.stack([answer.pred_fields.heatmaps for answer in answers])
        *_, covariances = locate(self._codec, heatmaps)
        return covariances.cpu().numpy()

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

    Attributes:
        description: What the file says of itself: size and padding of the crops, for example.

    Raises:
        UserError: If it cannot be read, or ONNX Runtime is not installed.
    """

    def __init__(self, path: str) -> None:
        try:
            self._model = OnnxModel(path)
        except (OSError, ValueError, ImportError) as error:
            raise UserError(f'--model: {error}') from error
        self.description = self._model.description
        self.input_size = self.description.input_size

    def __call__(self, crops: np.ndarray) -> Landmarks:
        """See `LandmarkModel`."""
        found = self._model.predict(crops)
        return Landmarks(found['keypoints'], found['scores'], found.get('covariances'))

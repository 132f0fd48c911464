"""The network behind one small interface, whether PyTorch or ONNX Runtime calculates it."""

from collections.abc import Callable, Mapping
from typing import Any, Optional, Protocol

import numpy as np
import torch
from mmpose.models import TopdownPoseEstimator
from torch import nn

from mmpose_multilat.deploy.onnx_model import CUDA, OnnxModel, choose_providers
from mmpose_multilat.landmarks import Located
from mmpose_multilat.models.heads import GraphRefinementHead, codec_of
from mmpose_multilat.models.pose_estimators import (
    locate,
    metainfo_of_estimator,
    require_covariances,
)
from mmpose_multilat.settings import flip_partners
from mmpose_multilat.tools.command_line import UserError, blame_user

COVARIANCE_OUTPUT = 'covariances'
"""Of the files that `export_onnx` writes."""


class LandmarkModel(Protocol):
    """Finds landmarks in crops.

    Attributes:
        input_size: Size (w, h) of the crops in px.
        metainfo: What is known of the landmarks, with `dataset_name` and `flip_indices` as in
            MMPose's metainfo.
    """

    input_size: tuple[int, int]
    metainfo: Mapping[str, Any]

    def __call__(self, crops: np.ndarray) -> Located:
        """Find landmarks.

        Args:
            crops: (B, h, w, C) as the test pipeline cuts them, mostly uint8 BGR.

        Returns:
            B faces in input px, on the CPU.
        """


class TorchLandmarkModel:
    """A top-down pose estimator of MMPose, with the flip test of its config.

    Args:
        estimator: The pose estimator in evaluation mode, as `build_estimator` builds it.
        input_size: Size (w, h) of the crops in px.
        covariances: Whether to find covariances too.

    Raises:
        UserError: If the codec tells no covariances, or the flip test has no pairs of landmarks.
    """

    def __init__(
        self,
        estimator: TopdownPoseEstimator,
        input_size: tuple[int, int],
        covariances: bool = False,
    ) -> None:
        self.input_size = input_size
        self.metainfo = metainfo_of_estimator(estimator)
        self._estimator = estimator
        self._covariances = covariances
        self._partners = _partners_of(estimator, self.metainfo)
        self._chosen = estimator.test_cfg.get('output_keypoint_indices')
        if covariances:
            _check_covariances(estimator)

    @torch.no_grad()
    def __call__(self, crops: np.ndarray) -> Located:
        """See `LandmarkModel`."""
        inputs = self._normalise(crops)
        found = locate(self._estimator, inputs, self._partners, self._covariances)
        if self._chosen is not None:
            found = found.selected(self._chosen)
        return Located(*(None if part is None else part.cpu() for part in found))

    @property
    def head(self) -> nn.Module:
        """The head of the network."""
        return self._estimator.head

    @torch.no_grad()
    def edges(self, crops: np.ndarray) -> np.ndarray:
        """Find how much the landmarks of a `GraphRefinementHead` listen to each other.

        Args:
            crops: (B, h, w, 3) uint8 BGR.

        Returns:
            (B, K, K) edges without flip test, see `LandmarkEdges`.
        """
        feats = self._estimator.extract_feat(self._normalise(crops))
        _, edges = self.head.locate(feats, output_edges=True)
        if self._chosen is not None:
            edges = edges[:, self._chosen][..., self._chosen]
        return edges.cpu().numpy()

    def _normalise(self, crops: np.ndarray) -> torch.Tensor:
        images = [torch.from_numpy(crop) for crop in np.moveaxis(crops, -1, 1)]
        batch = dict(inputs=images, data_samples=[])
        return self._estimator.data_preprocessor(batch, training=False)['inputs']


def _partners_of(
    estimator: TopdownPoseEstimator, metainfo: Mapping[str, Any]
) -> Optional[list[int]]:
    """The landmarks on the other side where the config wants the flip test, else None."""
    if not estimator.test_cfg.get('flip_test', False):
        return None
    try:
        return flip_partners(metainfo)
    except ValueError as error:
        raise UserError(f'{error} by --cfg-options model.test_cfg.flip_test=False') from error


def _check_covariances(estimator: TopdownPoseEstimator) -> None:
    try:
        require_covariances(codec_of(estimator.head))
    except ValueError as error:
        raise UserError(
            f'--covariances: {error}; for example --cfg-options model.head.decoder.type=GaussianMLE'
        ) from error


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
        self.metainfo = self.description.metainfo

    def __call__(self, crops: np.ndarray) -> Located:
        """See `LandmarkModel`."""
        with blame_user():
            found = self._model.predict(crops)
        names = ['keypoints', 'scores', *([COVARIANCE_OUTPUT] if self._covariances else ())]
        return Located(*(torch.from_numpy(found[name]) for name in names))


def edges_of(model: LandmarkModel) -> Callable[[np.ndarray], np.ndarray]:
    """Return what finds the edges of a network's graph, see `TorchLandmarkModel.edges`.

    Raises:
        UserError: If it has no graph, or is exported.
    """
    if not isinstance(model, TorchLandmarkModel):
        raise UserError('--edges needs --config and --checkpoint; exported files tell no edges')
    if not isinstance(model.head, GraphRefinementHead):
        raise UserError(
            f'--edges: {type(model.head).__name__} has no graph of landmarks; '
            'GraphRefinementHead has one'
        )
    return model.edges

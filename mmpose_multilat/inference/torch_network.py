"""A network that PyTorch calculates, from a config and a checkpoint of MMPose."""

from collections.abc import Mapping
from typing import Any, Optional

import numpy as np
import torch
from mmpose.models import TopdownPoseEstimator

from mmpose_multilat.errors import UserError
from mmpose_multilat.models.heads import GraphRefinementHead
from mmpose_multilat.models.pose_estimators import (
    locate,
    metainfo_of_estimator,
    require_covariances,
)
from mmpose_multilat.settings import flip_partners

from .networks import Answer


class TorchNetwork:
    """A top-down pose estimator of MMPose, with the flip test of its config.

    Args:
        estimator: The pose estimator in evaluation mode, as `build_estimator` builds it.
        input_size: Size (w, h) of the crops in px.
        covariances: Whether to find covariances too.
        edges: Whether to find the edges of a `GraphRefinementHead` too.

    Raises:
        UserError: If the codec tells no covariances, the head has no graph, or the flip test has no
            pairs of landmarks.
    """

    def __init__(
        self,
        estimator: TopdownPoseEstimator,
        input_size: tuple[int, int],
        covariances: bool = False,
        edges: bool = False,
    ) -> None:
        self.input_size = input_size
        self.metainfo = metainfo_of_estimator(estimator)
        self._estimator = estimator
        self._covariances, self._with_edges = covariances, edges
        self._partners = _partners_of(estimator, self.metainfo)
        self._chosen = estimator.test_cfg.get('output_keypoint_indices')
        if covariances:
            _check_covariances(estimator)
        if edges:
            _check_edges(estimator)

    @torch.no_grad()
    def __call__(self, crops: np.ndarray) -> Answer:
        """See `LandmarkNetwork`."""
        inputs = self._normalise(crops)
        found = locate(self._estimator, inputs, self._partners, self._covariances)
        if self._chosen is not None:
            found = found.selected(self._chosen)
        edges = self._edges(inputs) if self._with_edges else None
        parts = (*found, edges)
        return Answer(*(None if part is None else part.cpu().numpy() for part in parts))

    def _edges(self, inputs: torch.Tensor) -> torch.Tensor:
        """(B, K, K) edges, see `Answer`."""
        feats = self._estimator.extract_feat(inputs)
        _, edges = self._estimator.head.locate(feats, output_edges=True)
        if self._chosen is not None:
            edges = edges[:, self._chosen][..., self._chosen]
        return edges

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
        raise UserError(f'{error} by `cfg_options` model.test_cfg.flip_test=False') from error


def _check_covariances(estimator: TopdownPoseEstimator) -> None:
    try:
        require_covariances(estimator.head)
    except ValueError as error:
        raise UserError(
            f'`covariances`: {error}; for example `cfg_options` model.head.decoder.type=GaussianMLE'
        ) from error


def _check_edges(estimator: TopdownPoseEstimator) -> None:
    if not isinstance(estimator.head, GraphRefinementHead):
        raise UserError(
            f'`edges`: {type(estimator.head).__name__} has no graph of landmarks; '
            'GraphRefinementHead has one'
        )

"""A top-down pose estimator with an exact flip test for every codec, and with covariances."""

from collections.abc import Sequence
from typing import Any, Optional

import numpy as np
from mmengine.structures import InstanceData, PixelData
from mmpose.models import TopdownPoseEstimator
from mmpose.registry import MODELS
from mmpose.structures import PoseDataSample
from torch import Tensor

from mmpose_multilat.landmarks import Located
from mmpose_multilat.models.heads import (
    COVARIANCES,
    codec_of,
    flip_indices_of,
    landmark_head,
    shown_fields,
    to_instances,
    visibilities,
)

from .covariances import require_covariances
from .crops import check_receives_predictions, crop_of
from .frozen import freeze
from .locating import (
    COORDINATES,
    View,
    average_views,
    locate,
    locate_view,
    locate_views,
    look,
)

FLIP_MODES = ('heatmap', 'udp_combined', 'offset', COORDINATES)
"""MMPose's three, which average heatmaps, and the one that averages landmarks."""


@MODELS.register_module()
class MultilaterationPoseEstimator(TopdownPoseEstimator):
    """`TopdownPoseEstimator` that can flip landmarks, and say how far they may be off.

    With `test_cfg=dict(flip_test=True, flip_mode='coordinates')` the image and the flipped image
    are decoded apart, and the landmarks are averaged, see `Located.averaged`; `shift_heatmap` has
    no meaning then. Everything else is MMPose's: checkpoints, heads, the other flip modes.

    With `output_heatmaps` the heatmaps of the image are put out then, not averaged: the cells of
    the two heatmaps lie at different places.

    With `test_cfg=dict(output_covariances=True)` `pred_instances` get `keypoint_covariances`
    (N, K, 2, 2) in squared px of the original image, NaN where a landmark is not to be trusted.
    The flip tests that average heatmaps give the covariances of the averaged heatmaps.

    Args:
        *args: Arguments of `TopdownPoseEstimator`, also the next.
        frozen: Names of parts that training leaves as they are, statistics of batch normalisation
            included: ('backbone', 'neck', 'head.base_head') to train a refinement of landmarks
            alone. Their weights have to be loaded.
        **settings: Of these, `test_cfg` has `flip_test`, `flip_mode` and `output_covariances`.

    Raises:
        ValueError: If `flip_mode` or the name of a part is unknown, or covariances are asked of a
            codec that cannot tell them.
    """

    def __init__(self, *args: Any, frozen: Sequence[str] = (), **settings: Any) -> None:
        super().__init__(*args, **settings)
        freeze(self, frozen)
        self.frozen = tuple(frozen)
        flip_mode = self.test_cfg.get('flip_mode', 'heatmap')
        if flip_mode not in FLIP_MODES:
            raise ValueError(f'flip_mode={flip_mode!r} is unknown, use one of {FLIP_MODES}')
        if self.outputs_covariances:
            require_covariances(self.head)

    def train(self, mode: bool = True) -> 'MultilaterationPoseEstimator':
        """Set the training mode; frozen parts stay in evaluation mode."""
        super().train(mode)
        for name in self.frozen:
            self.get_submodule(name).eval()
        return self

    @property
    def flips_coordinates(self) -> bool:
        """Whether `test_cfg` asks for the flip test on landmarks."""
        wanted = self.test_cfg.get('flip_test', False)
        return bool(wanted) and self.test_cfg.get('flip_mode') == COORDINATES

    @property
    def outputs_covariances(self) -> bool:
        """Whether `test_cfg` asks for the covariances of the landmarks."""
        return bool(self.test_cfg.get('output_covariances', False))

    def locate(
        self,
        inputs: Tensor,
        partners: Optional[Sequence[int]] = None,
        covariances: bool = False,
    ) -> Located:
        """Find the landmarks in a batch of crops, in input px; see `locate`."""
        return locate(self, inputs, partners, covariances)

    def predict(self, inputs: Tensor, data_samples: list[PoseDataSample]) -> list[PoseDataSample]:
        """Find the landmarks of a batch.

        Args:
            inputs: (B, C, h, w) normalised crops.
            data_samples: Their B samples.

        Returns:
            The samples with `pred_instances` (landmarks in px of the original image) and, with
            `output_heatmaps`, `pred_fields`.

        Raises:
            ValueError: If the samples do not say which landmarks mirror each other.
        """
        if not (self.flips_coordinates or self.outputs_covariances):
            return super().predict(inputs, data_samples)
        if not data_samples:
            return []  # none says which landmarks mirror each other
        views, partners = [look(self, inputs, data_samples)], None
        if self.test_cfg.get('flip_test', False):
            views.append(look(self, inputs.flip(-1), data_samples))
            partners = flip_indices_of(data_samples[0])
        fields = None
        if self.test_cfg.get('output_heatmaps', False):
            shown = self._shown_view(views, partners)
            fields = shown_fields(landmark_head(self.head), shown.outputs, shown.feats)
        return self.add_pred_to_datasample(self._find(views, partners), fields, data_samples)

    def _find(self, views: list[View], partners: Optional[list[int]]) -> list[InstanceData]:
        """What is found in one view, or in a view and the flipped one, in input px."""
        if partners is None:
            found = locate_view(self, *views, self.outputs_covariances)
        else:
            found = locate_views(self, *views, partners, self.outputs_covariances)
        instances = to_instances(found, codec_of(self.head))
        told = [visibilities(self.head, view.feats) for view in views]
        if told[0] is not None:
            told[1:] = [flipped[..., partners] for flipped in told[1:]]
            for instance, visible in zip(instances, np.mean(told, 0)):
                instance.keypoints_visible = visible
        return instances

    def _shown_view(self, views: list[View], partners: Optional[list[int]]) -> View:
        """The view whose heatmaps are put out."""
        if partners is None or self.flips_coordinates:
            return views[0]
        return average_views(self, *views, partners)

    def add_pred_to_datasample(
        self,
        batch_pred_instances: list[InstanceData],
        batch_pred_fields: Optional[list[PixelData]],
        batch_data_samples: list[PoseDataSample],
    ) -> list[PoseDataSample]:
        """Bring what was found from the input into the original image, and into the samples.

        As MMPose does, without the rotation that a crop may have.

        Args:
            batch_pred_instances: Landmarks in input px of B images, perhaps with covariances in
                input px squared.
            batch_pred_fields: Their heatmaps, None to put none out.
            batch_data_samples: The B samples.

        Returns:
            The samples.

        Raises:
            ValueError: If a sample lacks a field that this needs.
        """
        for sample in batch_data_samples:
            check_receives_predictions(sample)
        for found, sample in zip(batch_pred_instances, batch_data_samples):
            if COVARIANCES in found:
                covariances = crop_of(sample).covariance_to_image(found[COVARIANCES])
                found.set_field(covariances.astype(found[COVARIANCES].dtype), COVARIANCES)
        return super().add_pred_to_datasample(
            batch_pred_instances, batch_pred_fields, batch_data_samples
        )

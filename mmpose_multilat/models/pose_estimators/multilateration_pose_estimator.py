"""A top-down pose estimator with an exact flip test for every codec, and with covariances."""

from typing import Any, Optional

import numpy as np
from mmengine.structures import InstanceData, PixelData
from mmpose.models import TopdownPoseEstimator
from mmpose.registry import MODELS
from mmpose.structures import PoseDataSample
from torch import Tensor

from .covariances import COVARIANCES, add_covariances, require_covariances, scale_covariances
from .flip_test import average_mirrored, mirror_width

COORDINATES = 'coordinates'
FLIP_MODES = ('heatmap', 'udp_combined', 'offset', COORDINATES)
"""MMPose's three, which average heatmaps, and the one that averages landmarks."""


@MODELS.register_module()
class MultilaterationPoseEstimator(TopdownPoseEstimator):
    """`TopdownPoseEstimator` that can flip landmarks, and say how far they may be off.

    With `test_cfg=dict(flip_test=True, flip_mode='coordinates')` the picture and its mirror image
    are decoded apart, and the landmarks are averaged, see `average_mirrored`; `shift_heatmap` has
    no meaning then. Everything else is MMPose's: checkpoints, heads, the other flip modes.

    With `output_heatmaps` the heatmaps of the picture are put out, not averaged: the cells of the
    two heatmaps lie at different places.

    With `test_cfg=dict(output_covariances=True)` `pred_instances` get `keypoint_covariances`
    (N, K, 2, 2) in squared px of the original picture, NaN where a landmark is not to be trusted.
    The flip tests that average heatmaps give the covariances of the averaged heatmaps.

    Args:
        *args: Arguments of `TopdownPoseEstimator`, also the next.
        **settings: Of these, `test_cfg` has `flip_test`, `flip_mode` and `output_covariances`.

    Raises:
        ValueError: If `flip_mode` is unknown, or covariances are asked of a codec that
            cannot tell them.
    """

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        flip_mode = self.test_cfg.get('flip_mode', 'heatmap')
        if flip_mode not in FLIP_MODES:
            raise ValueError(f'flip_mode={flip_mode!r} is unknown, use one of {FLIP_MODES}')
        if self.outputs_covariances:
            require_covariances(getattr(self.head, 'decoder', None))

    @property
    def flips_coordinates(self) -> bool:
        """Whether `test_cfg` asks for the flip test on landmarks."""
        wanted = self.test_cfg.get('flip_test', False)
        return bool(wanted) and self.test_cfg.get('flip_mode') == COORDINATES

    @property
    def outputs_covariances(self) -> bool:
        """Whether `test_cfg` asks for the covariances of the landmarks."""
        return bool(self.test_cfg.get('output_covariances', False))

    def predict(self, inputs: Tensor, data_samples: list[PoseDataSample]) -> list[PoseDataSample]:
        """Find the landmarks of a batch.

        Args:
            inputs: (B, 3, h, w) normalised pictures.
            data_samples: Their B samples.

        Returns:
            The samples with `pred_instances` (landmarks in px of the original picture) and, with
            `output_heatmaps`, `pred_fields`.

        Raises:
            ValueError: If the samples do not say which landmarks mirror each other, or covariances
                are asked of a head without heatmaps.
        """
        if self.flips_coordinates:
            found, fields = self._predict_both(inputs, data_samples)
        elif self.outputs_covariances:
            flip_test = self.test_cfg.get('flip_test', False)
            found, fields = self._find(inputs, data_samples, flip_test)
        else:
            return super().predict(inputs, data_samples)
        wanted = self.test_cfg.get('output_heatmaps', False)
        return self.add_pred_to_datasample(found, fields if wanted else None, data_samples)

    def add_pred_to_datasample(
        self,
        batch_pred_instances: list[InstanceData],
        batch_pred_fields: Optional[list[PixelData]],
        batch_data_samples: list[PoseDataSample],
    ) -> list[PoseDataSample]:
        """Bring what was found from the input into the original picture, and into the samples.

        As MMPose does, without the rotation that a crop may have.

        Args:
            batch_pred_instances: Landmarks in input px of B pictures, perhaps with covariances in
                input px squared.
            batch_pred_fields: Their heatmaps, None to put none out.
            batch_data_samples: The B samples.

        Returns:
            The samples.
        """
        for found, sample in zip(batch_pred_instances, batch_data_samples):
            if COVARIANCES in found:
                place = sample.metainfo
                scale = np.divide(place['input_scale'], place['input_size'])
                found.set_field(scale_covariances(found[COVARIANCES], scale), COVARIANCES)
        return super().add_pred_to_datasample(
            batch_pred_instances, batch_pred_fields, batch_data_samples
        )

    def _predict_both(
        self, inputs: Tensor, data_samples: list[PoseDataSample]
    ) -> tuple[list[InstanceData], Optional[list[PixelData]]]:
        """Average over the pictures and their mirror images; the heatmaps are the pictures'."""
        plain, fields = self._find(inputs, data_samples, flip_test=False)
        mirrored, _ = self._find(inputs.flip(-1), data_samples, flip_test=False)
        width = mirror_width(getattr(self.head, 'decoder', None), inputs.shape[-1])
        averaged = [
            average_mirrored(*pair, width, _flip_indices(sample))
            for *pair, sample in zip(plain, mirrored, data_samples)
        ]
        return averaged, fields

    def _find(
        self, inputs: Tensor, data_samples: list[PoseDataSample], flip_test: bool
    ) -> tuple[list[InstanceData], Optional[list[PixelData]]]:
        """What the head finds, in input px, and its heatmaps where something needs them.

        With `flip_test` the head averages the heatmaps of pictures and mirror images, as MMPose
        does.
        """
        features = self.extract_feat(inputs)
        if flip_test:
            features = [features, self.extract_feat(inputs.flip(-1))]
        wanted = self.test_cfg.get('output_heatmaps', False) or self.outputs_covariances
        test_cfg = {**self.test_cfg, 'flip_test': flip_test, 'output_heatmaps': wanted}
        found = self.head.predict(features, data_samples, test_cfg=test_cfg)
        instances, fields = found if isinstance(found, tuple) else (found, None)
        if self.outputs_covariances:
            add_covariances(instances, fields, self.head.decoder)
        return instances, fields


def _flip_indices(sample: PoseDataSample) -> list[int]:
    """Index of the landmark on the other side, for each landmark."""
    if 'flip_indices' not in sample.metainfo:
        raise ValueError(
            "flip_mode='coordinates' needs flip_indices in the samples; add 'flip_indices' to the "
            'meta_keys of PackPoseInputs, where it is by default'
        )
    return list(sample.metainfo['flip_indices'])

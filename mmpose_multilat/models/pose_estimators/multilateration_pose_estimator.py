"""A top-down pose estimator with an exact flip test for every head and codec."""

from typing import Any, Optional

from mmengine.structures import InstanceData, PixelData
from mmpose.models import TopdownPoseEstimator
from mmpose.registry import MODELS
from mmpose.structures import PoseDataSample
from torch import Tensor

from .flip_test import average_mirrored

COORDINATES = 'coordinates'
FLIP_MODES = ('heatmap', 'udp_combined', 'offset', COORDINATES)
"""MMPose's three, which average heatmaps, and the one that averages landmarks."""


@MODELS.register_module()
class MultilaterationPoseEstimator(TopdownPoseEstimator):
    """`TopdownPoseEstimator` that can flip landmarks instead of heatmaps.

    With `test_cfg=dict(flip_test=True, flip_mode='coordinates')` the picture and its mirror image
    are decoded apart, and the landmarks are averaged, see `average_mirrored`; `shift_heatmap` has
    no meaning then. Everything else is MMPose's: checkpoints, heads, the other flip modes.

    With `output_heatmaps` the heatmaps of the picture are put out, not averaged: the cells of the
    two heatmaps lie at different places.

    Args:
        *args: Arguments of `TopdownPoseEstimator`, also the next.
        **settings: Of these, `test_cfg` has `flip_test` and `flip_mode`.

    Raises:
        ValueError: If `flip_mode` is unknown.
    """

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        flip_mode = self.test_cfg.get('flip_mode', 'heatmap')
        if flip_mode not in FLIP_MODES:
            raise ValueError(f'flip_mode={flip_mode!r} is unknown, use one of {FLIP_MODES}')

    @property
    def flips_coordinates(self) -> bool:
        """Whether `test_cfg` asks for the flip test on landmarks."""
        wanted = self.test_cfg.get('flip_test', False)
        return bool(wanted) and self.test_cfg.get('flip_mode') == COORDINATES

    def predict(self, inputs: Tensor, data_samples: list[PoseDataSample]) -> list[PoseDataSample]:
        """Find the landmarks of a batch.

        Args:
            inputs: (B, 3, h, w) normalised pictures.
            data_samples: Their B samples.

        Returns:
            The samples with `pred_instances` (landmarks in px of the original picture) and, with
            `output_heatmaps`, `pred_fields`.

        Raises:
            ValueError: If the samples do not say which landmarks mirror each other.
        """
        if not self.flips_coordinates:
            return super().predict(inputs, data_samples)
        plain, fields = self._predict_once(
            inputs, data_samples, self.test_cfg.get('output_heatmaps', False)
        )
        mirrored, _ = self._predict_once(inputs.flip(-1), data_samples, output_heatmaps=False)
        averaged = [
            average_mirrored(*pair, inputs.shape[-1], _flip_indices(sample))
            for *pair, sample in zip(plain, mirrored, data_samples)
        ]
        return self.add_pred_to_datasample(averaged, fields, data_samples)

    def _predict_once(
        self, inputs: Tensor, data_samples: list[PoseDataSample], output_heatmaps: bool
    ) -> tuple[list[InstanceData], Optional[list[PixelData]]]:
        """What the head finds in the pictures as they are: landmarks in input px, and heatmaps."""
        test_cfg = {**self.test_cfg, 'flip_test': False, 'output_heatmaps': output_heatmaps}
        found = self.head.predict(self.extract_feat(inputs), data_samples, test_cfg=test_cfg)
        return found if isinstance(found, tuple) else (found, None)


def _flip_indices(sample: PoseDataSample) -> list[int]:
    """Index of the landmark on the other side, for each landmark."""
    if 'flip_indices' not in sample.metainfo:
        raise ValueError(
            "flip_mode='coordinates' needs flip_indices in the samples; add 'flip_indices' to the "
            'meta_keys of PackPoseInputs, where it is by default'
        )
    return list(sample.metainfo['flip_indices'])

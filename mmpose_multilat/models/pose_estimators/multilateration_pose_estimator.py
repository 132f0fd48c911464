"""A top-down pose estimator with an exact flip test for every codec, and with covariances."""

from collections.abc import Sequence
from typing import Any, Optional

from mmengine.structures import InstanceData, PixelData
from mmpose.models import TopdownPoseEstimator
from mmpose.registry import MODELS
from mmpose.structures import PoseDataSample
from torch import Tensor

from mmpose_multilat.landmarks import Located
from mmpose_multilat.models.heads import COVARIANCES, as_encoded, flip_indices_of, to_instances

from .covariances import require_covariances
from .crops import crop_of
from .locating import COORDINATES, View, locate, locate_view, locate_views, look

FLIP_MODES = ('heatmap', 'udp_combined', 'offset', COORDINATES)
"""MMPose's three, which average heatmaps, and the one that averages landmarks."""


@MODELS.register_module()
class MultilaterationPoseEstimator(TopdownPoseEstimator):
    """`TopdownPoseEstimator` that can flip landmarks, and say how far they may be off.

    With `test_cfg=dict(flip_test=True, flip_mode='coordinates')` the image and the flipped image
    are decoded apart, and the landmarks are averaged, see `Located.averaged`; `shift_heatmap` has
    no meaning then. Everything else is MMPose's: checkpoints, heads, the other flip modes.

    With `output_heatmaps` the heatmaps of the image are put out, not averaged: the cells of the
    two heatmaps lie at different places.

    With `test_cfg=dict(output_covariances=True)` `pred_instances` get `keypoint_covariances`
    (N, K, 2, 2) in squared px of the original image, NaN where a landmark is not to be trusted.
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
            inputs: (B, 3, h, w) normalised crops.
            data_samples: Their B samples.

        Returns:
            The samples with `pred_instances` (landmarks in px of the original image) and, with
            `output_heatmaps`, `pred_fields`.

        Raises:
            ValueError: If the samples do not say which landmarks mirror each other.
        """
        if not (self.flips_coordinates or self.outputs_covariances):
            return super().predict(inputs, data_samples)
        plain = look(self, inputs)
        if self.test_cfg.get('flip_test', False):
            flipped, partners = look(self, inputs.flip(-1)), flip_indices_of(data_samples[0])
            found = locate_views(self, plain, flipped, partners, self.outputs_covariances)
        else:
            found = locate_view(self, plain, self.outputs_covariances)
        instances = to_instances(found, getattr(self.head, 'decoder', None))
        fields = self._fields(plain) if self.test_cfg.get('output_heatmaps', False) else None
        return self.add_pred_to_datasample(instances, fields, data_samples)

    def _fields(self, view: View) -> list[PixelData]:
        """The heatmaps of a view, as MMPose's heads give them."""
        show = getattr(self.head, 'shown_heatmaps', None)
        heatmaps = as_encoded(view.outputs)[0] if show is None else show(view.outputs, view.feats)
        return [PixelData(heatmaps=each) for each in heatmaps.detach()]

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
        """
        for found, sample in zip(batch_pred_instances, batch_data_samples):
            if COVARIANCES in found:
                covariances = crop_of(sample).covariance_to_image(found[COVARIANCES])
                found.set_field(covariances.astype(found[COVARIANCES].dtype), COVARIANCES)
        return super().add_pred_to_datasample(
            batch_pred_instances, batch_pred_fields, batch_data_samples
        )

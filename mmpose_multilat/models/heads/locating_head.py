"""What heads of this package share: one method that answers with landmarks."""

from collections.abc import Sequence
from typing import Any, Optional, Union

from mmengine.structures import InstanceData, PixelData
from mmpose.models.heads import HeatmapHead
from mmpose.structures import PoseDataSample
from torch import Tensor

from mmpose_multilat.landmarks import Located

from .averaging import average_heatmaps, flip_indices_of
from .locating import to_instances
from .outputs import as_encoded

Features = Sequence[Tensor]


class LocatingHead(HeatmapHead):
    """`HeatmapHead` whose answer is `locate(feats)`, which need not be what its codec decodes.

    A head whose landmarks are more than that overrides `locate_outputs`; testing, the flip test,
    the tools and the export all go through it.
    """

    def locate(self, feats: Features, covariances: bool = False) -> Located:
        """Find the landmarks.

        Args:
            feats: Features of the backbone or neck.
            covariances: Whether to estimate covariances too.

        Returns:
            B faces with K landmarks in input px.

        Raises:
            ValueError: If the output does not fit the codec, or the codec tells no covariances.
        """
        return self.locate_outputs(self.forward(feats), feats, covariances)

    def locate_outputs(self, outputs: Any, feats: Features, covariances: bool = False) -> Located:
        """Find the landmarks in what `forward` has put out for the same features, see `locate`."""
        return self.decoder.locate_in_input(*as_encoded(outputs), covariances=covariances)

    def predict(
        self,
        feats: Union[Features, list[Features]],
        batch_data_samples: list[PoseDataSample],
        test_cfg: Optional[dict[str, Any]] = None,
    ) -> Union[list[InstanceData], tuple[list[InstanceData], list[PixelData]]]:
        """Find the landmarks as MMPose's pose estimators ask for them.

        Args:
            feats: Features; with `flip_test` two lists of them, the second of the flipped images,
                whose outputs are averaged.
            batch_data_samples: The B samples, whose `flip_indices` are used.
            test_cfg: `flip_test`, `flip_mode`, `shift_heatmap`, `output_heatmaps`.

        Returns:
            B landmarks (`keypoints` (1, K, 2) in input px, `keypoint_scores` (1, K)) and, with
            `output_heatmaps`, B `heatmaps` (K, H, W).
        """
        test_cfg = test_cfg or {}
        if test_cfg.get('flip_test', False):
            outputs = self.averaged_outputs(feats, flip_indices_of(batch_data_samples[0]), test_cfg)
            feats = feats[0]
        else:
            outputs = self.forward(feats)
        found = to_instances(self.locate_outputs(outputs, feats), self.decoder)
        if not test_cfg.get('output_heatmaps', False):
            return found
        return found, [
            PixelData(heatmaps=each) for each in self.shown_heatmaps(outputs, feats).detach()
        ]

    def averaged_outputs(
        self, feats: Sequence[Features], flip_indices: Sequence[int], test_cfg: dict[str, Any]
    ) -> Any:
        """Average the outputs for images and for flipped images, as MMPose's flip test does."""
        plain, flipped = (self.forward(each) for each in feats)
        return average_heatmaps(plain, flipped, flip_indices, test_cfg)

    def shown_heatmaps(self, outputs: Any, feats: Features) -> Tensor:
        """(B, K, H, W) heatmaps for `output_heatmaps`."""
        return outputs

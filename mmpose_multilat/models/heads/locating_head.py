"""What heads of this package share: one method that answers with landmarks."""

from collections.abc import Sequence
from typing import Any, Optional, Union

from mmengine.structures import InstanceData, PixelData
from mmpose.models.heads import HeatmapHead
from mmpose.structures import PoseDataSample
from torch import Tensor

from mmpose_multilat.codecs import LandmarkCodec
from mmpose_multilat.landmarks import Located

from .averaging import average_heatmaps, flip_indices_of
from .locating import locate_by_codec, to_instances
from .outputs import NamedOutputs, as_encoded

Features = Sequence[Tensor]


class Locating:
    """What a head of MMPose becomes a head of this package by; it stands first among its bases.

    The answer is `locate(feats)`, which need not be what the codec decodes: a head whose landmarks
    are more than that overrides `locate_outputs`. Testing, the flip test, the tools and the export
    all go through it.

    Attributes:
        decoder: The codec, None for a head that is only trained.
    """

    decoder: Any

    def locate(self, feats: Features, covariances: bool = False) -> Located:
        """Find the landmarks.

        Args:
            feats: Features of the backbone or neck.
            covariances: Whether to estimate covariances too.

        Returns:
            B faces with K landmarks in input px.

        Raises:
            ValueError: If the output does not fit the codec, the codec tells no covariances, or the
                head has none.
        """
        return self.locate_outputs(self.forward(feats), feats, covariances)

    def locate_outputs(self, outputs: Any, feats: Features, covariances: bool = False) -> Located:
        """Find the landmarks in what `forward` has put out for the same features, see `locate`."""
        if self.decoder is None:
            raise ValueError(
                f'{type(self).__name__} has no decoder to find landmarks with; set '
                "model.head.decoder to a codec, for instance dict(type='KeyPosS', ...)"
            )
        if not isinstance(self.decoder, LandmarkCodec):
            outputs = as_encoded(outputs)[0]  # codecs of MMPose decode heatmaps alone here
        return locate_by_codec(self, outputs, feats, covariances)

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
            partners = flip_indices_of(batch_data_samples[0])
            feats = [self.with_samples(each, batch_data_samples) for each in feats]
            outputs = [self.forward(each) for each in feats]
            outputs = self.averaged_outputs(outputs, feats, partners, test_cfg)
            feats = feats[0]
        else:
            feats = self.with_samples(feats, batch_data_samples)
            outputs = self.forward(feats)
        found = to_instances(self.locate_outputs(outputs, feats), self.decoder)
        if not test_cfg.get('output_heatmaps', False):
            return found
        return found, [
            PixelData(heatmaps=each) for each in self.shown_heatmaps(outputs, feats).detach()
        ]

    def with_samples(self, feats: Features, samples: Sequence[PoseDataSample]) -> Any:
        """Put beside the features what the head wants of the B samples; most want nothing."""
        return feats

    def averaged_outputs(
        self,
        outputs: Sequence[Any],
        feats: Sequence[Features],
        flip_indices: Sequence[int],
        test_cfg: dict[str, Any],
    ) -> Any:
        """Average the outputs for images and for flipped images, see `averaged_outputs`."""
        plain, flipped = outputs
        return average_heatmaps(plain, flipped, flip_indices, test_cfg)

    def outputs_by_codec(self, outputs: Any) -> NamedOutputs:
        """Say which codec decodes which part of the output, see `outputs_by_codec`.

        A head with several outputs overrides it and names each.
        """
        if self.decoder is None:
            return {}
        return {'heatmaps': (self.decoder, as_encoded(outputs))}

    def shown_heatmaps(self, outputs: Any, feats: Features) -> Tensor:
        """(B, K, H, W) heatmaps for `output_heatmaps`."""
        return outputs


class LocatingHead(Locating, HeatmapHead):
    """`HeatmapHead` whose answer is `locate(feats)`, see `Locating`."""

"""A heatmap head that puts out vectors, by band pooling.

Xiong et al., "Gaussian Vector: An Efficient Solution for Facial Landmark Detection", ACCV 2020.
"""

from collections.abc import Sequence
from typing import Any, Optional

from mmpose.registry import MODELS
from mmpose.structures import PoseDataSample
from torch import Tensor

from mmpose_multilat.landmarks.checks import is_whole
from mmpose_multilat.models.layers import BandPooling

from .averaging import average_heatmaps
from .labels import instance_labels
from .locating_head import Features, LocatingHead
from .outputs import NamedOutputs

LABELS = ('keypoint_x_labels', 'keypoint_y_labels')
"""What the codec must encode, in the order of the vectors."""


@MODELS.register_module()
class GaussianVectorHead(LocatingHead):
    """`HeatmapHead` whose heatmaps are pooled to vectors along x and y, which are trained.

    B is the number of faces, K of landmarks, W x H the size of the heatmaps.

    Args:
        band_pooling: Arguments of `BandPooling`, `bandwidths`, `weights` and `count_outside`; the
            paper's 3 and 5 in equal parts, zero outside, if None.
        feature_index: Which of the backbone's or neck's feature maps is read. `HeatmapHead` reads
            the last, -1; MMPose's `FPN` has the largest map, stride 4, first: 0.
        **settings: Arguments of `HeatmapHead`. `decoder` is a codec of vectors, `GaussianVector`;
            `loss` compares (B, K, 1, L) vectors, heatmaps of one row, so that every loss on
            heatmaps fits: `KeypointMSELoss(use_target_weight=True)` by default, the paper's.

    Raises:
        ValueError: If an argument is out of its range, or the codec does not encode vectors.
    """

    def __init__(
        self,
        *args: Any,
        band_pooling: Optional[dict[str, Any]] = None,
        feature_index: int = -1,
        **settings: Any,
    ) -> None:
        super().__init__(*args, **settings)
        if band_pooling is not None and not isinstance(band_pooling, dict):
            raise ValueError(
                f'band_pooling={band_pooling!r} must be arguments of BandPooling, for instance '
                'dict(bandwidths=(3, 5)), or None'
            )
        self.band_pooling = BandPooling(**(band_pooling or {}))
        if not is_whole(feature_index):
            raise ValueError(f'feature_index={feature_index!r} must be a whole number')
        self.feature_index = int(feature_index)
        encoded = getattr(self.decoder, 'label_mapping_table', {})
        if self.decoder is not None and not set(LABELS) <= set(encoded):
            raise ValueError(
                f'{type(self.decoder).__name__} encodes no vectors; the decoder of '
                "GaussianVectorHead must be a codec that does: dict(type='GaussianVector', ...)"
            )

    def forward(self, feats: Features) -> tuple[Tensor, Tensor]:
        """Compute the vectors.

        Args:
            feats: Feature maps of the backbone or neck, (B, C, h, w) each.

        Returns:
            (B, K, W) vectors along x and (B, K, H) vectors along y.

        Raises:
            ValueError: If the heatmaps are not of the codec's size.
        """
        return self.band_pooling(self.heatmaps(feats))

    def heatmaps(self, feats: Features) -> Tensor:
        """Compute the (B, K, H, W) heatmaps that are pooled; raises like `forward`."""
        if not -len(feats) <= self.feature_index < len(feats):
            raise ValueError(
                f'feature_index={self.feature_index} is none of the {len(feats)} feature maps that '
                'the head is given; use 0 for the first, -1 for the last'
            )
        heatmaps = super().forward((feats[self.feature_index],))
        size = heatmaps.shape[-1], heatmaps.shape[-2]
        wanted = getattr(self.decoder, 'heatmap_size', size)
        if size != tuple(wanted):
            raise ValueError(
                f'The network computes heatmaps of {size} (W, H), its codec has heatmap_size='
                f'{wanted}; set the heatmap_size of the codec to {size}, or the feature_index of '
                'the head to the feature map of that size'
            )
        return heatmaps

    def averaged_outputs(
        self,
        outputs: Sequence[Any],
        feats: Sequence[Features],
        flip_indices: Sequence[int],
        test_cfg: dict[str, Any],
    ) -> tuple[Tensor, Tensor]:
        """Average the vectors of images and flipped images.

        Pooling is linear and does not know left from right, so that averaging the heatmaps before
        it gives the same vectors; `shift_heatmap` moves the flipped ones by a cell as in MMPose.

        Raises:
            ValueError: If the `flip_mode` is another than 'heatmap', for other heatmaps.
        """
        flip_mode = test_cfg.get('flip_mode', 'heatmap')
        if flip_mode != 'heatmap':
            raise ValueError(
                f"flip_mode={flip_mode!r} does not fit GaussianVectorHead, use 'heatmap', or "
                "'coordinates' with MultilaterationPoseEstimator"
            )
        heatmaps = (self.heatmaps(each) for each in feats)
        return self.band_pooling(average_heatmaps(*heatmaps, flip_indices, test_cfg))

    def outputs_by_codec(self, outputs: tuple[Tensor, Tensor]) -> NamedOutputs:
        """Say that the codec decodes vectors."""
        return {} if self.decoder is None else {'vectors': (self.decoder, outputs)}

    def shown_heatmaps(self, outputs: tuple[Tensor, Tensor], feats: Features) -> Tensor:
        """(B, K, H, W) heatmaps of the images as they are before pooling, not averaged."""
        return self.heatmaps(feats)

    def loss(
        self,
        feats: Features,
        batch_data_samples: list[PoseDataSample],
        train_cfg: Optional[dict[str, Any]] = None,
    ) -> dict[str, Tensor]:
        """Compute the loss of both vectors. Nothing leaves the device, so no accuracy is computed.

        Args:
            feats: Feature maps.
            batch_data_samples: Samples with the labels that the codec encoded.
            train_cfg: Not used; MMPose passes it.

        Returns:
            'loss_x' and 'loss_y', scalars.

        Raises:
            ValueError: If a sample lacks a label.
        """
        names = ('keypoint_weights', *LABELS)
        weights, *targets = instance_labels(batch_data_samples, names)  # (B, K), (B, K, L)
        losses = {}
        for name, vectors, target in zip(('loss_x', 'loss_y'), self.forward(feats), targets):
            losses[name] = self.loss_module(vectors.unsqueeze(-2), target.unsqueeze(-2), weights)
        return losses

"""A heatmap head that is also trained on the coordinates that its codec decodes."""

from collections.abc import Sequence
from typing import Any, Optional

import numpy as np
import torch
from mmpose.registry import KEYPOINT_CODECS, MODELS
from torch import Tensor

from mmpose_multilat.codecs import geometry_of
from mmpose_multilat.landmarks.checks import check_number, is_whole

from .labels import heatmap_labels, instance_labels
from .locating_head import LocatingHead

UNITS = ('input', 'ocular')

SHARED_SETTINGS = ('input_size', 'heatmap_size', 'sigma', 'alignment')
"""What two codecs must have in common to read the same heatmaps."""


@MODELS.register_module()
class MultilaterationHead(LocatingHead):
    """`HeatmapHead` with a loss on decoded coordinates beside the one on heatmaps.

    KeyPosS section 3.4 (4), equation (15). A codec with a differentiable solver decodes while
    training. Gradients flow through the values of the stations, not through their choice, and not
    at all where the decoder fell back to the strongest cell.

    Args:
        coordinate_loss: Config of a loss on (B, K, 2) coordinates with weights, for instance
            `MPJPELoss` (the mean Euclidean distance, equation (15)), `SmoothL1Loss` or `WingLoss`,
            with `use_target_weight=True`.
        coordinate_decoder: Config of the codec that decodes while training; the head's `decoder` if
            None. KeyPosS learns best: its few strong cells have gentle gradients, while those of
            weak cells, which POPoS reads too, are steep.
        coordinate_unit: 'input' for errors in input px, 'ocular' for errors divided by the distance
            of the true outer eye corners; faces without a label for both take no part then.
        eyes: Indices of the outer eye corners among the `out_channels` landmarks, needed by
            'ocular'.
        min_score: Landmarks whose heatmap's strongest response is below this take no part. An
            untrained network answers with noise round zero, which multilateration cannot read.
        **settings: Arguments of `HeatmapHead`.

    Raises:
        ValueError: If an argument is out of its range, the codec that decodes while training is not
            differentiable or reads other heatmaps than the decoder, or the loss would ignore the
            landmarks' weights.
    """

    def __init__(
        self,
        *args: Any,
        coordinate_loss: dict[str, Any],
        coordinate_decoder: Optional[dict[str, Any]] = None,
        coordinate_unit: str = 'input',
        eyes: Optional[Sequence[int]] = None,
        min_score: float = 0.1,
        **settings: Any,
    ) -> None:
        super().__init__(*args, **settings)
        if not isinstance(coordinate_loss, dict):
            raise ValueError(
                f'coordinate_loss={coordinate_loss!r} must be the config of a loss, for instance '
                "dict(type='MPJPELoss', use_target_weight=True)"
            )
        self.coordinate_loss = MODELS.build(coordinate_loss)
        self.coordinate_decoder = (
            self.decoder
            if coordinate_decoder is None
            else KEYPOINT_CODECS.build(coordinate_decoder)
        )
        self.coordinate_unit = coordinate_unit
        self.eyes = None if eyes is None else _check_eyes(eyes, self.out_channels)
        self.min_score = check_number('min_score', min_score)
        self._check()

    def _check(self) -> None:
        """Refuse settings that would train something else than they say."""
        if self.coordinate_unit not in UNITS:
            raise ValueError(f'coordinate_unit={self.coordinate_unit!r} is unknown, use {UNITS}')
        if self.coordinate_unit == 'ocular' and self.eyes is None:
            raise ValueError(
                "coordinate_unit='ocular' needs eyes=(i, j), the indices of the outer eye corners"
            )
        losses = self.coordinate_loss.modules()  # those inside a LossSum, too
        if not all(getattr(each, 'use_target_weight', True) for each in losses):
            raise ValueError('coordinate_loss needs use_target_weight=True to leave out landmarks')
        self._check_decoders()

    def _check_decoders(self) -> None:
        """Refuse a codec without gradient, or one for other heatmaps than the head's."""
        codec = self.coordinate_decoder
        if not getattr(codec, 'differentiable', False):
            raise ValueError(
                f'{type(codec).__name__} with these settings has no gradient; decode with KeyPosS, '
                "Dark, or POPoS with solver='exact' or 'gauss_newton'"
            )
        for setting in SHARED_SETTINGS:
            trained, tested = (_setting(each, setting) for each in (codec, self.decoder))
            # MMPose's sigma may be a number, a tuple or an array.
            if tested is not None and not np.array_equal(trained, tested):
                raise ValueError(
                    f'coordinate_decoder has {setting}={trained}, decoder has {setting}={tested}; '
                    'both read the same heatmaps, so give them the same'
                )

    def loss(
        self, feats: tuple[Tensor, ...], batch_data_samples: list, train_cfg: Optional[dict] = None
    ) -> dict[str, Tensor]:
        """Compute both losses. Nothing leaves the device, so no accuracy is computed.

        Args:
            feats: Features of the backbone.
            batch_data_samples: Samples with the labels that the codec encoded.
            train_cfg: Not used; MMPose passes it.

        Returns:
            'loss_kpt' on heatmaps and 'loss_coordinate' on coordinates, scalars.

        Raises:
            ValueError: If a sample lacks a label.
        """
        heatmaps = self.forward(feats)
        target = heatmap_labels(batch_data_samples)
        names = ('keypoint_weights', 'keypoint_labels')
        weights, true = instance_labels(batch_data_samples, names)  # (B, K), (B, K, 2)
        return dict(
            loss_kpt=self.loss_module(heatmaps, target, weights),
            loss_coordinate=self._loss_of_coordinates(heatmaps, true, weights),
        )

    def _loss_of_coordinates(self, heatmaps: Tensor, true: Tensor, weights: Tensor) -> Tensor:
        """Loss of the decoded landmarks that can be trusted.

        Args:
            heatmaps: (B, K, H, W) heatmaps of the network.
            true: (B, K, 2) landmarks (x, y) in input px.
            weights: (B, K) weights of the landmarks.
        """
        decoded, scores, _ = self.coordinate_decoder.locate_in_input(heatmaps)
        trusted = weights * (scores.detach() >= self.min_score)
        if self.coordinate_unit == 'ocular':
            ocular = self._ocular_distances(true, weights)  # (B, 1)
            trusted = trusted * (ocular > 0)
            unit = torch.where(ocular > 0, ocular, torch.ones_like(ocular)).unsqueeze(-1)
            decoded, true = decoded / unit, true / unit
        return self.coordinate_loss(decoded, true, trusted.unsqueeze(-1).expand_as(true))

    def _ocular_distances(self, true: Tensor, weights: Tensor) -> Tensor:
        """(B, 1) distances of the true eye corners in input px, 0 where one has no label."""
        left, right = self.eyes
        labelled = (weights[:, left] > 0) & (weights[:, right] > 0)
        distances = (true[:, left] - true[:, right]).norm(dim=-1)
        return distances.masked_fill(~labelled, 0).unsqueeze(-1)


def _setting(codec: Any, name: str) -> Any:
    """A setting of a codec of this package or of MMPose, None without."""
    return getattr(codec if name == 'sigma' else geometry_of(codec), name, None)


def _check_eyes(eyes: Any, count: int) -> tuple[int, int]:
    """Return the indices of two different landmarks out of `count`, or raise ValueError."""
    try:
        found = tuple(eyes)
    except TypeError:
        found = ()
    known = all(is_whole(eye) and 0 <= eye < count for eye in found)
    if len(found) != 2 or not known or found[0] == found[1]:
        raise ValueError(
            f'eyes={eyes!r} must be (i, j), the indices of the outer eye corners: two different '
            f'whole numbers from 0 to {count - 1}, the last of the {count} landmarks of the head'
        )
    return int(found[0]), int(found[1])

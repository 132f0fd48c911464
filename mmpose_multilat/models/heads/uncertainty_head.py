"""A heatmap head that says how far its landmarks are likely to be off."""

from typing import Any, Optional

import torch
from mmpose.registry import MODELS
from torch import Tensor

from mmpose_multilat.codecs import geometry_of
from mmpose_multilat.landmarks import HeatmapGeometry, Located
from mmpose_multilat.landmarks.checks import check_flag
from mmpose_multilat.models.layers import ErrorScales, sample_at_landmarks
from mmpose_multilat.multilateration import without_autocast

from .labels import heatmap_labels, instance_labels
from .locating_head import Features, LocatingHead


@MODELS.register_module()
class UncertaintyHead(LocatingHead):
    """`HeatmapHead` with a small network that learns the size of the errors of decoding.

    A network that is trained by regression draws a clean Gaussian at a wrong place, so that the
    fit of a codec tells little of its errors. Here their size is learned: the landmarks that the
    codec decodes while training are compared with the labels, and a scale for each is taught by
    the likelihood of its error. What `locate` gives as covariances is that scale, alike in every
    direction, in the place of what the codec estimates; the codec's `covariance_scale` is obeyed.

    Args:
        scale_loss: Config of the loss of the scales, an `ErrorLikelihoodLoss`, if None.
        shapes_features: Whether the gradient of that loss reaches the features, too.
        hidden_channels: Width of the small network.
        **settings: Arguments of `HeatmapHead`; `decoder` is a codec of heatmaps of this package.

    Raises:
        ValueError: If an argument is out of its range, or there is no such codec.
    """

    tells_covariances = True

    def __init__(
        self,
        *args: Any,
        scale_loss: Optional[dict[str, Any]] = None,
        shapes_features: bool = False,
        hidden_channels: int = 64,
        **settings: Any,
    ) -> None:
        super().__init__(*args, **settings)
        if geometry_of(self.decoder) is None:
            raise ValueError(
                'UncertaintyHead needs a decoder of heatmaps, for instance '
                f"dict(type='GaussianMLE', ...), not {type(self.decoder).__name__}"
            )
        self.shapes_features = check_flag('shapes_features', shapes_features)
        self.scale_loss = MODELS.build(scale_loss or dict(type='ErrorLikelihoodLoss'))
        self.scales = ErrorScales(self.out_channels, self.in_channels, hidden_channels)

    @property
    def geometry(self) -> HeatmapGeometry:
        """How the cells of the heatmaps lie over the input."""
        return geometry_of(self.decoder)

    def locate_outputs(self, outputs: Any, feats: Features, covariances: bool = False) -> Located:
        """Find the landmarks, and with `covariances` those that the scales say."""
        found = super().locate_outputs(outputs, feats)
        if not covariances:
            return found
        scales = self.log_scales(found, feats).exp() * self.geometry.input_size[0]
        factor = self.scale_loss.variance * getattr(self.decoder, 'covariance_scale', 1.0)
        variances = factor * scales.square()
        variances = variances.masked_fill(found.scores <= 0, torch.nan)
        identity = torch.eye(2, dtype=variances.dtype, device=variances.device)
        return found._replace(covariances=variances[..., None, None] * identity)

    def log_scales(self, found: Located, feats: Features) -> Tensor:
        """Estimate how far landmarks are off.

        Args:
            found: B faces with K landmarks in input px.
            feats: Features that they were found in.

        Returns:
            (B, K) natural logarithms of scales, see `ErrorLikelihoodLoss`, in input widths.
        """
        features = feats[-1] if self.shapes_features else feats[-1].detach()
        with without_autocast(features):
            features = features.to(self.scales.own.dtype)
            places = found.coordinates.detach().nan_to_num()
            sampled = sample_at_landmarks(features, places, self.geometry)
            scores = found.scores.detach().to(features.dtype)
            return self.scales(features.mean((-2, -1)), sampled, scores)

    def loss(
        self,
        feats: Features,
        batch_data_samples: list,
        train_cfg: Optional[dict[str, Any]] = None,
    ) -> dict[str, Tensor]:
        """Compute both losses. Nothing leaves the device, so no accuracy is computed.

        Args:
            feats: Features of the backbone.
            batch_data_samples: Samples with the labels that a codec of this package encoded.
            train_cfg: Not used; MMPose passes it.

        Returns:
            'loss_kpt' on heatmaps and 'loss_scale' on the scales, scalars.

        Raises:
            ValueError: If a sample lacks a label.
        """
        heatmaps = self.forward(feats)
        target = heatmap_labels(batch_data_samples)
        weights, true = instance_labels(
            batch_data_samples, ('keypoint_weights', 'keypoint_labels')
        )  # (B, K), (B, K, 2)
        with torch.no_grad():
            found = super().locate_outputs(heatmaps, feats)
            errors = (found.coordinates - true).norm(dim=-1) / self.geometry.input_size[0]
        told = self.log_scales(found, feats)
        return dict(
            loss_kpt=self.loss_module(heatmaps, target, weights),
            loss_scale=self.scale_loss(errors, told, weights * (found.scores > 0)),
        )

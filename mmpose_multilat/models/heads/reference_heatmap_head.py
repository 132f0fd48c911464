"""A head that a reference face with known landmarks guides.

Wan et al., "Precise Facial Landmark Detection by Reference Heatmap Transformer", IEEE TIP 2023.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, Optional, Union

from mmpose.models.heads.base_head import BaseHead
from mmpose.registry import KEYPOINT_CODECS, MODELS
from mmpose.structures import PoseDataSample
from torch import Tensor, nn

from mmpose_multilat.codecs import geometry_of
from mmpose_multilat.landmarks import Located
from mmpose_multilat.landmarks.checks import check_choice, check_positive, check_whole
from mmpose_multilat.models.layers import GuidedFeaturesNetwork, ReferenceBank, Transformed

from .averaging import average_heatmaps
from .labels import heatmap_labels, instance_labels
from .locating_head import Features, Locating
from .outputs import NamedOutputs
from .references import GuidedFeatures, ReferenceInputs, build_boundaries, references_of

LIKENESS = {'neutral': 0, 'random': 0, 'correlated': 1, 'least_correlated': -1, 'blank': 0}
"""For each choice of a reference from the bank, `likeness` of `ReferenceHeatmapTransformer`."""

SUM_OF_CELLS = dict(type='KeypointMSELoss', use_target_weight=True, loss_weight=128 * 128)
"""Equation (7) sums squares over 128x128 cells; MMPose's loss takes their mean."""

FINAL_STD = 0.001
"""Of the weights of the last layer, as in MMPose's heads of heatmaps."""


class ReferenceOutputs(NamedTuple):
    """What the head puts out.

    Attributes:
        heatmaps: (B, K, H, W) of the landmarks.
        boundary_heatmaps: (B, P, H, W) of the boundaries, None without.
    """

    heatmaps: Tensor
    boundary_heatmaps: Optional[Tensor] = None


@MODELS.register_module()
class ReferenceHeatmapHead(Locating, BaseHead):
    """Heatmaps from the target's own features and from those of a reference's heatmaps.

    While training every sample carries its reference (`AddReference` in the pipeline). In testing a
    sample may carry one; where it does not, a face of the bank guides, which the checkpoint holds
    (`ReferenceBankHook`). The flip test shows the flipped image the same reference.

    Args:
        in_channels: Channels of the backbone's last feature map. The backbone is a
            `BackboneWithImage`, which gives the image behind it.
        out_channels: Number K of landmarks.
        scheme: Name of the scheme of the landmarks, 'ibug', 'wflw', 'cofw' or 'aflw'. A checkpoint
            with reference faces of another is refused.
        preprocessor: Config of the estimator's data preprocessor; references are normalised so.
        network: Arguments of `GuidedFeaturesNetwork`, for its sizes and channels and to leave out
            parts; the paper's for RHT-R, without encoder, if None.
        sigma: Standard deviation of the Gaussians of the reference's heatmaps in heatmap px.
        boundaries: Config of the codec `BoundaryHeatmap`; None to do without boundaries.
        reference: Which face of the bank guides where the sample carries none: 'neutral'; 'random',
            the same one for all, drawn by `reference_seed`; 'correlated' or 'least_correlated', for
            each image the one whose descriptors are most or least like its own. 'blank' takes none
            at all, neither in training nor in testing, as a control.
        reference_seed: Seed of 'random'.
        loss: Loss on landmark heatmaps, the first half of equation (7), which is the default.
        boundary_loss: Loss on boundary heatmaps, its second half.
        transformation_loss: Equation (8) with lambda, where both transformations are on.
        decoder: The codec of the landmarks, any.
        init_cfg: See MMEngine's `BaseModule`.

    Raises:
        ValueError: If an argument is out of its range or does not fit the others.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        scheme: str,
        preprocessor: dict[str, Any],
        network: Optional[dict[str, Any]] = None,
        sigma: float = 2.0,
        boundaries: Optional[dict[str, Any]] = None,
        reference: str = 'neutral',
        reference_seed: int = 0,
        loss: Optional[dict[str, Any]] = None,
        boundary_loss: Optional[dict[str, Any]] = None,
        transformation_loss: Optional[dict[str, Any]] = None,
        decoder: Optional[dict[str, Any]] = None,
        init_cfg: Optional[dict[str, Any]] = None,
    ) -> None:
        super().__init__(init_cfg)
        self.out_channels = check_whole('out_channels', out_channels, 1)
        self.reference = check_choice('reference', reference, tuple(LIKENESS))
        self.bank = ReferenceBank(out_channels, scheme, reference_seed)
        self.decoder = None if decoder is None else KEYPOINT_CODECS.build(decoder)
        self.boundaries = None if boundaries is None else build_boundaries(boundaries, scheme)
        self.loss_module = MODELS.build(loss or SUM_OF_CELLS)
        self.boundary_loss = MODELS.build(boundary_loss or SUM_OF_CELLS)
        self.transformation_loss = MODELS.build(
            transformation_loss or dict(type='TransformationLoss')
        )
        num_boundaries = 0 if self.boundaries is None else self.boundaries.num_boundaries
        self.network = GuidedFeaturesNetwork(
            in_channels, out_channels + num_boundaries, **(network or {})
        )
        self.final_layer = _final_layer(self.network.out_channels, out_channels)
        if num_boundaries:
            self.boundary_layer = _final_layer(self.network.out_channels, num_boundaries)
        geometry = geometry_of(self.decoder)
        self.reference_inputs = ReferenceInputs(
            preprocessor,
            self.network.image_size,
            self.network.heatmap_size,
            check_positive('sigma', sigma),
            'msra' if geometry is None else geometry.alignment,
            self.boundaries,
        )

    @property
    def looks_at_references(self) -> bool:
        """Whether a reference makes a difference."""
        return self.reference != 'blank' and self.network.transformer is not None

    def with_samples(
        self, feats: Features, samples: Sequence[PoseDataSample]
    ) -> Union[Features, GuidedFeatures]:
        """Put beside the features the references that the samples carry, if they do."""
        references = references_of(samples) if self.looks_at_references else None
        return feats if references is None else GuidedFeatures(feats, references)

    def forward(self, feats: Union[Features, GuidedFeatures]) -> ReferenceOutputs:
        """Compute the heatmaps.

        Args:
            feats: What `BackboneWithImage` gives, perhaps with references, see `with_samples`.

        Raises:
            ValueError: If feature map or image have another size than `network` says.
        """
        return self._transform(feats)[0]

    def _transform(
        self, feats: Union[Features, GuidedFeatures]
    ) -> tuple[ReferenceOutputs, Optional[Transformed]]:
        """What `forward` returns, and the transformed features of the reference."""
        guided = isinstance(feats, GuidedFeatures)
        *_, semantic, images = feats.feats if guided else feats
        if not self.looks_at_references:
            inputs, likeness = self.reference_inputs.blank(images, self.out_channels), 0
        elif guided:
            inputs, likeness = self.reference_inputs(feats.references, images), 0
        else:
            references = self.bank.chosen(self.reference)
            inputs = self.reference_inputs(references, images)
            likeness = LIKENESS[self.reference]
        features, transformed = self.network(semantic, images, inputs, likeness)
        boundaries = None if self.boundaries is None else self.boundary_layer(features)
        return ReferenceOutputs(self.final_layer(features), boundaries), transformed

    def locate_outputs(
        self, outputs: ReferenceOutputs, feats: Features, covariances: bool = False
    ) -> Located:
        """Find the landmarks in the first of the outputs, see `Locating.locate`."""
        return super().locate_outputs(outputs[0], feats, covariances)

    def averaged_outputs(
        self,
        outputs: Sequence[ReferenceOutputs],
        feats: Sequence[Features],
        flip_indices: Sequence[int],
        test_cfg: dict[str, Any],
    ) -> ReferenceOutputs:
        """Average the heatmaps for images and for flipped images, see `averaged_outputs`."""
        landmarks, boundaries = zip(*outputs)
        averaged = average_heatmaps(*landmarks, flip_indices, test_cfg)
        if self.boundaries is None:
            return ReferenceOutputs(averaged)
        partners = self.boundaries.flip_indices
        # They are plain heatmaps, whatever the landmarks are.
        settings = dict(test_cfg, flip_mode='heatmap')
        return ReferenceOutputs(averaged, average_heatmaps(*boundaries, partners, settings))

    def outputs_by_codec(self, outputs: ReferenceOutputs) -> NamedOutputs:
        """Name the outputs for landmarks and for boundaries, each with its codec."""
        named = {} if self.decoder is None else {'heatmaps': (self.decoder, outputs[:1])}
        if self.boundaries is not None:
            named['boundary_heatmaps'] = (self.boundaries, outputs[1:2])
        return named

    def shown_heatmaps(self, outputs: ReferenceOutputs, feats: Features) -> Tensor:
        """(B, K, H, W) heatmaps of the landmarks."""
        return outputs[0]

    def loss(
        self,
        feats: Features,
        batch_data_samples: list[PoseDataSample],
        train_cfg: Optional[dict[str, Any]] = None,
    ) -> dict[str, Tensor]:
        """Compute the losses (equation (9)). Nothing leaves the device.

        Args:
            feats: What `BackboneWithImage` gives.
            batch_data_samples: Samples with references and with the labels that the codecs encoded.
            train_cfg: Not used; MMPose passes it.

        Returns:
            'loss_kpt', with boundaries 'loss_boundary', and with both transformations
            'loss_transformation', scalars.

        Raises:
            ValueError: If the samples carry no references, or lack a label.
        """
        feats = self.with_samples(feats, batch_data_samples)
        if self.looks_at_references and not isinstance(feats, GuidedFeatures):
            raise ValueError(
                'the samples carry no reference faces; put AddReference between GenerateTarget and '
                "PackPoseInputs of the training pipeline, or set model.head.reference='blank'"
            )
        outputs, transformed = self._transform(feats)
        target = heatmap_labels(batch_data_samples)
        (weights,) = instance_labels(batch_data_samples, ['keypoint_weights'])
        losses = dict(loss_kpt=self.loss_module(outputs.heatmaps, target, weights))
        if self.boundaries is not None:
            names = ('boundary_heatmaps', 'boundary_weights')
            target, weights = instance_labels(batch_data_samples, names)
            losses['loss_boundary'] = self.boundary_loss(outputs[1], target, weights)
        if transformed is not None and transformed.soft and transformed.hard:
            losses['loss_transformation'] = self.transformation_loss(
                transformed.hard, transformed.soft, transformed.weights
            )
        return losses


def _final_layer(in_channels: int, out_channels: int) -> nn.Conv2d:
    """A convolution of single cells that begins with small responses."""
    layer = nn.Conv2d(in_channels, out_channels, kernel_size=1)
    nn.init.normal_(layer.weight, std=FINAL_STD)
    nn.init.zeros_(layer.bias)
    return layer

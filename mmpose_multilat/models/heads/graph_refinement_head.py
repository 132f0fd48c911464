"""A head that refines the landmarks of another head over a graph.

Nguyen et al., "Facial Landmark Detection with Learnable Connectivity Graph Convolutional Network",
IEEE Access 2022 (LC-GCN).
"""

from collections.abc import Sequence
from typing import Any, Optional, Union

from mmpose.models.heads import BaseHead
from mmpose.registry import MODELS
from mmpose.structures import PoseDataSample
from torch import Tensor

from mmpose_multilat.codecs import geometry_of
from mmpose_multilat.landmarks import HeatmapGeometry, Located
from mmpose_multilat.landmarks.checks import check_choice, check_flag, is_whole
from mmpose_multilat.models.layers import GraphNetwork, sample_at_landmarks
from mmpose_multilat.multilateration import without_autocast

from .averaging import averaged_outputs
from .base_weights import first_misfit, move_into
from .confidences import CONFIDENCES, confidences_of
from .labels import instance_labels, true_landmarks
from .locating import locate_outputs
from .locating_head import Features, Locating
from .outputs import (
    NamedOutputs,
    landmark_head,
    outputs_by_codec,
    remembered_outputs,
    shown_heatmaps,
)

ANSWERS = ('offset', 'coordinates')
"""What the last block puts out: how far a landmark is moved, or where it lies."""

BASE = 'base_head'


@MODELS.register_module()
class GraphRefinementHead(Locating, BaseHead):
    """Moves the landmarks of a heatmap head by what the other landmarks and the features say.

    The base head's landmarks are nodes of a graph. A node has its place and the backbone's features
    there, which a small network embeds (equation (2)); three blocks (equation (4)) over edges that
    depend on the landmarks and on how far each is trusted (equations (5) and (6)) give the answer.
    Places are counted from the middle of the input in halves of its sides, so that they lie between
    -1 and 1; so are the offsets, which start at zero: an untrained graph answers what the base head
    does. Scores and covariances are those of the base head.

    A checkpoint of a plain heatmap network is a checkpoint of the base head, too: name it by
    `load_from`. With `MultilaterationPoseEstimator(frozen=('backbone', 'neck', 'head.base_head'))`
    only the graph is trained then; the loss of the base head is left out.

    Args:
        base_head: Config of a head of this package or of MMPose with a codec that has a
            `heatmap_size`.
        coordinate_loss: Config of a loss on (B, K, 2) places with weights; the mean absolute error
            (equation (7)) if None. Its `loss_weight` is the paper's lambda_1, that of the base
            head's loss lambda_2.
        predict: What the last block puts out, 'offset' or 'coordinates'; the paper does not say.
        edges: 'confidence' (the paper's), 'learned' or 'uniform', see `LandmarkEdges`.
        confidence: What edges of 'confidence' depend on: 'score' (the paper's) or 'covariance', for
            codecs that tell covariances.
        end_to_end: Whether gradients of the loss on coordinates flow through the codec, which must
            be differentiable, into the heatmaps. They flow into the features in any case, unless
            the backbone is frozen, and never through confidences.
        feature_channels: Channels of the feature map; the base head's `in_channels` if None.
        feature_index: Which of the backbone's or neck's feature maps is read, -1 for the last.
        embedding_channels: Channels of the embedded features; the paper states none.
        hidden_channels: Widths of all blocks but the last, which has 2.
        init_cfg: MMEngine's.

    Raises:
        ValueError: If an argument is out of its range, the base head has no codec or no heatmaps,
            or the codec cannot do what the settings ask of it.
    """

    def __init__(
        self,
        base_head: dict[str, Any],
        coordinate_loss: Optional[dict[str, Any]] = None,
        predict: str = 'offset',
        edges: str = 'confidence',
        confidence: str = 'score',
        end_to_end: bool = False,
        feature_channels: Optional[int] = None,
        feature_index: int = -1,
        embedding_channels: int = 64,
        hidden_channels: Sequence[int] = (64, 16),
        init_cfg: Any = None,
    ) -> None:
        super().__init__(init_cfg)
        self.base_head = MODELS.build(base_head)
        self.answer = check_choice('predict', predict, ANSWERS)
        self.confidence = check_choice('confidence', confidence, CONFIDENCES)
        self.end_to_end = check_flag('end_to_end', end_to_end)
        if not is_whole(feature_index):
            raise ValueError(f'feature_index={feature_index!r} must be a whole number')
        self.feature_index = int(feature_index)
        self._check_codec()
        self.coordinate_loss = MODELS.build(
            coordinate_loss or dict(type='L1Loss', use_target_weight=True)
        )
        self.graph = self._build_graph(feature_channels, edges, embedding_channels, hidden_channels)
        self._is_loaded = False

    def _check_codec(self) -> None:
        """Refuse a codec without what the settings need."""
        codec, name = self.decoder, type(self.decoder).__name__
        if geometry_of(codec) is None:
            raise ValueError(
                'GraphRefinementHead needs a base_head with a decoder of heatmaps, for instance '
                f"dict(type='HeatmapHead', ..., decoder=dict(type='GaussianMLE', ...)), not {name}"
            )
        estimates = self.tells_covariances or getattr(codec, 'tells_covariances', False)
        if self.confidence == 'covariance' and not estimates:
            raise ValueError(
                f"confidence='covariance' needs a codec that tells covariances, which {name} does "
                "not; decode with KeyPosS, POPoS or GaussianMLE, or set confidence='score'"
            )
        if self.end_to_end and not getattr(codec, 'differentiable', False):
            raise ValueError(
                f'end_to_end=True needs a differentiable codec, which {name} with these settings '
                "is not; decode with KeyPosS, Dark, or POPoS with solver='exact'"
            )

    def _build_graph(self, channels: Optional[int], *settings: Any) -> GraphNetwork:
        """The graph for the base head's landmarks."""
        base = landmark_head(self.base_head)
        channels = base.in_channels if channels is None else channels
        graph = GraphNetwork(base.out_channels, channels, *settings)
        if self.answer == 'offset':
            graph.start_at_zero()
        return graph

    @property
    def decoder(self) -> Any:
        """The codec of the base head, which decodes its output."""
        return landmark_head(self.base_head).decoder

    @decoder.setter
    def decoder(self, codec: Any) -> None:
        landmark_head(self.base_head).decoder = codec

    @property
    def tells_covariances(self) -> bool:
        """Whether the base head estimates covariances by itself, not by its codec."""
        return getattr(landmark_head(self.base_head), 'tells_covariances', False)

    @property
    def geometry(self) -> HeatmapGeometry:
        """How the cells of the heatmaps lie over the input."""
        return geometry_of(self.decoder)

    def forward(self, feats: Features) -> Any:
        """What the base head puts out; the graph begins with its landmarks."""
        return self.base_head.forward(feats)

    def locate_outputs(self, outputs: Any, feats: Features, covariances: bool = False) -> Located:
        """Find the base head's landmarks in its output, and refine them; see `Locating.locate`."""
        return self._refine(outputs, feats, covariances)[0]

    def locate(
        self, feats: Features, covariances: bool = False, output_edges: bool = False
    ) -> Union[Located, tuple[Located, Tensor]]:
        """Find the landmarks, see `Locating.locate`.

        Args:
            feats: Feature maps.
            covariances: Whether to tell covariances, those of the base head, too.
            output_edges: Whether to return the edges, too.

        Returns:
            B faces with K landmarks in input px; with `output_edges` also the (B, K, K) edges, see
            `LandmarkEdges`.
        """
        found, edges = self._refine(self.forward(feats), feats, covariances)
        return (found, edges) if output_edges else found

    def _refine(self, outputs: Any, feats: Features, covariances: bool) -> tuple[Located, Tensor]:
        """Refined landmarks in input px, and the edges."""
        needed = covariances or self.confidence == 'covariance'
        found = locate_outputs(self.base_head, outputs, feats, needed)
        coordinates, edges = self._move(found, feats[self.feature_index])
        told = found.covariances if covariances else None
        return Located(coordinates, found.scores, told), edges

    def _move(self, found: Located, features: Tensor) -> tuple[Tensor, Tensor]:
        """(B, K, 2) refined landmarks in input px and (B, K, K) edges."""
        coordinates = found.coordinates if self.end_to_end else found.coordinates.detach()
        places = self._to_places(coordinates)
        with without_autocast(features):
            sampled = sample_at_landmarks(features, coordinates, self.geometry)
            confidences = confidences_of(found, self.geometry, self.confidence)
            answer, edges = self.graph(sampled, places, confidences)
        answer = answer.to(places.dtype)
        return self._to_input(places + answer if self.answer == 'offset' else answer), edges

    def _to_places(self, coordinates: Tensor) -> Tensor:
        """Input px as halves of the input's sides, counted from its middle."""
        half = coordinates.new_tensor(self.geometry.input_size) / 2
        return (coordinates + 0.5) / half - 1

    def _to_input(self, places: Tensor) -> Tensor:
        half = places.new_tensor(self.geometry.input_size) / 2
        return (places + 1) * half - 0.5

    def averaged_outputs(
        self,
        outputs: Sequence[Any],
        feats: Sequence[Features],
        flip_indices: Sequence[int],
        test_cfg: dict[str, Any],
    ) -> Any:
        """Average as the base head does; the graph reads the features of the images alone."""
        return averaged_outputs(self.base_head, outputs, feats, flip_indices, test_cfg)

    def outputs_by_codec(self, outputs: Any) -> NamedOutputs:
        """Say what the base head says."""
        return outputs_by_codec(self.base_head, outputs)

    def shown_heatmaps(self, outputs: Any, feats: Features) -> Tensor:
        """(B, K, H, W) heatmaps of the base head."""
        return shown_heatmaps(self.base_head, outputs, feats)

    def loss(
        self,
        feats: Features,
        batch_data_samples: list[PoseDataSample],
        train_cfg: Optional[dict[str, Any]] = None,
    ) -> dict[str, Tensor]:
        """Compute the losses.

        Args:
            feats: Feature maps.
            batch_data_samples: Samples with the labels that the codec has encoded, and landmarks.
            train_cfg: Passed on to the base head.

        Returns:
            'loss_refined' of the refined landmarks, and the losses of the base head unless it is
            frozen.

        Raises:
            ValueError: If the base head is frozen and no weights were loaded for it, or the samples
                hold no landmarks.
        """
        if self._is_frozen:
            self._check_loaded()
            outputs, losses = self.forward(feats), {}
        else:
            with remembered_outputs(self.base_head) as remembered:
                losses = self.base_head.loss(feats, batch_data_samples, train_cfg or {})
            outputs = remembered[-1]
        found = self.locate_outputs(outputs, feats)
        true = true_landmarks(batch_data_samples, found.coordinates.device)
        (weights,) = instance_labels(batch_data_samples, ['keypoint_weights'])
        weights = weights.unsqueeze(-1).expand_as(true)
        refined = self._to_places(found.coordinates)
        return dict(
            losses, loss_refined=self.coordinate_loss(refined, self._to_places(true), weights)
        )

    @property
    def _is_frozen(self) -> bool:
        return not any(each.requires_grad for each in self.base_head.parameters())

    def _check_loaded(self) -> None:
        if not self._is_loaded:
            raise ValueError(
                'the heatmap network is frozen, but no weights were loaded for it: set load_from '
                'to a checkpoint of it, for instance by --cfg-options load_from=PATH'
            )

    def _load_from_state_dict(
        self, state_dict: dict[str, Any], prefix: str, *args: Any, **settings: Any
    ) -> None:
        """Take the weights of a plain head as those of the base head."""
        move_into(state_dict, prefix, self, BASE)
        misfit = first_misfit(state_dict, f'{prefix}{BASE}.', self.base_head)
        if misfit and self._is_frozen:
            raise ValueError(
                f'the checkpoint does not fit the frozen base_head: {misfit} is missing or of '
                'another shape; load a checkpoint of the same heatmap network and landmarks'
            )
        self._is_loaded = self._is_loaded or not misfit
        super()._load_from_state_dict(state_dict, prefix, *args, **settings)

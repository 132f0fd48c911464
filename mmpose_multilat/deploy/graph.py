"""Network and decoder as one module: crop in, landmarks out."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Optional

import torch
from mmpose.models import TopdownPoseEstimator
from mmpose.models.data_preprocessors import PoseDataPreprocessor
from torch import Tensor, nn

from mmpose_multilat.codecs import LandmarkCodec
from mmpose_multilat.landmarks import Located
from mmpose_multilat.models.heads import as_encoded, codec_of, with_encoded
from mmpose_multilat.models.pose_estimators import View, locate_view, look

from .names import INPUT


class Normalisation(nn.Module):
    """Crops as OpenCV cuts them to what the network was trained on.

    Args:
        preprocessor: The estimator's own, which holds mean, standard deviation and channel order.
    """

    def __init__(self, preprocessor: PoseDataPreprocessor) -> None:
        super().__init__()
        self.swaps_channels = bool(preprocessor._channel_conversion)
        normalises = preprocessor._enable_normalize
        self.register_buffer('mean', preprocessor.mean.clone() if normalises else torch.zeros(1))
        self.register_buffer('std', preprocessor.std.clone() if normalises else torch.ones(1))

    def forward(self, crops: Tensor) -> Tensor:
        """(B, h, w, C) as OpenCV reads it to (B, C, h, w) floating point."""
        values = crops.permute(0, 3, 1, 2).to(self.mean.dtype)
        if self.swaps_channels:
            values = values.flip(1)
        return (values - self.mean) / self.std


class LandmarkGraph(nn.Module):
    """Everything between a crop and its landmarks.

    Args:
        estimator: A top-down pose estimator whose head decodes with a codec of this package.
        normalisation: Applied to the crops first; None for crops that are normalised already.
        flip_indices: K indices, that of the landmark on the other side for each landmark: the
            flipped crop is looked at too and its landmarks are averaged with the others, see
            `Located.averaged`. None for the plain crop alone.
        covariances: Whether to put out covariances too; the codec must tell them.
        chosen: Indices of the landmarks to put out, in their order; None for all.
        decodes: Whether to put out landmarks; else what the head encodes them by, for example
            heatmaps.

    Attributes:
        inputs: Names of what `forward` takes, each with its axes of any size and their names.
    """

    inputs = {INPUT: {0: 'batch'}}

    def __init__(
        self,
        estimator: TopdownPoseEstimator,
        normalisation: Optional[Normalisation] = None,
        flip_indices: Optional[Sequence[int]] = None,
        covariances: bool = False,
        chosen: Optional[Sequence[int]] = None,
        decodes: bool = True,
    ) -> None:
        super().__init__()
        self.decodes = decodes
        self.estimator = estimator
        self.chosen = chosen
        self.normalisation = normalisation
        self.covariances = covariances
        partners = None if flip_indices is None else torch.tensor(list(flip_indices))
        self.register_buffer('partners', partners)

    @property
    def codec(self) -> LandmarkCodec:
        """The codec of the head."""
        return codec_of(self.estimator.head)

    @property
    def views(self) -> int:
        """How often a face is looked at: 2 with the flip test, else 1."""
        return 1 if self.partners is None else 2

    def forward(self, crops: Tensor) -> tuple[Tensor, ...]:
        """Find the landmarks.

        Args:
            crops: (B, h, w, C) uint8 with a normalisation, else (B, C, h, w) floating point.

        Returns:
            What `answer` returns.
        """
        return self.answer(self.look(crops))

    def answer(self, view: View) -> tuple[Tensor, ...]:
        """What `locate`, if the graph decodes, and then what `encoded` returns."""
        located = self.locate(view) if self.decodes else ()
        return (*located, *self.encoded(view))

    def look(self, crops: Tensor) -> View:
        """Pass crops once through the network, with the flip test together with flipped crops.

        Args:
            crops: As `forward` takes them.

        Returns:
            The view of B crops, with the flip test of 2B: the flipped ones follow the others.
        """
        if self.normalisation is not None:
            crops = self.normalisation(crops)
        if self.partners is not None:
            crops = torch.cat((crops, crops.flip(-1)))
        return look(self.estimator, crops)

    def encoded(self, view: View) -> tuple[Tensor, ...]:
        """What the codec decodes of the head's output, one tensor for each `encoded_names`."""
        return as_encoded(view.outputs)[: len(self.codec.encoded_names)]

    def locate(self, view: View, encoded: Optional[Sequence[Tensor]] = None) -> tuple[Tensor, ...]:
        """Find the landmarks in what `look` returns.

        Args:
            view: What the network makes of the crops.
            encoded: Tensors to decode in the place of those that `encoded` returns.

        Returns:
            keypoints: (B, K, 2) in input px.
            scores: (B, K).
            covariances: (B, K, 2, 2) in input px squared, NaN where the score is 0; left out where
                they are not asked for.
        """
        if encoded is not None:
            view = replace(view, outputs=with_encoded(view.outputs, encoded))
        found = locate_view(self.estimator, view, self.covariances)
        if self.partners is not None:
            plain, flipped = _halves(found)
            found = plain.averaged(flipped.mirrored(view.width, self.partners))
        if self.chosen is not None:
            found = found.selected(self.chosen)
        return tuple(each for each in found if each is not None)


def _halves(found: Located) -> tuple[Located, Located]:
    """The landmarks of 2B crops as those of the first B and of the last."""
    parts = (
        # Not `chunk`, which torch.export would fix to the size of the example.
        (None, None) if each is None else each.unflatten(0, (2, -1)).unbind(0)
        for each in found
    )
    first, second = zip(*parts)
    return Located(*first), Located(*second)

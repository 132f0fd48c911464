"""Network and decoder as one module: crop in, landmarks out."""

from collections.abc import Sequence
from typing import Optional, Union

import torch
from mmpose.models import TopdownPoseEstimator
from mmpose.models.data_preprocessors import PoseDataPreprocessor
from torch import Tensor, nn

from mmpose_multilat.codecs import HeatmapCodec
from mmpose_multilat.models.heads import GaussianVectorHead
from mmpose_multilat.multilateration import find_peaks, heatmap_to_input

from .vectors import VectorDecoder

Decoder = Union[HeatmapCodec, VectorDecoder]
"""Heatmaps to landmarks."""

Landmarks = tuple[Tensor, ...]
"""Keypoints (B, K, 2) in input px, scores (B, K) and, where they are asked for, covariances
(B, K, 2, 2) in input px squared, NaN where the score is 0."""


class HeatmapNetwork(nn.Module):
    """Backbone, neck and head of a pose estimator: normalised crops to heatmaps.

    Args:
        estimator: A top-down pose estimator whose head puts out heatmaps.
    """

    def __init__(self, estimator: TopdownPoseEstimator) -> None:
        super().__init__()
        self.estimator = estimator

    def forward(self, crops: Tensor) -> Tensor:
        """(B, 3, h, w) normalised crops to (B, K, H, W) heatmaps."""
        head = self.estimator.head
        if isinstance(head, GaussianVectorHead):  # which would pool them
            return head.heatmaps(self.estimator.extract_feat(crops))
        return self.estimator(crops, data_samples=None)


class Normalisation(nn.Module):
    """Crops as OpenCV cuts them to what the network was trained on.

    Args:
        preprocessor: The estimator's own, which holds mean, standard deviation and channel order.
    """

    def __init__(self, preprocessor: PoseDataPreprocessor) -> None:
        super().__init__()
        self.swaps_channels = bool(preprocessor._channel_conversion)
        self.normalises = bool(preprocessor._enable_normalize)
        if self.normalises:
            self.register_buffer('mean', preprocessor.mean.clone())
            self.register_buffer('std', preprocessor.std.clone())

    def forward(self, crops: Tensor) -> Tensor:
        """(B, h, w, 3) uint8 BGR to (B, 3, h, w) floating point."""
        values = crops.permute(0, 3, 1, 2).to(self.mean.dtype if self.normalises else torch.float32)
        if self.swaps_channels:
            values = values.flip(1)
        return (values - self.mean) / self.std if self.normalises else values


class LandmarkGraph(nn.Module):
    """Everything between a crop and its landmarks.

    Args:
        network: Normalised crops (B, 3, h, w) to heatmaps (B, K, H, W).
        codec: Decodes the heatmaps.
        normalisation: Applied to the crops first; None for crops that are normalised already.
        flip_indices: K indices, that of the landmark on the other side for each landmark: the
            mirror image is looked at too and its landmarks are averaged with the plain ones. None
            for the plain crop alone.
        covariances: Whether to put out covariances too; the codec must tell them.
    """

    def __init__(
        self,
        network: nn.Module,
        codec: Decoder,
        normalisation: Optional[Normalisation] = None,
        flip_indices: Optional[Sequence[int]] = None,
        covariances: bool = False,
    ) -> None:
        super().__init__()
        self.network = network
        self.codec = codec
        self.normalisation = normalisation
        self.covariances = covariances
        partners = None if flip_indices is None else torch.tensor(list(flip_indices))
        self.register_buffer('partners', partners)

    def forward(self, crops: Tensor) -> tuple[Tensor, ...]:
        """Find the landmarks.

        Args:
            crops: (B, h, w, 3) uint8 BGR with a normalisation, else (B, 3, h, w) floating point.

        Returns:
            Keypoints, scores and perhaps covariances, see `Landmarks`; last the heatmaps
            (B, K, H, W), with the flip test (2B, K, H, W): those of the mirror images follow.
        """
        if self.normalisation is not None:
            crops = self.normalisation(crops)
        if self.partners is not None:
            crops = torch.cat((crops, crops.flip(-1)))
        heatmaps = self.network(crops)
        return (*self.decode(heatmaps), heatmaps)

    def decode(self, heatmaps: Tensor) -> Landmarks:
        """The landmarks in the heatmaps that `forward` returns."""
        found = locate(self.codec, heatmaps, self.covariances)
        if self.partners is None:
            return found
        return average_mirrored(found, self.codec.input_size[0], self.partners)


def locate(codec: Decoder, heatmaps: Tensor, covariances: bool = False) -> Landmarks:
    """Decode (B, K, H, W) heatmaps, with covariances where they are asked for.

    The answers are the codec's own. But ONNX leaves open what the maximum of NaN is, so that the
    codec sees none here; a heatmap with NaN or infinity gives the centre of its strongest finite
    cell and score 0, as codecs of heatmaps do.
    """
    geometry = codec.input_size, codec.heatmap_size, codec.alignment
    finite = heatmaps.isfinite()
    sound = finite.flatten(-2).all(-1)  # (B, K)
    heatmaps = torch.where(finite, heatmaps, torch.finfo(heatmaps.dtype).min)
    decode = codec.locate_in_input_with_covariance if covariances else codec.locate_in_input
    keypoints, scores, *uncertainty = decode(heatmaps)
    cells = heatmap_to_input(find_peaks(heatmaps).cells.to(keypoints.dtype), *geometry)
    keypoints = torch.where(sound.unsqueeze(-1), keypoints, cells)
    scores = scores.masked_fill(~sound, 0)
    faulty = ~sound[..., None, None]
    return (keypoints, scores, *(each.masked_fill(faulty, torch.nan) for each in uncertainty))


def average_mirrored(found: Landmarks, width: int, partners: Tensor) -> Landmarks:
    """Average the landmarks of crops and of their mirror images.

    Pixel x lies at w - 1 - x of the mirror image, whatever the heatmap's size and alignment. A
    landmark that is trusted (score above 0) in one of the two only is taken from there, with its
    covariance. Scores are averaged, and so are covariances, which is an upper bound of the
    covariance of the average; see `average_mirrored` of the pose estimators.

    Args:
        found: Landmarks of 2B crops, those of the mirror images in the second half.
        width: Width w of the crops in px.
        partners: (K,) index of the landmark on the other side.

    Returns:
        Landmarks of the B crops.
    """
    (keypoints, mirrored), (scores, other_scores), *covariances = (
        (plain, flipped.index_select(1, partners))
        # Not `chunk`, which torch.export would fix to the size of the example.
        for plain, flipped in (output.unflatten(0, (2, -1)).unbind(0) for output in found)
    )
    mirrored = torch.stack((width - 1 - mirrored[..., 0], mirrored[..., 1]), -1)
    trusted, other_trusted = (scores > 0).unsqueeze(-1), (other_scores > 0).unsqueeze(-1)
    return (
        _merge(keypoints, mirrored, trusted, other_trusted),
        (scores + other_scores) / 2,
        *(
            _merge(
                plain,
                mirror_covariance(flipped),
                trusted.unsqueeze(-1),
                other_trusted.unsqueeze(-1),
            )
            for plain, flipped in covariances
        ),
    )


def _merge(plain: Tensor, mirrored: Tensor, trusted: Tensor, other_trusted: Tensor) -> Tensor:
    """The average where both are trusted or none is, else the one that is."""
    alone = torch.where(trusted, plain, mirrored)
    return torch.where(trusted == other_trusted, (plain + mirrored) / 2, alone)


def mirror_covariance(covariances: Tensor) -> Tensor:
    """(..., 2, 2) covariances seen in a mirror: those of x with y change their sign."""
    signs = covariances.new_tensor(((1, -1), (-1, 1)))
    return covariances * signs

"""Reference faces beside features: from samples, as a network's input, as heatmaps."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Optional

import torch
from mmpose.registry import KEYPOINT_CODECS, MODELS
from mmpose.structures import PoseDataSample
from torch import Tensor, nn

from mmpose_multilat.landmarks import HeatmapGeometry
from mmpose_multilat.models.layers import IMAGE_SIZE, References, resized
from mmpose_multilat.multilateration import encode_gaussian

FIELDS = ('reference_image', 'reference_landmarks', 'reference_visible')
"""Of `gt_instance_labels`, one face an instance, in the order of `References`."""


class GuidedFeatures(NamedTuple):
    """Features of B images with the reference of each.

    Attributes:
        feats: Features of the backbone.
        references: B reference faces.
    """

    feats: Sequence[Tensor]
    references: References


def references_of(samples: Sequence[PoseDataSample]) -> Optional[References]:
    """Read the reference faces that samples carry.

    Args:
        samples: B samples.

    Returns:
        B faces, None if the samples carry none.

    Raises:
        ValueError: If some of them carry one and others do not, or their images have another size.
    """
    labels = [sample.get('gt_instance_labels') for sample in samples]
    carried = [label is not None and FIELDS[0] in label for label in labels]
    if not any(carried):
        return None
    if not all(carried):
        raise ValueError(
            f'{carried.count(False)} of {len(samples)} samples carry no reference face; put '
            'AddReference into the pipelines of all datasets that are mixed, or into none'
        )
    found = References(*(torch.cat([label[name] for label in labels]) for name in FIELDS))
    size = found.images.shape[-1], found.images.shape[-2]
    if size != IMAGE_SIZE:
        raise ValueError(
            f'the reference images of the samples have {size} px, ReferenceHeatmapHead takes '
            f'{IMAGE_SIZE}; leave the size of AddReference as it is by default'
        )
    return found


def build_boundaries(settings: dict[str, Any], scheme: str) -> Any:
    """Build the codec of the boundaries.

    Args:
        settings: Config of `BoundaryHeatmap`.
        scheme: Name of the scheme of the landmarks.

    Raises:
        ValueError: If the curves are those of another scheme.
    """
    codec = KEYPOINT_CODECS.build(settings)
    if codec.scheme != scheme:
        raise ValueError(
            f'boundaries.scheme={codec.scheme!r} and scheme={scheme!r} differ; set both to the '
            'scheme of the dataset'
        )
    return codec


class ReferenceInputs(nn.Module):
    """What a network is given of reference faces: normalised images, and heatmaps.

    Heatmaps are drawn here, on the device: samples and checkpoints hold landmarks, which are a
    thousandth of their size.

    Args:
        preprocessor: Config of the estimator's data preprocessor; references are normalised as
            targets are.
        image_size: Size (w, h) of the images in px.
        heatmap_size: Size (W, H) of the heatmaps in cells.
        sigma: Standard deviation of the landmarks' Gaussians in heatmap px.
        alignment: Where the cells lie over the image, 'msra' or 'udp'.
        boundaries: The codec `BoundaryHeatmap`, which draws the curves; None for landmarks alone.

    Raises:
        ValueError: If the boundaries have another size or alignment than the landmarks' heatmaps.
    """

    def __init__(
        self,
        preprocessor: dict[str, Any],
        image_size: tuple[int, int],
        heatmap_size: tuple[int, int],
        sigma: float,
        alignment: str = 'msra',
        boundaries: Any = None,
    ) -> None:
        super().__init__()
        self.geometry = HeatmapGeometry(IMAGE_SIZE, heatmap_size, alignment)
        _check_agreement(self.geometry, boundaries)
        self.preprocessor = MODELS.build(preprocessor)
        self.image_size = image_size
        self.sigma, self.boundaries = sigma, boundaries

    def forward(self, references: References, like: Tensor) -> tuple[Tensor, Tensor]:
        """Prepare R references.

        Args:
            references: The faces.
            like: A tensor of the targets, whose dtype the answer has.

        Returns:
            (R, 3, h, w) normalised images and (R, K + P, H, W) heatmaps, landmarks first.
        """
        return self._images(references).to(like.dtype), self._heatmaps(references).to(like.dtype)

    def blank(self, like: Tensor, landmarks: int) -> tuple[Tensor, Tensor]:
        """The same of one face without content: the mean colour, and empty heatmaps."""
        maps = landmarks + (0 if self.boundaries is None else self.boundaries.num_boundaries)
        shapes = [
            (1, count, height, width)
            for count, (width, height) in ((3, self.image_size), (maps, self.geometry.heatmap_size))
        ]
        return tuple(like.new_zeros(shape) for shape in shapes)

    def _images(self, references: References) -> Tensor:
        preprocessor = self.preprocessor
        images = references.images.to(references.landmarks.dtype)
        if preprocessor._channel_conversion:
            images = images.flip(1)
        if preprocessor._enable_normalize:
            images = (images - preprocessor.mean) / preprocessor.std
        return resized(images, self.image_size)

    def _heatmaps(self, references: References) -> Tensor:
        landmarks = self.geometry.to_heatmap(references.landmarks)
        heatmaps = encode_gaussian(landmarks, self.geometry.heatmap_size, self.sigma)
        heatmaps = heatmaps * references.visible[..., None, None]
        if self.boundaries is None:
            return heatmaps
        return torch.cat((heatmaps, self.boundaries.draw(landmarks, references.visible)), 1)


def _check_agreement(geometry: HeatmapGeometry, boundaries: Any) -> None:
    """Refuse boundaries whose cells lie elsewhere than those of the landmarks."""
    for name in ('heatmap_size', 'alignment'):
        own, other = getattr(geometry, name), getattr(boundaries, name, None)
        if boundaries is not None and other != own:
            raise ValueError(
                f'boundaries.{name}={other!r} differs from {own!r}, that of the landmarks '
                '(network.heatmap_size, decoder.alignment); set them alike'
            )

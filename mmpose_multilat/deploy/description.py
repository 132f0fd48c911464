"""What an exported model says of itself, so that its file is all that a program needs."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Optional

from mmpose_multilat.landmarks import LandmarkScheme
from mmpose_multilat.version import __version__

PREFIX = 'mmpose_multilat.'
"""Of the keys in the file, whose values are JSON."""

RAW, NORMALISED, WHOLE_IMAGE = 'uint8', 'float32', 'image'

LATER = ('color_type', 'decodes')
"""What files of earlier versions do not say."""

DEFAULT_COLOR_TYPE = 'color'
"""MMPose's `LoadImage` reads images as BGR."""

DEFAULT_BBOX_PADDING = 1.25
"""MMPose's `GetBBoxCenterScale` enlarges boxes by this."""


@dataclass(frozen=True)
class ModelDescription:
    """The metadata of an exported model.

    Attributes:
        input_size: Size (w, h) of the crops in px.
        input_type: 'uint8': crops (B, h, w, C) as they are, normalised by the model; 'float32':
            crops (B, C, h, w) that the caller has normalised as (value - mean) / std; 'image': an
            image (H, W, C) uint8 with boxes (N, 4) of its faces, whose crops the model cuts itself.
        channel_order: Order of the channels that the model takes: 'BGR', 'RGB', 'GREY' of one
            channel, 'BGRA' of four, '' of other numbers.
        mean: One number for each channel, in the order that the network sees; for 'uint8' the
            model subtracts it itself.
        std: Likewise the divisors.
        heatmap_size: Size (W, H) in cells of the heatmaps inside.
        landmarks: Number K of landmarks.
        flip_pairs: Pairs of landmarks that change places in the flipped image; None if unknown.
        flip_test: Whether the model looks at the flipped image too.
        codec: The decoder inside: its type and settings.
        dataset: Name of the dataset whose landmarks these are, '' if unknown.
        bbox_padding: The side of a crop is that of the face's box times this.
        use_udp: Whether crops are cut by MMPose's `TopdownAffine(use_udp=True)`.
        config: Name of the config.
        version: Version of this package that wrote the file.
        color_type: How images are read for it, as `LoadImage` of the test pipeline has it.
        decodes: Whether it puts out landmarks, and not what its codec decodes them of.
    """

    input_size: tuple[int, int]
    input_type: str
    channel_order: str
    mean: tuple[float, ...]
    std: tuple[float, ...]
    heatmap_size: tuple[int, int]
    landmarks: int
    flip_pairs: Optional[tuple[tuple[int, int], ...]]
    flip_test: bool
    codec: dict[str, Any]
    dataset: str = ''
    bbox_padding: float = DEFAULT_BBOX_PADDING
    use_udp: bool = False
    config: str = ''
    version: str = __version__
    color_type: str = DEFAULT_COLOR_TYPE
    decodes: bool = True

    @property
    def channels(self) -> int:
        """Number C of channels of the crops."""
        return len(self.mean)

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Shape of one crop in the layout that the model takes."""
        width, height = self.input_size
        return (height, width, self.channels) if self.is_raw else (self.channels, height, width)

    @property
    def is_raw(self) -> bool:
        """Whether the model normalises the crops itself."""
        return self.input_type != NORMALISED

    @property
    def takes_images(self) -> bool:
        """Whether the model cuts the crops itself, too."""
        return self.input_type == WHOLE_IMAGE

    @property
    def metainfo(self) -> dict[str, Any]:
        """What it says of the landmarks, as MMPose's metainfo does.

        `dataset_name` and, where the pairs are known, `flip_indices`.
        """
        told: dict[str, Any] = dict(dataset_name=self.dataset)
        if self.flip_pairs is not None:
            scheme = LandmarkScheme(self.landmarks, flip_pairs=self.flip_pairs)
            told.update(flip_indices=scheme.flip_indices)
        return told

    def to_metadata(self) -> dict[str, str]:
        """Keys and JSON values for the file."""
        return {PREFIX + name: json.dumps(value) for name, value in asdict(self).items()}

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str]) -> 'ModelDescription':
        """Read what `to_metadata` wrote.

        Raises:
            ValueError: If an entry is missing or is no JSON.
        """
        names = [field.name for field in fields(cls)]
        found = {name: metadata[PREFIX + name] for name in names if PREFIX + name in metadata}
        missing = [PREFIX + name for name in names if name not in found and name not in LATER]
        if missing:
            raise ValueError(f'it lacks the metadata {", ".join(missing)}')
        values = {name: json.loads(value) for name, value in found.items()}
        return cls(**{name: _as_tuple(value) for name, value in values.items()})


def _as_tuple(value: Any) -> Any:
    """Lists of JSON as tuples, at every depth."""
    return tuple(map(_as_tuple, value)) if isinstance(value, list) else value

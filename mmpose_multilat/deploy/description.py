"""What an exported model says of itself, so that its file is all that a program needs."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Optional

from mmcv.transforms import LoadImageFromFile
from mmpose.models import TopdownPoseEstimator
from mmpose.registry import TRANSFORMS

from mmpose_multilat.codecs import LandmarkCodec
from mmpose_multilat.codecs.arguments import arguments_of
from mmpose_multilat.landmarks import LandmarkScheme
from mmpose_multilat.landmarks.schemes import flip_pairs
from mmpose_multilat.models.heads import codec_of
from mmpose_multilat.models.pose_estimators import image_channels, metainfo_of_estimator
from mmpose_multilat.settings import crop_settings, has_class, pipelines_of
from mmpose_multilat.version import __version__

PREFIX = 'mmpose_multilat.'
"""Of the keys in the file, whose values are JSON."""

ORDERS = {1: 'GREY', 3: 'BGR', 4: 'BGRA'}
"""Orders of the channels that OpenCV reads, by their number."""

RAW, NORMALISED = 'uint8', 'float32'

LATER = ('color_type',)
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
            crops (B, C, h, w) that the caller has normalised as (value - mean) / std.
        channel_order: Order of the channels that the model takes: 'BGR', 'RGB', 'GREY' of one
            channel, 'BGRA' of four, '' of other numbers.
        mean: One number for each channel, in the order that the network sees; for 'uint8' the
            model subtracts it itself.
        std: Likewise the divisors.
        heatmap_size: Size (W, H) in cells of the heatmaps inside.
        landmarks: Number K of landmarks.
        flip_pairs: Pairs of landmarks that change places in the mirror image; None if unknown.
        flip_test: Whether the model looks at the mirror image too.
        codec: The decoder inside: its type and settings.
        dataset: Name of the data set whose landmarks these are, '' if unknown.
        bbox_padding: The side of a crop is that of the face's box times this.
        use_udp: Whether crops are cut by MMPose's `TopdownAffine(use_udp=True)`.
        config: Name of the config.
        version: Version of this package that wrote the file.
        color_type: How images are read for it, as `LoadImage` of the test pipeline has it.
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
        return self.input_type == RAW

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


def describe(
    model: TopdownPoseEstimator, landmarks: int, raw: bool, flip_test: bool, config: str = ''
) -> ModelDescription:
    """Describe a model that is to be exported.

    Args:
        model: A pose estimator whose head decodes with a codec of this package. `dataset_meta` is
            the metainfo of its landmarks, empty if unknown, and `cfg` its config.
        landmarks: Number K of its landmarks.
        raw: Whether it will take uint8 crops.
        flip_test: Whether it will look at the mirror image too.
        config: Name of its config.

    Raises:
        ValueError: If the test sets of its config are cropped in different ways.
    """
    codec: LandmarkCodec = codec_of(model.head)
    meta = metainfo_of_estimator(model)
    partners = meta.get('flip_indices', ())
    # Of a checkpoint or config whose landmarks are others than those that the head puts out.
    knows_landmarks = len(partners) == landmarks
    channels = image_channels(model)
    mean, std = _normalisation(model.data_preprocessor, channels)
    swaps_channels = model.data_preprocessor._channel_conversion
    cropping = _cropping(getattr(model, 'cfg', {}))
    if channels == 1 and cropping['color_type'] == DEFAULT_COLOR_TYPE:
        cropping['color_type'] = 'grayscale'  # something behind `LoadImage` makes it so
    return ModelDescription(
        input_size=codec.input_size,
        input_type=RAW if raw else NORMALISED,
        channel_order='RGB' if swaps_channels and not raw else ORDERS.get(channels, ''),
        mean=mean,
        std=std,
        heatmap_size=codec.heatmap_size,
        landmarks=landmarks,
        flip_pairs=flip_pairs(partners) if knows_landmarks else None,
        flip_test=flip_test,
        codec=codec_settings(codec),
        dataset=meta.get('dataset_name', '') if knows_landmarks else '',
        config=config,
        **cropping,
    )


def codec_settings(codec: LandmarkCodec) -> dict[str, Any]:
    """The type of a codec and the arguments that build it."""
    return dict(type=type(codec).__name__, **arguments_of(codec))


def _normalisation(preprocessor: Any, channels: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation, one number for each channel."""
    if not preprocessor._enable_normalize:
        return (0.0,) * channels, (1.0,) * channels
    # A single number counts for all channels.
    mean, std = (
        tuple(values.flatten().expand(channels).tolist())
        for values in (preprocessor.mean, preprocessor.std)
    )
    return mean, std


def _cropping(config: Mapping[str, Any]) -> dict[str, Any]:
    """How the test pipeline of a config cuts the crops."""
    pipelines = pipelines_of(config)
    crops = {crop_settings(each): place for place, each in pipelines.items()}
    if len(crops) > 1:
        raise ValueError(
            'the file can only tell of one way to cut crops, and the test sets of the config have '
            f'several ({", ".join(crops.values())}); give them the same GetBBoxCenterScale and '
            'TopdownAffine, or leave one of them in test_dataloader'
        )
    crop = next(iter(crops), crop_settings([]))
    padding = DEFAULT_BBOX_PADDING if crop.padding is None else crop.padding
    return dict(
        color_type=_color_type(next(iter(pipelines.values()), ())),
        bbox_padding=padding,
        use_udp=crop.use_udp,
    )


def _color_type(pipeline: Iterable[Any]) -> str:
    """How a pipeline loads images, as MMCV calls it."""
    loads = (step for step in pipeline if has_class(step, LoadImageFromFile, TRANSFORMS))
    return next(loads, {}).get('color_type', DEFAULT_COLOR_TYPE)

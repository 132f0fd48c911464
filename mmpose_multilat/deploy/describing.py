"""What there is to say of a model that is exported, from its config and its parts."""

from collections.abc import Iterable, Mapping
from typing import Any

from mmcv.transforms import LoadImageFromFile
from mmpose.models import TopdownPoseEstimator
from mmpose.registry import TRANSFORMS

from mmpose_multilat.codecs import LandmarkCodec
from mmpose_multilat.codecs.arguments import arguments_of
from mmpose_multilat.landmarks.schemes import flip_pairs
from mmpose_multilat.models.heads import codec_of
from mmpose_multilat.models.pose_estimators import image_channels, metainfo_of_estimator
from mmpose_multilat.settings import crop_settings, has_class, pipelines_of

from .description import (
    DEFAULT_BBOX_PADDING,
    DEFAULT_COLOR_TYPE,
    NORMALISED,
    RAW,
    ModelDescription,
)

ORDERS = {1: 'GREY', 3: 'BGR', 4: 'BGRA'}
"""Orders of the channels that OpenCV reads, by their number."""


def describe(
    model: TopdownPoseEstimator, landmarks: int, raw: bool, flip_test: bool, config: str = ''
) -> ModelDescription:
    """Describe a model that is to be exported.

    Args:
        model: A pose estimator whose head decodes with a codec of this package. `dataset_meta` is
            the metainfo of its landmarks, empty if unknown, and `cfg` its config.
        landmarks: Number K of its landmarks.
        raw: Whether it will take uint8 crops.
        flip_test: Whether it will look at the flipped image too.
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

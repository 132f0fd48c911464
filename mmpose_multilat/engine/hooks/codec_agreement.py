"""Whether the pipelines cut and encode what the head decodes."""

from typing import Any, Optional

import numpy as np
from mmengine.model import is_model_wrapper
from mmpose.datasets.transforms import GenerateTarget, TopdownAffine
from torch import nn
from torch.utils.data import DataLoader

from mmpose_multilat.codecs import LandmarkCodec, geometry_of
from mmpose_multilat.models.heads import codec_of
from mmpose_multilat.settings import transforms_of

SIZES = ('input_size', 'heatmap_size')
"""A difference here cannot be trained."""

MEANING = ('sigma', 'alignment', 'theta')
"""A difference here trains, and then every distance or coordinate is off."""


def unwrap(model: nn.Module) -> nn.Module:
    """Return the model inside wrappers for several GPUs, precision or averaging."""
    while is_model_wrapper(model):
        model = model.module
    return model


def find_decoder(model: nn.Module) -> Any:
    """Return the codec of the head of a model, also inside wrappers; None if it has none."""
    return codec_of(getattr(unwrap(model), 'head', None))


def find_encoders(loader: DataLoader) -> list[Any]:
    """Find the codecs that encode the labels of a loader.

    Args:
        loader: A loader over a dataset of MMPose, also one inside wrappers such as
            `RepeatDataset`, or over several, as in `CombinedDataset`.

    Returns:
        The codec of each `GenerateTarget`, but none of those that have several.
    """
    transforms = transforms_of(loader.dataset)
    targets = [each for each in transforms if isinstance(each, GenerateTarget)]
    return [each.encoder for each in targets if not isinstance(each.encoder, list)]


def describe_crops(loader: DataLoader, decoder: Any) -> Optional[str]:
    """Say what is wrong with the crops of a loader.

    `TopdownAffine(use_udp=True)` scales crops by (w - 1) / scale, and MMPose brings landmarks back
    by scale / w. Its `UDPHeatmap` multiplies by w / (w - 1) for that; the codecs of this package
    give landmarks in input px.

    Args:
        loader: A loader over a dataset of MMPose.
        decoder: Codec of the head.

    Returns:
        A warning, or None if crop and decoder fit each other.
    """
    udp = any(
        isinstance(transform, TopdownAffine) and transform.use_udp
        for transform in transforms_of(loader.dataset)
    )
    if not udp or not isinstance(decoder, LandmarkCodec):
        return None
    return (
        'TopdownAffine(use_udp=True) cuts the crops: MMPose places landmarks that '
        f'{type(decoder).__name__} decodes up to one input px off then; only its own UDPHeatmap '
        'corrects for such crops. Set use_udp=False in every pipeline, for training and testing.'
    )


def check_sizes_agree(encoder: Any, decoder: Any) -> None:
    """Refuse an encoder and a decoder of different sizes.

    Args:
        encoder: Codec of the training pipeline.
        decoder: Codec of the head.

    Raises:
        ValueError: If they differ; the message names both and the settings.
    """
    for setting, encoded, decoded in _differences(encoder, decoder, SIZES):
        raise ValueError(
            f'The training pipeline encodes with {setting}={encoded}, the head decodes with '
            f'{setting}={decoded} (W, H). Set the `{setting}` of the encoder of GenerateTarget and '
            'of `model.head.decoder` to the same value, best by using one `codec` for both.'
        )


def describe_differences(
    encoder: Any, decoder: Any, source: str = 'the training pipeline'
) -> Optional[str]:
    """Say what would be trained and decoded differently.

    Args:
        encoder: Codec that makes the labels.
        decoder: Codec of the head.
        source: Where the encoder comes from, for the message.

    Returns:
        A warning, or None if the codecs agree.
    """
    found = [
        f'{setting}={encoded} in training and {decoded} in decoding'
        for setting, encoded, decoded in _differences(encoder, decoder, MEANING)
    ]
    if not found:
        return None
    return (
        f'The codecs of {source} and of the head differ: {"; ".join(found)}. Decoded landmarks '
        'will be biased unless this is meant.'
    )


def _differences(
    encoder: Any, decoder: Any, settings: tuple[str, ...]
) -> list[tuple[str, Any, Any]]:
    """Settings that both codecs have, with both values where they differ."""
    pairs = [(name, _setting(encoder, name), _setting(decoder, name)) for name in settings]
    return [pair for pair in pairs if None not in pair and pair[1] != pair[2]]


def _setting(codec: Any, name: str) -> Any:
    """A setting of a codec, None without; lists and arrays as tuples, so that equals agree."""
    value = getattr(codec if name == 'sigma' else geometry_of(codec), name, None)
    if isinstance(value, np.ndarray):
        value = value.tolist()
    return tuple(value) if isinstance(value, (list, tuple)) else value

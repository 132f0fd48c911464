"""Whether the training pipeline encodes what the head decodes."""

from typing import Any, Optional

from mmpose.datasets.transforms import GenerateTarget
from torch.utils.data import DataLoader

SIZES = ('input_size', 'heatmap_size')
"""A difference here cannot be trained."""

MEANING = ('sigma', 'alignment')
"""A difference here trains, and then every distance or coordinate is off."""


def find_encoder(loader: DataLoader) -> Optional[Any]:
    """Return the codec that encodes the labels of a loader.

    Args:
        loader: A loader over a data set of MMPose.

    Returns:
        The codec of `GenerateTarget`; None if there is none, or several.
    """
    pipeline = getattr(loader.dataset, 'pipeline', None)
    for transform in getattr(pipeline, 'transforms', ()):
        if isinstance(transform, GenerateTarget):
            return None if isinstance(transform.encoder, list) else transform.encoder
    return None


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


def describe_differences(encoder: Any, decoder: Any) -> Optional[str]:
    """Say what would be trained and decoded differently.

    Args:
        encoder: Codec of the training pipeline.
        decoder: Codec of the head.

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
        f'The codecs of the training pipeline and of the head differ: {"; ".join(found)}. Decoded '
        'landmarks will be biased unless this is meant.'
    )


def _differences(
    encoder: Any, decoder: Any, settings: tuple[str, ...]
) -> list[tuple[str, Any, Any]]:
    """Settings that both codecs have, with both values where they differ."""
    pairs = [
        (name, getattr(encoder, name, None), getattr(decoder, name, None)) for name in settings
    ]
    pairs = [(name, _plain(one), _plain(two)) for name, one, two in pairs]
    return [pair for pair in pairs if None not in pair and pair[1] != pair[2]]


def _plain(value: Any) -> Any:
    """Sizes as tuples, so that a list and a tuple of the same numbers agree."""
    return tuple(value) if isinstance(value, (list, tuple)) else value

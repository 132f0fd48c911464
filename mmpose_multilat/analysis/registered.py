"""Every decoder in MMPose's registry that reads what a codec reads, and the settings of each."""

import inspect
from typing import Any

from mmpose.registry import KEYPOINT_CODECS

from mmpose_multilat.codecs import HeatmapCodec
from mmpose_multilat.codecs.arguments import arguments_of

from .decoders import LABELS, build_decoders, decodes_gaussians


def registered_decoders(codec: Any) -> dict[str, Any]:
    """One decoder of every kind in MMPose's registry that reads what a codec reads.

    Args:
        codec: The head's codec, which stands in for its own kind, so that its settings are kept.
            What a codec of something else than Gaussian heatmaps reads, it alone can read.

    Returns:
        Decoders by label, the simplest first, without those of `unfit_decoders`.
    """
    return build_registered(codec)[0]


def unfit_decoders(codec: Any) -> dict[str, str]:
    """Why some kinds are missing in `registered_decoders`, by label: they refuse the heatmaps."""
    return build_registered(codec)[1]


def build_registered(codec: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """`registered_decoders` and `unfit_decoders` at once."""
    if not decodes_gaussians(codec):
        return {type(codec).__name__: codec}, {}
    kinds = {**LABELS, **{kind: kind.__name__ for kind in _other_kinds()}}
    decoders, reasons = build_decoders(codec, kinds)
    if isinstance(codec, HeatmapCodec):
        return decoders, reasons
    return {type(codec).__name__: codec, **decoders}, reasons  # MMPose's, which it was trained with


def _other_kinds() -> list[type]:
    """Registered heatmap codecs without a label of their own, by name."""
    registered = set(KEYPOINT_CODECS.module_dict.values())
    kinds = {kind for kind in registered if issubclass(kind, HeatmapCodec)} - set(LABELS)
    return sorted((kind for kind in kinds if not inspect.isabstract(kind)), key=_name)


def _name(kind: type) -> str:
    return kind.__name__


def settings_of(decoder: Any) -> dict[str, Any]:
    """The arguments of a decoder's class with their present values, as far as it keeps them.

    Args:
        decoder: A codec.

    Returns:
        Values that JSON can hold, by argument; sizes and sigma are left out, which all decoders
        of a benchmark share.
    """
    shared = {'input_size', 'heatmap_size', 'sigma'}
    plain = (bool, int, float, str, type(None))
    return {
        name: value
        for name, value in arguments_of(decoder).items()
        if name not in shared and isinstance(value, plain)
    }

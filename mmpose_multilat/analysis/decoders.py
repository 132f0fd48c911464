"""Decoders for the heatmaps of a codec: one of every kind, with settings that fit these."""

from collections.abc import Mapping
from typing import Any

from mmpose.codecs import MSRAHeatmap, UDPHeatmap

from mmpose_multilat.codecs import (
    Dark,
    GaussianMLE,
    HeatmapCodec,
    KeyPosS,
    OneHot,
    POPoS,
    TwoHot,
    geometry_of,
)

LABELS = {
    OneHot: 'one-hot',
    TwoHot: 'two-hot',
    Dark: 'DARK',
    KeyPosS: 'KeyPosS',
    POPoS: 'POPoS',
    GaussianMLE: 'GaussianMLE',
}

PAPER_ANCHORS = 10
"""Stations of POPoS where the config does not name them (POPoS section 4.2)."""


def decoders_like(codec: Any) -> dict[str, HeatmapCodec]:
    """One decoder of each kind for the heatmaps of a codec, which itself stands in for its kind.

    Args:
        codec: A codec of this package, or MMPose's `MSRAHeatmap` or `UDPHeatmap`.

    Returns:
        Decoders by label, the simplest first, without those of `misfits`.
    """
    return build_decoders(codec, LABELS)[0]


def misfits(codec: Any) -> dict[str, str]:
    """Why some kinds of `decoders_like` are missing, by label: they refuse the heatmaps."""
    return build_decoders(codec, LABELS)[1]


def build_decoders(
    codec: Any, kinds: Mapping[type, str]
) -> tuple[dict[str, HeatmapCodec], dict[str, str]]:
    """One decoder of each kind for the heatmaps of a codec, as far as they can be read by it.

    Args:
        codec: A codec of this package, or MMPose's `MSRAHeatmap` or `UDPHeatmap`.
        kinds: Class of a codec -> label.

    Returns:
        Decoders by label, and for the other labels why their class refuses the heatmaps, because
        they are too small for its window for example.
    """
    width, height = codec.heatmap_size
    common = shared_settings(codec)
    settings = {POPoS: dict(num_anchors=min(PAPER_ANCHORS, width * height))}
    decoders, reasons = {}, {}
    for kind, label in kinds.items():
        try:
            own = type(codec) is kind
            decoders[label] = codec if own else kind(**common, **settings.get(kind, {}))
        except ValueError as error:
            reasons[label] = str(error)
    return decoders, reasons


def shared_settings(codec: Any) -> dict[str, Any]:
    """What decoders must share with a codec to be compared with it fairly.

    Args:
        codec: A codec of this package, or MMPose's `MSRAHeatmap` or `UDPHeatmap`.

    Returns:
        Arguments of `HeatmapCodec`: `settings_of_heatmaps`, and `beyond_box` where it is on.
    """
    beyond_box = dict(beyond_box=True) if getattr(codec, 'beyond_box', False) else {}
    return {**settings_of_heatmaps(codec), **beyond_box}


def settings_of_heatmaps(codec: Any) -> dict[str, Any]:
    """What a decoder must share with a codec to read its heatmaps: sizes, sigma, alignment.

    Args:
        codec: A codec of this package, or MMPose's `MSRAHeatmap` or `UDPHeatmap`.

    Returns:
        Arguments of `HeatmapCodec`.
    """
    return dict(
        input_size=tuple(codec.input_size),
        heatmap_size=tuple(codec.heatmap_size),
        sigma=float(codec.sigma),
        alignment=geometry_of(codec).alignment,
    )


def decodes_gaussians(codec: Any) -> bool:
    """Whether a codec reads one Gaussian heatmap for each landmark, as every other then can."""
    known = isinstance(codec, (HeatmapCodec, MSRAHeatmap, UDPHeatmap))
    return known and getattr(codec, 'heatmap_type', 'gaussian') == 'gaussian'

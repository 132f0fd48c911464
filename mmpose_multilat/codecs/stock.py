"""The geometry of any codec: MMPose's know theirs by their kind."""

from typing import Any

from mmpose.codecs import UDPHeatmap

from mmpose_multilat.landmarks import HeatmapGeometry

from .grid_codec import GridCodec


def geometry_of(codec: Any) -> HeatmapGeometry | None:
    """Return how the cells of a codec lie over the network's input.

    Args:
        codec: A codec of this package or of MMPose, or None.

    Returns:
        Its geometry; None without a codec, or for one without heatmaps or vectors of a
        `heatmap_size`.
    """
    if isinstance(codec, GridCodec):
        return codec.geometry
    if getattr(codec, 'heatmap_size', None) is None:
        return None
    input_size, heatmap_size = (
        tuple(int(side) for side in size) for size in (codec.input_size, codec.heatmap_size)
    )
    alignment = 'udp' if isinstance(codec, UDPHeatmap) else 'msra'
    return HeatmapGeometry(input_size, heatmap_size, alignment)


def expects_udp_crops(codec: Any) -> bool:
    """Whether a codec is made for crops by MMPose's `TopdownAffine(use_udp=True)`.

    Its `UDPHeatmap` multiplies input px by w / (w - 1), since MMPose's pose estimators divide by w
    afterwards where such crops need w - 1. All other codecs give input px.
    """
    return isinstance(codec, UDPHeatmap)

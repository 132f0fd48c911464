"""What all codecs of this package share: how the cells lie over the network's input."""

from dataclasses import KW_ONLY, dataclass

from mmpose.codecs.base import BaseKeypointCodec

from mmpose_multilat.landmarks import HeatmapGeometry
from mmpose_multilat.landmarks.checks import check_choice, check_positive, check_size
from mmpose_multilat.multilateration import ALIGNMENTS


@dataclass(eq=False)
class GridCodec(BaseKeypointCodec):
    """Base of the codecs whose labels are values of cells.

    Args:
        input_size: Size (w, h) of the network's input in px.
        heatmap_size: Size (W, H) of the heatmaps in cells.
        sigma: Standard deviation of the Gaussians in heatmap px.
        alignment: Where the cells lie over the input: 'msra' or 'udp', see
            `mmpose_multilat.multilateration.coordinates`.

    Raises:
        ValueError: If an argument is out of its range; the message lists what is allowed.
    """

    input_size: tuple[int, int]
    heatmap_size: tuple[int, int]
    sigma: float = 2.0
    _: KW_ONLY
    alignment: str = 'msra'

    def __post_init__(self) -> None:
        self.alignment = check_choice('alignment', self.alignment, ALIGNMENTS)
        self.input_size = check_size('input_size', self.input_size)
        self.heatmap_size = check_size('heatmap_size', self.heatmap_size, smallest=2)
        self.sigma = check_positive('sigma', self.sigma)

    @property
    def geometry(self) -> HeatmapGeometry:
        """Sizes and alignment as one value."""
        return HeatmapGeometry(self.input_size, self.heatmap_size, self.alignment)

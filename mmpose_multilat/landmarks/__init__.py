"""Values and facts about landmarks and their datasets, without registries."""

from .crops import CropGeometry
from .geometry import HeatmapGeometry
from .located import Located

__all__ = ['CropGeometry', 'HeatmapGeometry', 'Located']

"""Values and facts about landmarks and their datasets, without registries."""

from .catalogue import DATASETS, dataset_of, dataset_of_metainfo, scheme_of_metainfo
from .crops import CropGeometry
from .dataset import ANNOTATIONS, DatasetFile, FaceDataset
from .geometry import HeatmapGeometry
from .located import Located
from .schemes import SCHEMES, LandmarkScheme, scheme_of

__all__ = [
    'ANNOTATIONS',
    'DATASETS',
    'SCHEMES',
    'CropGeometry',
    'DatasetFile',
    'FaceDataset',
    'HeatmapGeometry',
    'LandmarkScheme',
    'Located',
    'dataset_of',
    'dataset_of_metainfo',
    'scheme_of',
    'scheme_of_metainfo',
]

"""Values and facts about landmarks and their datasets, without registries.

What needs torch is imported when it is first asked for: who runs an exported network needs none.
"""

from mmpose_multilat.lazy import lazy_names

from .catalogue import DATASETS, dataset_of, dataset_of_metainfo, scheme_of_metainfo
from .crops import CropGeometry
from .dataset import ANNOTATIONS, DatasetFile, FaceDataset
from .schemes import SCHEMES, LandmarkScheme, scheme_of

__getattr__ = lazy_names(__name__, geometry=['HeatmapGeometry'], located=['Located'])

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

"""What configs and checkpoints of MMEngine say, however they are spelt and wrapped.

A `type` is a name, a name with its package, a full path or a class; a dataset stands in a loader at
any depth. Whoever needs to know asks here and compares no strings.
"""

from .classes import ABOUT_CLASS, class_of, has_class, known_class
from .crops import CropSettings, crop_settings
from .datasets import pipelines_of, plain_datasets, plain_settings, transforms_of
from .evaluators import evaluator_from, metrics_of
from .metainfo import flip_partners, metainfo_of, metainfo_of_checkpoint, metainfo_of_config

__all__ = [
    'ABOUT_CLASS',
    'CropSettings',
    'class_of',
    'crop_settings',
    'evaluator_from',
    'flip_partners',
    'has_class',
    'known_class',
    'metainfo_of',
    'metainfo_of_checkpoint',
    'metainfo_of_config',
    'metrics_of',
    'pipelines_of',
    'plain_datasets',
    'plain_settings',
    'transforms_of',
]

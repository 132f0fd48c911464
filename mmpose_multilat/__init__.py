"""Facial landmarks of a fraction of a pixel from tiny heatmaps, for MMPose 1.x.

`custom_imports = dict(imports=['mmpose_multilat'])` in a config puts everything of this package
into MMPose's registries. It replaces the `custom_imports` of a base; the README says how to append.
`from mmpose_multilat.inference import FaceLandmarker` finds landmarks, from an exported file
without importing torch or MMPose.
"""

import sys
from importlib import import_module
from types import ModuleType

from .registration import PARTS, register_later, register_now
from .version import __version__

__all__ = ['__version__']

# With MMEngine there MMPose is what this package is imported for, and a missing piece is to be told
# here. Otherwise it may be for what needs neither: an exported network, or the doctor, who must
# survive a torch whose import hangs or crashes.
if 'mmengine' in sys.modules:
    register_now()
else:
    register_later()


def __getattr__(name: str) -> ModuleType:
    """Import a part of the package that is asked for as an attribute."""
    if name not in PARTS:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    return import_module(f'{__name__}.{name}')

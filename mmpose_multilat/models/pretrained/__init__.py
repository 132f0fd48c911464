"""The pretrained weights that the configs name, from wherever they can be had.

MMEngine knows one server for each name, and that of OpenMMLab no longer answers. Importing this
package makes MMEngine look for the names of :data:`SOURCES` in this order:

1. a file in the folder ``$MMPOSE_MULTILAT_WEIGHTS`` or in torch's hub cache,
2. timm's copy on the Hugging Face hub, or on the mirror that ``$HF_ENDPOINT`` names,
3. the server that MMEngine knows.

A download goes to torch's hub cache, so that it happens once. Weights that cannot be had, damaged
files and weights of another network stop the run; nothing starts from random weights unasked.
"""

from mmpose_multilat.models.pretrained.error import PretrainedWeightsError
from mmpose_multilat.models.pretrained.loading import (
    files_on_this_machine,
    load_from_known_sources,
)
from mmpose_multilat.models.pretrained.sources import SOURCES, Source

__all__ = [
    'SOURCES',
    'PretrainedWeightsError',
    'Source',
    'files_on_this_machine',
    'load_from_known_sources',
]

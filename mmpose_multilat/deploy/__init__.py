"""Network and decoder in one ONNX file: export, check, and run without the network's config.

What exports needs torch and MMPose and is imported when it is first asked for: `OnnxModel` needs
NumPy and onnxruntime alone.
"""

from mmpose_multilat.lazy import lazy_names

from .comparison import Agreement, DiscrepancyError
from .description import ModelDescription
from .onnx_model import OnnxModel, choose_providers
from .requirements import MissingPackageError

__getattr__ = lazy_names(
    __name__,
    building=['build_graph'],
    describing=['describe'],
    export=['export_onnx', 'save'],
    graph=['LandmarkGraph', 'Normalisation'],
    verification=['verify'],
)

__all__ = [
    'Agreement',
    'DiscrepancyError',
    'LandmarkGraph',
    'MissingPackageError',
    'ModelDescription',
    'Normalisation',
    'OnnxModel',
    'build_graph',
    'choose_providers',
    'describe',
    'export_onnx',
    'save',
    'verify',
]

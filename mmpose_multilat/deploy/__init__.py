"""Network and decoder in one ONNX file: export, check, and run without the network's config."""

from .building import build_graph
from .comparison import Agreement, DiscrepancyError
from .description import ModelDescription, describe
from .export import export_onnx, save
from .graph import LandmarkGraph, Normalisation
from .onnx_model import OnnxModel, choose_providers
from .requirements import MissingPackageError
from .verification import verify

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

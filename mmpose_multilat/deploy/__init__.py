"""Network and decoder in one ONNX file: export, check, and run without the network's config."""

from .building import build_graph
from .comparison import Agreement, DiscrepancyError
from .description import ModelDescription, describe
from .export import export_onnx, save
from .graph import HeatmapNetwork, LandmarkGraph, Normalisation
from .onnx_model import OnnxModel
from .requirements import MissingPackageError
from .verification import verify

__all__ = [
    'Agreement',
    'DiscrepancyError',
    'HeatmapNetwork',
    'LandmarkGraph',
    'MissingPackageError',
    'ModelDescription',
    'Normalisation',
    'OnnxModel',
    'build_graph',
    'describe',
    'export_onnx',
    'save',
    'verify',
]

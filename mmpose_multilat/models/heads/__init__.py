"""Heads, and the one way to ask any head for landmarks."""

from .averaging import averaged_outputs, flip_indices_of
from .gaussian_vector_head import GaussianVectorHead
from .graph_refinement_head import GraphRefinementHead
from .locating import COVARIANCES, decoding_with, locate_outputs, stretch_of, to_instances
from .locating_head import Locating, LocatingHead
from .multilateration_head import MultilaterationHead
from .outputs import (
    as_encoded,
    codec_of,
    landmark_head,
    outputs_by_codec,
    shown_fields,
    visibilities,
    with_encoded,
    with_samples,
)
from .reference_heatmap_head import ReferenceHeatmapHead
from .uncertainty_head import UncertaintyHead

__all__ = [
    'COVARIANCES',
    'GaussianVectorHead',
    'GraphRefinementHead',
    'Locating',
    'LocatingHead',
    'MultilaterationHead',
    'ReferenceHeatmapHead',
    'UncertaintyHead',
    'as_encoded',
    'averaged_outputs',
    'codec_of',
    'decoding_with',
    'flip_indices_of',
    'landmark_head',
    'locate_outputs',
    'outputs_by_codec',
    'shown_fields',
    'stretch_of',
    'to_instances',
    'visibilities',
    'with_encoded',
    'with_samples',
]

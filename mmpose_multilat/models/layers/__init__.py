"""Modules that networks are built of.

Heads build them; only what takes the place of a layer in a head of MMPose is registered.
"""

from .band_pooling import BandPooling
from .error_scales import ErrorScales
from .guided_features import GuidedFeaturesNetwork
from .hard_transformation import HardTransformation, LocalisationNetwork, warp
from .landmark_graph import GraphBlock, GraphNetwork, LandmarkEdges
from .local_features import HeatmapFeatures, ImageFeatures
from .multi_scale_fusion import FeatureFusion, MultiScaleFusion
from .probability_conv import ProbabilityConv2d
from .reference_faces import BANK_SIZE, IMAGE_SIZE, ReferenceBank, References
from .reference_heatmap_transformer import ReferenceHeatmapTransformer, Transformed, likenesses
from .resizing import resized
from .sampling import sample_at_landmarks, sample_features
from .soft_transformation import Correlation, SoftTransformation, correlate, transfer
from .transpose_encoder import TransPoseEncoder, sine_positions

__all__ = [
    'BANK_SIZE',
    'IMAGE_SIZE',
    'BandPooling',
    'Correlation',
    'ErrorScales',
    'FeatureFusion',
    'GraphBlock',
    'GraphNetwork',
    'GuidedFeaturesNetwork',
    'HardTransformation',
    'HeatmapFeatures',
    'ImageFeatures',
    'LandmarkEdges',
    'LocalisationNetwork',
    'MultiScaleFusion',
    'ProbabilityConv2d',
    'ReferenceBank',
    'ReferenceHeatmapTransformer',
    'References',
    'SoftTransformation',
    'TransPoseEncoder',
    'Transformed',
    'correlate',
    'likenesses',
    'resized',
    'sample_at_landmarks',
    'sample_features',
    'sine_positions',
    'transfer',
    'warp',
]

"""Modules that networks are built of.

Heads build them; only what takes the place of a layer in a head of MMPose is registered.
"""

from .band_pooling import BandPooling
from .landmark_graph import GraphBlock, GraphNetwork, LandmarkEdges
from .probability_conv import ProbabilityConv2d
from .sampling import sample_features

__all__ = [
    'BandPooling',
    'GraphBlock',
    'GraphNetwork',
    'LandmarkEdges',
    'ProbabilityConv2d',
    'sample_features',
]

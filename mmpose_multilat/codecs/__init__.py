"""MMPose codecs. A decoder is one short file; importing this package registers all of them."""

from .base import HeatmapCodec, Refinement
from .boundary_heatmap import BoundaryHeatmap
from .covariance import CovarianceCodec
from .dark import Dark
from .gaussian_mle import GaussianMLE
from .gaussian_vector import GaussianVector
from .grid_codec import GridCodec
from .keyposs import KeyPosS
from .landmark_codec import LandmarkCodec
from .one_hot import OneHot
from .popos import POPoS
from .stock import expects_udp_crops, geometry_of
from .two_hot import TwoHot

__all__ = [
    'BoundaryHeatmap',
    'CovarianceCodec',
    'Dark',
    'GaussianMLE',
    'GaussianVector',
    'GridCodec',
    'HeatmapCodec',
    'KeyPosS',
    'LandmarkCodec',
    'OneHot',
    'POPoS',
    'Refinement',
    'TwoHot',
    'expects_udp_crops',
    'geometry_of',
]

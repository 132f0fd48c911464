"""MMPose codecs. A decoder is one short file; importing this package registers all of them."""

from .base import HeatmapCodec, Refinement
from .covariance import CovarianceCodec
from .dark import Dark
from .gaussian_mle import GaussianMLE
from .gaussian_vector import GaussianVector
from .keyposs import KeyPosS
from .landmark_codec import LandmarkCodec
from .one_hot import OneHot
from .popos import POPoS
from .stock import expects_udp_crops, geometry_of
from .two_hot import TwoHot

__all__ = [
    'CovarianceCodec',
    'Dark',
    'GaussianMLE',
    'GaussianVector',
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

"""The annotation schemes of faces that this package knows, one file for each.

Facts are those of the releases of the datasets and of MMPose's metainfo files.
"""

from .aflw import AFLW
from .cofw import COFW
from .ibug import IBUG
from .lapa import LAPA
from .scheme import Ends, LandmarkScheme, Line, flip_pairs
from .wflw import WFLW

SCHEMES: dict[str, LandmarkScheme] = {
    scheme.name: scheme for scheme in (WFLW, IBUG, COFW, AFLW, LAPA)
}
"""The schemes by name. Each has another number of landmarks."""

__all__ = [
    'AFLW',
    'COFW',
    'IBUG',
    'LAPA',
    'SCHEMES',
    'WFLW',
    'Ends',
    'LandmarkScheme',
    'Line',
    'flip_pairs',
    'scheme_of',
]


def scheme_of(num_landmarks: int) -> LandmarkScheme:
    """Find a scheme by its number of landmarks.

    Args:
        num_landmarks: Number K of landmarks.

    Returns:
        The known scheme with so many landmarks, or one without facts.
    """
    known = (each for each in SCHEMES.values() if each.num_landmarks == num_landmarks)
    return next(known, LandmarkScheme(num_landmarks))

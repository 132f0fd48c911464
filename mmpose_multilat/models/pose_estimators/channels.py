"""How many channels the crops have that a network takes."""

from mmengine.model import ImgDataPreprocessor
from torch import nn

COLOUR = 3
"""Red, green and blue, in either order."""


def image_channels(model: nn.Module) -> int:
    """Return the number C of channels of the crops (B, C, h, w) that a pose estimator takes.

    A data preprocessor that normalises or reorders three channels says it, else the first
    convolution of the network; a network that has none is taken for one of colour images.

    Args:
        model: A pose estimator of MMPose.
    """
    if _wants_colour(getattr(model, 'data_preprocessor', None)):
        return COLOUR
    network = getattr(model, 'backbone', model)
    convolutions = (each for each in network.modules() if isinstance(each, nn.Conv2d))
    first = next(convolutions, None)
    return COLOUR if first is None else first.in_channels


def _wants_colour(preprocessor: object) -> bool:
    """Whether a data preprocessor of MMEngine or MMPose takes three channels only."""
    if not isinstance(preprocessor, ImgDataPreprocessor):
        return False
    mean = getattr(preprocessor, 'mean', None)
    return preprocessor._channel_conversion or (mean is not None and len(mean) == COLOUR)

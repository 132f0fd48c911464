"""Images of any kind as images that can be drawn into."""

import cv2
import numpy as np

COLOUR = 3
WHITE = 255


def as_colour(image: np.ndarray) -> np.ndarray:
    """Show an image of any number type and number of channels.

    Args:
        image: (h, w) or (h, w, C): grey, BGR, BGR and transparency, or other channels, of which the
            mean is shown; bytes as they are, all other numbers from their smallest (black) to
            their largest (white).

    Returns:
        (h, w, 3) uint8 BGR image; a uint8 BGR image itself.
    """
    visible = image if image.ndim == 3 else image[..., None]
    if visible.shape[-1] == COLOUR + 1:
        visible = visible[..., :COLOUR]
    elif visible.shape[-1] not in (1, COLOUR):
        visible = visible.mean(-1, keepdims=True)
    visible = visible if image.dtype == np.uint8 else _stretched(visible)
    picture = visible.round().astype(np.uint8) if visible.dtype != np.uint8 else visible
    if picture.shape[-1] == 1:
        return cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_GRAY2BGR)
    return np.ascontiguousarray(picture)


def _stretched(values: np.ndarray) -> np.ndarray:
    """Finite values from 0 to 255 in proportion; what is not finite becomes 0."""
    finite = np.isfinite(values)
    if not finite.any():
        return np.zeros(values.shape)
    low, high = (float(each) for each in (values[finite].min(), values[finite].max()))
    scaled = (values.astype(np.float64) - low) * (WHITE / (high - low or 1.0))
    return np.where(finite, scaled, 0)

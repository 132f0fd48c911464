"""From crops to what an exported model takes."""

import numpy as np

from .description import ModelDescription


def to_model_input(crops: np.ndarray, description: ModelDescription) -> np.ndarray:
    """Bring crops into the form that a model takes.

    Args:
        crops: (B, h, w, C) as OpenCV reads images, mostly uint8 BGR.
        description: Says what the model takes.

    Returns:
        The crops themselves for a model that normalises them, else (B, C, h, w) float32.
    """
    if description.is_raw:
        return crops
    values = crops.astype(np.float32)
    values = values[..., ::-1] if description.channel_order == 'RGB' else values
    mean, std = (np.float32(each) for each in (description.mean, description.std))
    return np.ascontiguousarray(((values - mean) / std).transpose(0, 3, 1, 2))

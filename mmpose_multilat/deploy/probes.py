"""Inputs on which an exported model is compared with PyTorch."""

import cv2
import numpy as np
import torch
from torch import Tensor

from mmpose_multilat.datasets.synthetic import generate
from mmpose_multilat.multilateration import encode_gaussian

from .description import ModelDescription
from .graph import Decoder

NOISE = 0.01
LOWEST_PEAK = 0.6
"""Heatmaps of trained networks are a little noisy, and lower than 1 where they hesitate."""

LARGEST_VALUE = 255


def random_crops(description: ModelDescription, count: int, seed: int = 0) -> Tensor:
    """Random crops in the form that a model takes: uint8, or a normal distribution in float32."""
    generator = torch.Generator().manual_seed(seed)
    shape = (count, *description.input_shape)
    if description.is_raw:
        return torch.randint(0, LARGEST_VALUE + 1, shape, generator=generator, dtype=torch.uint8)
    return torch.randn(shape, generator=generator)


def face_crops(description: ModelDescription, count: int) -> Tensor:
    """Synthetic faces, on which the heatmaps of a trained network have bumps."""
    faces = [generate(seed=0, index=index, split='test').image for index in range(count)]
    crops = np.stack([cv2.resize(face, description.input_size) for face in faces])
    return torch.from_numpy(to_model_input(crops, description))


def to_model_input(crops: np.ndarray, description: ModelDescription) -> np.ndarray:
    """Bring crops into the form that a model takes.

    Args:
        crops: (B, h, w, 3) uint8 BGR.
        description: Says what the model takes.

    Returns:
        The crops themselves for a model that normalises them, else (B, 3, h, w) float32.
    """
    if description.is_raw:
        return crops
    values = crops[..., ::-1] if description.channel_order == 'RGB' else crops
    mean, std = (np.float32(each) for each in (description.mean, description.std))
    return np.ascontiguousarray(((values - mean) / std).transpose(0, 3, 1, 2))


def gaussian_heatmaps(codec: Decoder, landmarks: int, faces: int) -> Tensor:
    """(faces, landmarks, H, W) Gaussians of random place and height, with a little noise."""
    generator = torch.Generator().manual_seed(0)
    room = torch.tensor(codec.heatmap_size) - 1
    places = torch.rand(faces, landmarks, 2, generator=generator) * room
    heights = torch.rand(faces, landmarks, 1, 1, generator=generator) * (1 - LOWEST_PEAK)
    heatmaps = encode_gaussian(places, codec.heatmap_size, codec.sigma) * (LOWEST_PEAK + heights)
    return heatmaps + NOISE * torch.randn(heatmaps.shape, generator=generator)


def unreadable_heatmaps(codec: Decoder, landmarks: int) -> Tensor:
    """(4, landmarks, H, W) with a cell of NaN, with a cell of infinity, zero, and constant."""
    heatmaps = gaussian_heatmaps(codec, landmarks, faces=4)
    heatmaps[0, :, 1, 1] = torch.nan
    heatmaps[1, :, 1, 1] = torch.inf
    heatmaps[2] = 0
    heatmaps[3] = LOWEST_PEAK
    return heatmaps

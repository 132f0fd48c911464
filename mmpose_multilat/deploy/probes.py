"""Inputs on which an exported model is compared with PyTorch."""

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from mmpose_multilat.codecs import LandmarkCodec
from mmpose_multilat.datasets.synthetic import generate

from .description import ModelDescription
from .model_input import to_model_input

NOISE = 0.01
LOWEST_PEAK = 0.6
"""The output of trained networks is a little noisy, and lower than its labels where they hesitate;
both as a fraction of the labels' peak."""

LARGEST_VALUE = 255


IMAGE_MARGIN = 31
"""Width in px of the image around or beside the boxes of probes."""


def random_inputs(description: ModelDescription, count: int) -> tuple[Tensor, ...]:
    """Random inputs of a model for a number of faces, see `LandmarkGraph.inputs`."""
    if not description.takes_images:
        return (random_crops(description, count),)
    # Of crops, which overlap with one another and with the edge.
    image = random_crops(description, 1)[0]
    places = torch.rand(count, 2, generator=torch.Generator().manual_seed(1))
    sides = torch.tensor(description.input_size) / description.bbox_padding
    return image, torch.cat((places * sides - IMAGE_MARGIN, sides.expand(count, -1)), -1)


def face_inputs(description: ModelDescription, count: int) -> tuple[Tensor, ...]:
    """Inputs of a model with synthetic faces."""
    crops = face_crops(description, count)
    if not description.takes_images:
        return (crops,)
    width, height = description.input_size
    image = F.pad(torch.cat(list(crops), 1), (0, 0, 0, IMAGE_MARGIN))  # side by side
    corners = torch.arange(count).unsqueeze(-1) * torch.tensor((width, 0))
    sides = torch.tensor((width, height)) / description.bbox_padding
    middle = corners + torch.tensor((width, height)) / 2
    return image, torch.cat((middle - sides / 2, sides.expand(count, -1)), -1)


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
    crops = np.stack(
        [
            with_channels(cv2.resize(face, description.input_size), description.channels)
            for face in faces
        ]
    )
    return torch.from_numpy(to_model_input(crops, description))


def with_channels(image: np.ndarray, channels: int) -> np.ndarray:
    """Give an image another number of channels.

    Args:
        image: (h, w, 3) uint8 BGR.
        channels: How many; 1 is grey, what is more than three is white.

    Returns:
        (h, w, channels) uint8.
    """
    if channels < image.shape[-1]:
        grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)[..., None]
        return grey.repeat(channels, -1)
    white = np.full((*image.shape[:2], channels - image.shape[-1]), LARGEST_VALUE, image.dtype)
    return np.concatenate((image, white), -1)


def readable_outputs(codec: LandmarkCodec, landmarks: int, faces: int) -> tuple[Tensor, ...]:
    """What a head could put out for landmarks at random places of two faces or more.

    Returns:
        The codec's own labels, one tensor (faces, landmarks, ...) for each of its `encoded_names`,
        of random height and with a little noise.
    """
    generator = torch.Generator().manual_seed(0)
    room = torch.tensor(codec.heatmap_size) - 1
    places = torch.rand(1, faces * landmarks, 2, generator=generator) * room
    labels = codec.encode(codec.geometry.to_input(places).numpy())
    # Vectors have an axis of the instance before that of the landmarks, heatmaps have not.
    encoded = (torch.from_numpy(labels[name]).squeeze(0) for name in codec.encoded_names)
    return tuple(_hesitate(each.unflatten(0, (faces, landmarks)), generator) for each in encoded)


def _hesitate(labels: Tensor, generator: torch.Generator) -> Tensor:
    """Labels (faces, landmarks, ...) of random height and with a little noise."""
    shape = (*labels.shape[:2], *(1 for _ in labels.shape[2:]))
    heights = LOWEST_PEAK + (1 - LOWEST_PEAK) * torch.rand(shape, generator=generator)
    noise = NOISE * labels.max() * torch.randn(labels.shape, generator=generator)
    return labels * heights + noise


def unreadable_outputs(codec: LandmarkCodec, landmarks: int) -> tuple[Tensor, ...]:
    """Like `readable_outputs` of four faces: with a NaN, with an infinity, zero, and constant."""
    outputs = readable_outputs(codec, landmarks, faces=4)
    for each in outputs:
        cells = each.flatten(2)  # a view
        cells[0, :, 1] = torch.nan
        cells[1, :, 1] = torch.inf
        cells[2] = 0
        cells[3] = LOWEST_PEAK
    return outputs

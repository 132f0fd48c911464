"""Whether an exported model gets the input that the network gets in a test."""

from typing import Optional

import torch
from mmengine.model import ImgDataPreprocessor
from mmpose.models import TopdownPoseEstimator

from .description import ModelDescription
from .graph import Normalisation
from .model_input import to_model_input
from .probes import LARGEST_VALUE

CROPS = 2

TOLERANCE = 1e-4
"""Of the network's input, which is of the order of 1, in single precision."""


def check_preprocessor(model: TopdownPoseEstimator) -> None:
    """Do nothing if the data preprocessor of a model has the settings of MMEngine's for images.

    Raises:
        ValueError: If it is of another kind, which no description can describe.
    """
    kind = type(model.data_preprocessor)
    if not issubclass(kind, ImgDataPreprocessor):
        raise ValueError(
            f'model.data_preprocessor is a {kind.__name__}, and an exported model knows mean, std '
            'and the order of channels alone; take PoseDataPreprocessor'
        )


@torch.no_grad()
def check_preprocessing(
    model: TopdownPoseEstimator,
    description: ModelDescription,
    normalisation: Optional[Normalisation],
) -> None:
    """Do nothing if a data preprocessor does with crops what a description says.

    Args:
        model: A pose estimator on the CPU.
        description: Of the model to be exported.
        normalisation: What it does itself; None where its caller normalises.

    Raises:
        ValueError: Naming what it does besides.
    """
    width, height = description.input_size
    generator = torch.Generator().manual_seed(0)
    shape = (CROPS, height, width, description.channels)
    crops = torch.randint(0, LARGEST_VALUE + 1, shape, generator=generator, dtype=torch.uint8)
    own = model.data_preprocessor
    batch = dict(inputs=list(crops.permute(0, 3, 1, 2)), data_samples=[])
    expected = own(batch, training=False)['inputs']
    if normalisation is None:
        found = torch.from_numpy(to_model_input(crops.numpy(), description))
    else:
        found = normalisation(crops)
    if expected.shape != found.shape:
        raise ValueError(
            f'model.data_preprocessor pads crops of {width} x {height} px to '
            f'{expected.shape[-1]} x {expected.shape[-2]} px (pad_size_divisor='
            f'{own.pad_size_divisor}), an exported model does not; take crops of the padded size, '
            'or pad_size_divisor=1'
        )
    if not torch.allclose(found, expected, atol=TOLERANCE):
        raise ValueError(
            f'model.data_preprocessor ({type(own).__name__}) does something else with crops than '
            'subtract mean, divide by std and change the order of channels, and an exported model '
            'does that alone; take PoseDataPreprocessor'
        )

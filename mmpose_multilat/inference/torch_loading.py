"""A network of MMPose and the test pipeline that cuts faces out for it."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from mmpose_multilat.errors import explain_errors
from mmpose_multilat.models.pose_estimators import image_channels

from .boxes import whole_image
from .configs import load_config
from .crops import Cropper
from .devices import choose_device
from .estimators import build_estimator
from .frames import Frame
from .inputs import IMAGE, Source
from .networks import LandmarkNetwork
from .pipeline_crops import PipelineCropper, input_size_of, pipeline_of_config
from .torch_network import TorchNetwork


def load_torch(
    config: str,
    checkpoint: str,
    device: str,
    covariances: bool,
    edges: bool,
    cfg_options: Mapping[str, Any],
) -> tuple[TorchNetwork, PipelineCropper]:
    """Load a network and what cuts faces out for it, see `FaceLandmarker`.

    Raises:
        UserError: If they do not fit together.
    """
    device = choose_device(device)
    settings = load_config(config, cfg_options)
    with explain_errors('the config has no usable test pipeline'):
        pipeline = pipeline_of_config(settings)
        input_size = input_size_of(pipeline)
    estimator = build_estimator(settings, checkpoint, device)
    network = TorchNetwork(estimator, input_size, covariances, edges)
    with explain_errors('the test pipeline of the config cannot be built'):
        cut = PipelineCropper(pipeline, estimator.dataset_meta, image_channels(estimator))
    with explain_errors('the network of the config does not fit its codec or its crops'):
        _try(network, cut)
    return network, cut


def _try(network: LandmarkNetwork, cut: Cropper) -> None:
    """Run the network once, on a black image: what does not fit fails before anything is written.

    Raises:
        Exception: Whatever pipeline, network and codec make of each other.
    """
    width, height = network.input_size
    image, shown = np.zeros((height, width, 3), np.uint8), cut.reading.blank(width, height)
    (box,) = whole_image(image)
    network(cut(Frame(Source(IMAGE, ''), image, shown=shown), box).image[None])

"""The network of a landmarker: an exported file, or a config and a checkpoint of MMPose."""

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any, Optional, Union

from mmpose_multilat.deploy import ModelDescription
from mmpose_multilat.errors import UserError, explain_errors

from .crops import AffineCropper, Cropper
from .networks import LandmarkNetwork
from .onnx_network import OnnxNetwork
from .readings import reading_as

PathName = Union[str, PathLike]

CONFIG_SUFFIXES = ('.py', '.json', '.yaml', '.yml')

WITHOUT_STACK = (
    'a config needs PyTorch and MMPose, which cannot be imported here; '
    '`python -m mmpose_multilat.tools.doctor` says how to mend it'
)


def load_network(
    model: PathName,
    checkpoint: Optional[PathName] = None,
    *,
    device: str = '',
    covariances: bool = False,
    edges: bool = False,
    cfg_options: Optional[Mapping[str, Any]] = None,
) -> tuple[LandmarkNetwork, Cropper]:
    """Load a network and what cuts faces out for it, see `FaceLandmarker`.

    Raises:
        UserError: If they do not fit together.
    """
    if checkpoint is None and Path(model).suffix not in CONFIG_SUFFIXES:
        if cfg_options:
            raise UserError(f'`cfg_options` change a config, and {model} is a whole network')
        if edges:
            raise UserError('`edges` needs a config and a checkpoint; exported files tell no edges')
        return load_onnx(model, device, covariances)
    if checkpoint is None:
        raise UserError(f'{model} is a config, which needs a `checkpoint`')
    with explain_errors(WITHOUT_STACK):
        # An exported file has to do without them.
        from .torch_loading import load_torch

    return load_torch(str(model), str(checkpoint), device, covariances, edges, cfg_options or {})


def load_onnx(
    path: PathName, device: str = '', covariances: bool = False
) -> tuple[OnnxNetwork, AffineCropper]:
    """Load an exported network, which says itself how faces are cut out for it."""
    network = OnnxNetwork(path, covariances, device)
    return network, cropper_of(network.description)


def cropper_of(description: ModelDescription) -> AffineCropper:
    """What cuts faces out as the description of an exported network says."""
    reading = reading_as(description.color_type, description.channels)
    return AffineCropper(
        description.input_size, description.bbox_padding, description.use_udp, reading
    )

"""A network that ONNX Runtime calculates, from a file that `export_onnx` wrote."""

from pathlib import Path
from typing import Union

import numpy as np

from mmpose_multilat.deploy.onnx_model import CUDA, OnnxModel, choose_providers
from mmpose_multilat.errors import UserError, blame_user

from .networks import Answer

COVARIANCE_OUTPUT = 'covariances'
"""Of the files that `export_onnx` writes."""


class OnnxNetwork:
    """A network that `export_onnx` wrote.

    Args:
        path: The .onnx file.
        covariances: Whether to find covariances too.
        device: 'cpu', 'cuda:0' ...; '' for a GPU if ONNX Runtime has one.

    Attributes:
        description: What the file says of itself: size and padding of the crops, for example.

    Raises:
        UserError: If it cannot be read, takes no crops, puts out no landmarks, has no covariances,
            or ONNX Runtime is not installed or cannot use the device.
    """

    def __init__(self, path: Union[str, Path], covariances: bool = False, device: str = '') -> None:
        try:
            self._model = OnnxModel(path, choose_providers(device))
        except (OSError, ValueError, ImportError) as error:
            raise UserError(f'`model`: {error}') from error
        if device.startswith('cuda') and CUDA not in self._model.providers:
            # ONNX Runtime itself goes on without it.
            raise UserError(
                f'`device` {device}: ONNX Runtime cannot start CUDA there, see its message; use '
                "'cpu', or install the CUDA libraries that it asks for"
            )
        if self._model.description.takes_images or not self._model.description.decodes:
            option = '--from-image' if self._model.description.takes_images else '--without-decoder'
            raise UserError(
                f'`model`: {path} was exported with {option}, for other programs; export it again '
                'without, or use mmpose_multilat.deploy.OnnxModel'
            )
        if covariances and COVARIANCE_OUTPUT not in self._model.outputs:
            raise UserError(
                f'`covariances`: {path} has none; export it again with --cfg-options '
                'model.test_cfg.output_covariances=True, or leave `covariances` out'
            )
        self._covariances = covariances
        self.description = self._model.description
        self.input_size = self.description.input_size
        self.metainfo = self.description.metainfo

    def __call__(self, crops: np.ndarray) -> Answer:
        """See `LandmarkNetwork`."""
        with blame_user():
            found = self._model.predict(crops)
        names = ['keypoints', 'scores', *([COVARIANCE_OUTPUT] if self._covariances else ())]
        return Answer(*(found[name] for name in names))

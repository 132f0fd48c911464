"""Find landmarks with an exported model; its file is all that is needed."""

import re
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, Optional, Union

import numpy as np

from .description import ModelDescription
from .model_input import to_model_input
from .names import BOXES, IMAGE, INPUT
from .requirements import require

CUDA, CPU = 'CUDAExecutionProvider', 'CPUExecutionProvider'

Provider = Union[str, tuple[str, dict[str, Any]]]
"""A provider of onnxruntime, with or without its options."""


def choose_providers(device: str = '') -> list[Provider]:
    """Where onnxruntime is to compute, the most wanted first.

    TensorRT, which onnxruntime itself would take first, is never among them: it takes minutes to
    compile a network, again for other sizes of batches, and often it is announced but not there.

    Args:
        device: 'cpu', 'cuda' or 'cuda:N'; '' for CUDA if this onnxruntime has it.

    Returns:
        Providers as `OnnxModel` takes them.

    Raises:
        ValueError: If the device is none of these, or this onnxruntime has no CUDA.
        MissingPackageError: If onnxruntime is missing.
    """
    has_cuda = CUDA in require('onnxruntime').get_available_providers()
    if device in ('', 'cpu'):
        return [CUDA, CPU] if has_cuda and not device else [CPU]
    number = re.fullmatch(r'cuda(?::(\d+))?', device)
    if number is None:
        raise ValueError(f"device {device} is unknown to onnxruntime; use 'cpu' or 'cuda:0'")
    if not has_cuda:
        raise ValueError(
            f"device {device}: this onnxruntime has no CUDA; use 'cpu', or install onnxruntime-gpu "
            'in place of onnxruntime'
        )
    return [(CUDA, {'device_id': int(number[1] or 0)}), CPU]


def _load_cuda(onnxruntime: ModuleType) -> None:
    """Load the CUDA libraries that Python packages hold; importing torch would do that, too."""
    load = getattr(onnxruntime, 'preload_dlls', None)  # since 1.21
    if load is not None:
        load()


class OnnxModel:
    """A file written by `export_onnx`, run by onnxruntime.

    Args:
        path: The file.
        providers: Where onnxruntime computes, the most wanted first, for example
            ('CUDAExecutionProvider', 'CPUExecutionProvider'), or what `choose_providers` gives for
            a device. By default CUDA if this onnxruntime has it, then the CPU.

    Attributes:
        description: What the file says of itself.
        outputs: Names of what it puts out.
        providers: Where onnxruntime does compute: those that it could start.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no model of this package.
        MissingPackageError: If onnxruntime is missing.
    """

    def __init__(
        self, path: Union[str, Path], providers: Optional[Sequence[Provider]] = None
    ) -> None:
        onnxruntime = require('onnxruntime')
        if not Path(path).is_file():
            raise FileNotFoundError(f'model {path} does not exist')
        wanted = list(providers or choose_providers())
        if any(each == CUDA or each[0] == CUDA for each in wanted):
            _load_cuda(onnxruntime)
        try:
            self._session: Any = onnxruntime.InferenceSession(str(path), providers=wanted)
        except Exception as error:  # onnxruntime has an own class for every kind of damage
            raise ValueError(f'onnxruntime cannot read the model {path}: {error}') from error
        try:
            metadata = self._session.get_modelmeta().custom_metadata_map
            self.description = ModelDescription.from_metadata(metadata)
        except ValueError as error:
            raise ValueError(f'{path} was not written by export_onnx: {error}') from error
        self.outputs = tuple(output.name for output in self._session.get_outputs())
        self.providers = tuple(self._session.get_providers())

    def __call__(self, crops: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Find the landmarks in crops.

        Args:
            crops: (B, h, w, C) of the model's `input_size`, as OpenCV reads images: uint8 BGR, or
                what else the description names. With the face's box enlarged by `bbox_padding`; B
                may be 0. A model that does not normalise itself takes any type of numbers.

        Returns:
            keypoints: (B, K, 2) float32 landmarks (x, y) in px of the crops.
            scores: (B, K) float32, 0 where a landmark is not to be trusted.

        Raises:
            ValueError: If the crops have another type or shape, the model takes whole images or has
                no decoder.
        """
        if not self.description.decodes:
            raise ValueError(
                'the model has no decoder; predict(crops) gives what its codec decodes, or export '
                'it without --without-decoder'
            )
        found = self.predict(crops)
        return found['keypoints'], found['scores']

    def predict(self, crops: np.ndarray) -> dict[str, np.ndarray]:
        """Like calling the model, with all outputs by name.

        Returns:
            `keypoints`, `scores` and, where the file was exported with them, `covariances`
            (B, K, 2, 2) in px squared of the crops, NaN where the score is 0. Of a file without
            decoder what its codec decodes instead, for example `heatmaps` (B, K, H, W).

        Raises:
            ValueError: If the crops have another type or shape, or the model takes whole images.
        """
        if self.description.takes_images:
            raise ValueError(
                'the model takes images with boxes and cuts its crops itself; call '
                'locate(image, boxes), or export it without --from-image'
            )
        self._check(crops)
        if not len(crops):
            return self._nothing()
        return self._run({INPUT: to_model_input(crops, self.description)})

    def locate(self, image: np.ndarray, boxes: np.ndarray) -> dict[str, np.ndarray]:
        """Find landmarks in an image with a file that was exported with `--from-image`.

        Args:
            image: (H, W, C) uint8 of any size, as OpenCV reads it.
            boxes: (N, 4) [x, y, w, h] of its faces in px, round the landmarks; N may be 0.

        Returns:
            `keypoints` (N, K, 2), `scores` (N, K) and perhaps `covariances` (N, K, 2, 2), in px of
            the image.

        Raises:
            ValueError: If image or boxes cannot be used, or the model takes crops.
        """
        channels = self.description.channels
        if not self.description.takes_images:
            raise ValueError(
                'the model takes crops; call predict(crops), or export it with --from-image'
            )
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != channels:
            raise ValueError(
                f'the image must be uint8 (H, W, {channels}), got {image.dtype} {image.shape}'
            )
        boxes = np.asarray(boxes, np.float32).reshape(-1, 4)
        if not (np.isfinite(boxes).all() and (boxes[:, 2:] > 0).all()):
            raise ValueError(f'boxes must be finite [x, y, w, h] with w and h above 0, got {boxes}')
        return self._run({IMAGE: image, BOXES: boxes}) if len(boxes) else self._nothing()

    def _run(self, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        return dict(zip(self.outputs, self._session.run(None, inputs)))

    def _check(self, crops: np.ndarray) -> None:
        width, height = self.description.input_size
        channels = self.description.channels
        fits = crops.dtype == np.uint8 or (
            not self.description.is_raw and crops.dtype.kind in 'uif'
        )
        if not fits or crops.ndim != 4:
            raise ValueError(
                f'crops must be uint8 (B, h, w, {channels}), got {crops.dtype} {crops.shape}'
            )
        if crops.shape[1:] != (height, width, channels):
            raise ValueError(
                f'the model takes crops of {width} x {height} px, (B, {height}, {width}, '
                f'{channels}), got {crops.shape}'
            )

    def _nothing(self) -> dict[str, np.ndarray]:
        """The outputs for no face at all, which networks need not support."""
        return {
            output.name: np.zeros((0, *output.shape[1:]), np.float32)
            for output in self._session.get_outputs()
        }

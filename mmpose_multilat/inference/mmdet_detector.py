"""Any detector of MMDetection."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from mmengine.registry import DefaultScope, init_default_scope

from mmpose_multilat.engine.finite_weights import describe_not_finite
from mmpose_multilat.errors import UserError, explain_errors

from .boxes import Box
from .detector_defaults import FACE_LABELS, LEAST_SCORE
from .devices import choose_device
from .estimators import read_checkpoint

SCOPE = 'mmdet'


class MMDetDetector:
    """Faces that a network of MMDetection finds.

    MMDetection is imported when this is built: nobody else needs it.

    Args:
        config: Path of the detector's config.
        checkpoint: Path of its weights.
        device: 'cpu', 'cuda:0' ...; '' for a GPU if there is one.
        labels: Categories that are faces, counted from 0.
        threshold: Boxes with a lower score are dropped.

    Raises:
        UserError: If a file does not exist, MMDetection cannot be used, or it cannot build the
            detector.
    """

    def __init__(
        self,
        config: str,
        checkpoint: str,
        device: str = '',
        labels: Sequence[int] = FACE_LABELS,
        threshold: float = LEAST_SCORE,
    ) -> None:
        device = choose_device(device)
        if not Path(config).is_file():
            raise UserError(f"the detector's config {config} does not exist")
        read_checkpoint(checkpoint)
        self._labels, self._threshold = tuple(labels), threshold
        try:
            from mmdet.apis import inference_detector, init_detector
        except ImportError as error:
            raise UserError(
                f'the detector needs MMDetection ({error}): mim install "mmdet>=3.2,<3.3"'
            ) from error
        self._infer = inference_detector
        try:
            with explain_errors(f"the detector's config {config} cannot be built"):
                self._model = init_detector(config, checkpoint, device=device)
            fault = describe_not_finite(self._model)
            if fault:
                raise UserError(f"the detector's checkpoint {checkpoint}: {fault}")
        finally:
            # It has made MMDetection's registries the default; the landmark network needs MMPose's.
            init_default_scope('mmpose')

    def __call__(self, image: np.ndarray) -> list[Box]:
        """Boxes of the wanted categories with their scores, from left to right.

        Args:
            image: (h, w, 3) uint8 BGR.
        """
        with DefaultScope.overwrite_default_scope(SCOPE):
            found = self._infer(self._model, image).pred_instances.cpu().numpy()
        wanted = np.isin(found.labels, self._labels) & (found.scores >= self._threshold)
        rows = np.column_stack((found.bboxes, found.scores))[wanted].tolist()
        return [
            Box(left, top, right - left, bottom - top, score)
            for left, top, right, bottom, score in sorted(rows)
        ]

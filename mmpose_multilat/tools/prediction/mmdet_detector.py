"""Any detector of MMDetection."""

from collections.abc import Sequence
from pathlib import Path
from typing import Optional

import numpy as np
from mmengine.registry import DefaultScope, init_default_scope

from mmpose_multilat.engine.finite_weights import describe_not_finite
from mmpose_multilat.tools.command_line import UserError, explain_errors
from mmpose_multilat.tools.pose_estimators import read_checkpoint

from .boxes import Box
from .frames import Frame

SCOPE = 'mmdet'

FACE_LABELS = (0,)
"""Detectors of faces alone have one category."""

LEAST_SCORE = 0.3
"""The usual compromise of MMDetection between missed and false boxes."""


class MMDetDetector:
    """Faces that a network of MMDetection finds.

    MMDetection is imported when this is built: nobody else needs it.

    Args:
        config: Path of the detector's config.
        checkpoint: Path of its weights.
        device: 'cpu', 'cuda:0' ...
        labels: Categories that are faces, counted from 0.
        threshold: Boxes with a lower score are dropped.

    Raises:
        UserError: If a file does not exist, MMDetection cannot be used, or it cannot build the
            detector.
    """

    def __init__(
        self,
        config: str,
        checkpoint: Optional[str],
        device: str,
        labels: Sequence[int] = FACE_LABELS,
        threshold: float = LEAST_SCORE,
    ) -> None:
        if not Path(config).is_file():
            raise UserError(f'--detector-config {config} does not exist')
        if checkpoint is None:
            raise UserError('--detector-config needs --detector-checkpoint, the weights')
        read_checkpoint(checkpoint)
        self._labels, self._threshold = tuple(labels), threshold
        try:
            from mmdet.apis import inference_detector, init_detector
        except ImportError as error:
            raise UserError(
                f'--detector-config needs MMDetection ({error}): mim install "mmdet>=3.2,<3.3"'
            ) from error
        self._infer = inference_detector
        try:
            with explain_errors(f'--detector-config {config} cannot be built'):
                self._model = init_detector(config, checkpoint, device=device)
            fault = describe_not_finite(self._model)
            if fault:
                raise UserError(f'--detector-checkpoint {checkpoint}: {fault}')
        finally:
            # It has made MMDetection's registries the default; the landmark network needs MMPose's.
            init_default_scope('mmpose')

    def __call__(self, frame: Frame) -> list[Box]:
        """Boxes of the wanted categories with their scores, from left to right."""
        with DefaultScope.overwrite_default_scope(SCOPE):
            found = self._infer(self._model, frame.picture).pred_instances.cpu().numpy()
        wanted = np.isin(found.labels, self._labels) & (found.scores >= self._threshold)
        rows = np.column_stack((found.bboxes, found.scores))[wanted].tolist()
        return [
            Box(left, top, right - left, bottom - top, score)
            for left, top, right, bottom, score in sorted(rows)
        ]

"""Stand-in for the compiled operators of mmcv, written by mmpose-multilat.

``python -m mmpose_multilat.tools.doctor --fix`` copies this file into an mmcv that has no compiled
operators (the distribution ``mmcv-lite``), as ``mmcv/_ext.py``; ``doctor --undo`` removes it.
MMPose and mmdet import those operators, and landmark networks never call them. Compiled operators
in the same folder always come first: Python prefers an extension module to a source file of the
same name.

``nms``, which face detectors of mmdet call, is here in plain torch. Every other operator raises
RuntimeError when it is called.
"""

from typing import Callable

import torch
from torch import Tensor


def nms(boxes: Tensor, scores: Tensor, iou_threshold: float, offset: int) -> Tensor:
    """Choose boxes by non-maximum suppression, as mmcv's operator does.

    Args:
        boxes: (N, 4), corners x1, y1, x2, y2 in px.
        scores: (N,).
        iou_threshold: Boxes that overlap a chosen one by more (intersection over union) go.
        offset: 0 or 1, added to widths and heights.

    Returns:
        (M,) indices of the chosen boxes, the highest score first.
    """
    order = scores.argsort(descending=True, stable=True)
    corners = boxes[order].float()
    areas = (corners[:, 2:] - corners[:, :2] + offset).clamp(min=0).prod(-1)
    remaining = torch.arange(len(order), device=boxes.device)
    chosen = []
    # Each choice depends on those before it; one round is one comparison with all that remain.
    while len(remaining):
        best, remaining = remaining[0], remaining[1:]
        chosen.append(best)
        first = torch.maximum(corners[best, :2], corners[remaining, :2])
        last = torch.minimum(corners[best, 2:], corners[remaining, 2:])
        shared = (last - first + offset).clamp(min=0).prod(-1)
        union = areas[best] + areas[remaining] - shared
        remaining = remaining[shared <= iou_threshold * union]
    return order[torch.stack(chosen)] if chosen else order


def __getattr__(name: str) -> Callable:
    """Return an operator that can be imported and says what is missing when it is called."""
    if name.startswith('__'):
        raise AttributeError(name)

    def missing(*_: object, **__: object) -> None:
        raise RuntimeError(
            f'The operator {name} of mmcv is not compiled here: mmpose-multilat has put a stand-in '
            'in its place. To compile it: pip uninstall -y mmcv-lite && MMCV_WITH_OPS=1 pip '
            'install --no-build-isolation mmcv==2.1.0 (or `make env MMCV=full` in a clone of '
            'mmpose-multilat).'
        )

    return missing

"""Stand-in for the compiled operators of mmcv, written by mmpose-multilat.

``python -m mmpose_multilat.tools.doctor --fix`` copies this file into an mmcv that has no compiled
operators (the distribution ``mmcv-lite``), as ``mmcv/_ext.py``; ``doctor --undo`` removes it.
MMPose and mmdet import those operators, and landmark networks never call them. Compiled operators
in the same folder always come first: Python prefers an extension module to a source file of the
same name.

``nms``, which face detectors of mmdet call, is here in plain torch, and what
``mmcv.utils.collect_env`` asks is answered. Every other operator raises RuntimeError when it is
called.
"""

from collections.abc import Callable

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
        (M,) indices of the chosen boxes, the highest score first, of equal scores the first box.
    """
    order = scores.argsort(descending=True, stable=True)
    left, top, right, bottom = boxes[order].float().cpu().T.contiguous()
    areas = (right - left + offset) * (bottom - top + offset)
    stays = torch.ones(len(order), dtype=torch.bool)
    # Each choice depends on those before it; one round compares one box with all that follow.
    for best in range(len(order)):
        if stays[best]:
            later = slice(best + 1, None)
            width = right[later].clamp(max=right[best]) - left[later].clamp(min=left[best])
            height = bottom[later].clamp(max=bottom[best]) - top[later].clamp(min=top[best])
            shared = (width + offset).clamp(min=0) * (height + offset).clamp(min=0)
            overlap = shared / (areas[best] + areas[later] - shared)
            # The overlap of two boxes without an area is not a number: both stay.
            stays[later] &= ~(overlap > iou_threshold)
    return order[stays.to(order.device)]


def get_compiler_version() -> str:
    """Return what ``mmcv.utils.collect_env`` reports as the compiler of the operators."""
    return 'none, operators are a stand-in of mmpose-multilat'


get_compiling_cuda_version = get_compiler_version


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

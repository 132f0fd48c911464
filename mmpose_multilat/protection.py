"""Keep torch's protection against code in checkpoints where MMEngine gives it up.

mmengine 0.10.7 leaves the choice to ``torch.load``, which protects since torch 2.6. The fork
onedl-mmengine, installed under the same name, loads every checkpoint through ``_safe_torch_load``:
first with real objects allowed (``getattr`` among them, which reaches every function of Python, and
it may be used instead of the stand-ins of :mod:`mmpose_multilat.checkpoint`), then, if torch
refuses the file, once more without protection.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from mmengine.logging import HistoryBuffer

FALLING_BACK = '_safe_torch_load'
"""The function of the fork through which all of its loading goes."""


def load_by_torch(file: Any, map_location: Any = None, weights_only: bool | None = None) -> Any:
    """Load as ``torch.load`` does, whose default is protected since torch 2.6.

    Raises:
        pickle.UnpicklingError: If the file asks for anything that is not allowed.
    """
    return torch.load(file, map_location=map_location, weights_only=weights_only)


def forbid_fallback(loading: ModuleType | None = None) -> bool:
    """Let MMEngine load checkpoints by :func:`load_by_torch` only. May be called again.

    Args:
        loading: MMEngine's module that loads checkpoints; None for that of this process.

    Returns:
        Whether it had a function that falls back to loading without protection.
    """
    if loading is None:
        # Not above: this module is imported as soon as that one is.
        from mmengine.runner import checkpoint as loading
    if not hasattr(loading, FALLING_BACK):
        return False
    setattr(loading, FALLING_BACK, load_by_torch)
    return True


class _Call:
    """An object whose file asks for a call of :func:`_record_call` when it is loaded."""

    def __reduce__(self) -> tuple:
        return _record_call, ()


_calls: list[str] = []


def _record_call() -> None:
    _calls.append('called')


def _refusal(content: object) -> str:
    """Return why MMEngine fails to load a file with ``content``, '' if it loads it."""
    from mmengine.runner import CheckpointLoader

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / 'checkpoint.pth'
        torch.save({'content': content}, path)
        try:
            CheckpointLoader.load_checkpoint(str(path), map_location='cpu')
        except Exception as failure:  # Whatever it is, it goes into the diagnosis.
            return f'{type(failure).__name__}: {failure}'
    return ''


def find_fault() -> str:
    """Try how MMEngine loads checkpoints in this process.

    Returns:
        '' if it loads what its training writes and does not run the code of a file, otherwise what
        is wrong.
    """
    _calls.clear()
    _refusal(_Call())
    if _calls:
        return 'code in a checkpoint is run when it is loaded'
    refusal = _refusal(HistoryBuffer([1.0], [1]))
    return f'training checkpoints of MMEngine are refused: {refusal}' if refusal else ''

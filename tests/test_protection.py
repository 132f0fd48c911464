"""No MMEngine runs the code of a checkpoint, whichever way it loads."""

from __future__ import annotations

import os
import pickle
import types
from pathlib import Path

import pytest
import torch
from mmengine.runner import CheckpointLoader, checkpoint

from mmpose_multilat import protection
from mmpose_multilat.checkpoint import allow_mmengine_checkpoints
from mmpose_multilat.protection import find_fault, forbid_fallback

pytestmark = pytest.mark.skipif(
    not hasattr(torch.serialization, 'get_unsafe_globals_in_checkpoint'),
    reason='torch < 2.6 loads every file without protection',
)


class Hostile:
    """An object whose file makes a folder when it is loaded."""

    def __init__(self, sentinel: Path) -> None:
        self.sentinel = str(sentinel)

    def __reduce__(self) -> tuple:
        return os.mkdir, (self.sentinel,)


@pytest.fixture
def sentinel(tmp_path: Path) -> Path:
    """Exists once the code of :func:`hostile` has run."""
    return tmp_path / 'sentinel'


@pytest.fixture
def hostile(tmp_path: Path, sentinel: Path) -> str:
    torch.save({'state_dict': {}, 'meta': Hostile(sentinel)}, tmp_path / 'hostile.pth')
    return str(tmp_path / 'hostile.pth')


def fall_back(file, map_location=None, weights_only=None):
    """Load as the fork onedl-mmengine 0.10.12 does."""
    if weights_only is not None:
        return torch.load(file, map_location=map_location, weights_only=weights_only)
    try:
        with torch.serialization.safe_globals([getattr]):
            return torch.load(file, map_location=map_location, weights_only=True)
    except pickle.UnpicklingError:
        return torch.load(file, map_location=map_location, weights_only=False)


@pytest.fixture
def fork(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """MMEngine's loading module, whose local files go through :func:`fall_back`."""
    allow_mmengine_checkpoints()
    monkeypatch.setattr(checkpoint, '_safe_torch_load', fall_back, raising=False)

    def load_from_local(filename, map_location=None):
        return checkpoint._safe_torch_load(filename, map_location=map_location)

    # The loader with the longest prefix comes first.
    monkeypatch.setitem(CheckpointLoader._schemes, os.sep, load_from_local)
    monkeypatch.setitem(CheckpointLoader._schemes, '', load_from_local)
    return checkpoint


def load(path: str) -> dict:
    return CheckpointLoader.load_checkpoint(path, map_location='cpu')


def test_a_file_that_runs_code_is_refused_by_this_mmengine(hostile: str, sentinel: Path) -> None:
    with pytest.raises(pickle.UnpicklingError):
        load(hostile)
    assert not sentinel.exists()


def test_the_fork_runs_the_code_when_it_is_left_alone(fork, hostile: str, sentinel: Path) -> None:
    """Without this control the next test could pass because the file is badly written."""
    load(hostile)
    assert sentinel.exists()


def test_the_fork_refuses_the_file_once_it_may_not_fall_back(
    fork, hostile: str, sentinel: Path
) -> None:
    assert forbid_fallback(fork)
    with pytest.raises(pickle.UnpicklingError):
        load(hostile)
    assert not sentinel.exists()


def test_the_real_getattr_is_never_allowed_meanwhile(fork, monkeypatch) -> None:
    """With it in force a file reaches every function without any fallback."""
    seen = []

    def spy(*_: object, **__: object) -> None:
        seen.extend(torch.serialization.get_safe_globals())

    monkeypatch.setattr(torch, 'load', spy)
    load('/some/file')
    assert getattr in seen
    seen.clear()
    forbid_fallback(fork)
    load('/some/file')
    assert seen and getattr not in seen


def test_forbidding_again_and_elsewhere_changes_nothing(fork) -> None:
    assert forbid_fallback(fork) and forbid_fallback(fork)
    assert fork._safe_torch_load is protection.load_by_torch
    plain = types.ModuleType('plain')
    assert not forbid_fallback(plain)
    assert not hasattr(plain, '_safe_torch_load')


def test_an_explicit_choice_holds(hostile: str, sentinel: Path) -> None:
    protection.load_by_torch(hostile, weights_only=False)
    assert sentinel.exists()


def test_importing_the_package_has_forbidden_it() -> None:
    loading = getattr(checkpoint, '_safe_torch_load', protection.load_by_torch)
    assert loading is protection.load_by_torch


def test_no_fault_is_found_here_nor_in_a_guarded_fork(fork) -> None:
    assert 'code in a checkpoint is run' in find_fault()
    forbid_fallback(fork)
    assert find_fault() == ''


def test_refused_training_checkpoints_are_a_fault() -> None:
    allowed = torch.serialization.get_safe_globals()
    torch.serialization.clear_safe_globals()
    try:
        assert find_fault().startswith('training checkpoints of MMEngine are refused: ')
    finally:
        torch.serialization.add_safe_globals(allowed)

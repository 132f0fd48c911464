"""A checkpoint goes only when the one that takes its place is whole, wherever a crash comes."""

import itertools
import os
from contextlib import suppress
from pathlib import Path

import pytest
import torch
from mmengine.fileio import LocalBackend
from training_samples import small_training

import mmpose_multilat  # noqa: F401

BETTER = [0.5, 0.4, 0.3, 0.2]


def checkpoints(folder):
    """Epoch of each checkpoint in a folder by name; one that is not whole is an error."""
    return {path.name: torch.load(path)['meta']['epoch'] for path in folder.glob('*.pth')}


def test_the_last_and_the_best_checkpoint_are_kept(tmp_path):
    small_training(
        tmp_path, 3, [0.5, 0.2, 0.3], max_keep_ckpts=1, save_best='NME', rule='less'
    ).train()
    assert checkpoints(tmp_path) == {'epoch_3.pth': 3, 'best_NME_epoch_2.pth': 2}
    assert (tmp_path / 'last_checkpoint').read_text() == str(tmp_path / 'epoch_3.pth')
    assert not list(tmp_path.glob('*.part'))


def test_mmengine_keeps_the_same_files(tmp_path):
    """Only the order differs: MMEngine's own hook is the reference."""
    scores = [0.5, 0.2, 0.3, 0.1, 0.4]
    kept = []
    for name in ('CheckpointHook', 'mmengine.CheckpointHook'):
        folder = tmp_path / name
        settings = dict(type=name, max_keep_ckpts=2, save_best='NME', rule='less', interval=2)
        runner = small_training(folder, 5, scores, **settings)
        runner.train()
        kept.append((checkpoints(folder), Path((folder / 'last_checkpoint').read_text()).name))
    assert kept[0] == kept[1]


class DiskFullError(OSError):
    """Raised in the middle of a file."""


def fill_disk_at(monkeypatch, name):
    """Let writing a file of this name stop half way."""
    write = Path.write_bytes

    def stop(path, content):
        if path.name.startswith(name):
            write(path, content[: len(content) // 2])
            raise DiskFullError(28, 'No space left on device')
        return write(path, content)

    monkeypatch.setattr(Path, 'write_bytes', stop)


@pytest.mark.parametrize('name', ['epoch_2.pth', 'best_NME_epoch_2.pth'])
def test_a_disk_that_fills_takes_no_checkpoint(tmp_path, monkeypatch, name):
    fill_disk_at(monkeypatch, name)
    runner = small_training(tmp_path, 3, BETTER, max_keep_ckpts=1, save_best='NME', rule='less')
    with pytest.raises(DiskFullError):
        runner.train()
    last = 1 if name == 'epoch_2.pth' else 2
    assert checkpoints(tmp_path) == {f'epoch_{last}.pth': last, 'best_NME_epoch_1.pth': 1}
    assert (tmp_path / 'last_checkpoint').read_text() == str(tmp_path / f'epoch_{last}.pth')


class KilledError(BaseException):
    """As after SIGKILL nothing is tidied up."""


def kill_at(monkeypatch, moment, begin):
    """Stop before the change number `moment` of files, counted once a first file is there.

    Returns:
        A function that says whether it came to that.
    """
    count = 0

    def mortal(change):
        def step(*arguments, **options):
            nonlocal count
            count += count > 0 or os.path.exists(begin)
            if count >= moment:
                raise KilledError
            return change(*arguments, **options)

        return step

    for owner, name in [(os, 'replace'), (os, 'remove'), (os, 'fsync'), (LocalBackend, 'put')]:
        monkeypatch.setattr(owner, name, mortal(getattr(owner, name)))
    for name in ('write_bytes', 'write_text', 'unlink'):
        monkeypatch.setattr(Path, name, mortal(getattr(Path, name)))
    return lambda: count >= moment


def test_whenever_a_training_is_killed_it_can_be_resumed(tmp_path, monkeypatch):
    """Before each change of a file from the second epoch on, in turn."""
    settings = dict(max_keep_ckpts=1, save_best='NME', rule='less')
    for moment in itertools.count(1):
        folder = tmp_path / str(moment)
        killed = kill_at(monkeypatch, moment, folder / 'best_NME_epoch_1.pth')
        with suppress(KilledError):
            small_training(folder, 2, [0.5, 0.4], **settings).train()
        monkeypatch.undo()
        if not killed():
            break
        left = checkpoints(folder)  # all of them whole
        assert any(name.startswith('best') for name in left), moment
        resumed = small_training(folder, 3, [0.3, 0.2, 0.1], resume=True, **settings)
        resumed.train()
        assert len(resumed.val_loop.evaluator.metrics[0].found) < 3, 'not from the beginning'
        assert {'epoch_3.pth': 3, 'best_NME_epoch_3.pth': 3}.items() <= checkpoints(folder).items()
        assert not list(folder.glob('*.part'))
    assert moment > 10

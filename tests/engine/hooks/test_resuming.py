"""What a training goes on from, whatever a crash has left of its folder."""

import os
import re
import shutil

import pytest
import torch

from mmpose_multilat.engine.hooks.resuming import (
    NothingToResumeError,
    choose_checkpoint,
    find_checkpoints,
)


def save(path, iteration, second=0):
    """A checkpoint as MMEngine writes it, so many batches after the start."""
    meta = dict(epoch=iteration // 10, iter=iteration, time=f'20300101_0000{second:02}')
    torch.save(dict(meta=meta, state_dict=dict(weight=torch.arange(1000.0))), path)


@pytest.fixture
def folder(tmp_path):
    """Checkpoints of three epochs, the last of which the pointer names."""
    for epoch in (1, 2, 3):
        save(tmp_path / f'epoch_{epoch}.pth', 10 * epoch)
    (tmp_path / 'last_checkpoint').write_text(str(tmp_path / 'epoch_3.pth'))
    return tmp_path


def choose(folder):
    choice = choose_checkpoint(folder, folder)
    return choice.path and choice.path.name, choice


def test_the_newest_one(folder):
    name, choice = choose(folder)
    assert name == 'epoch_3.pth' and choice.expected
    assert choice.reason == f'resuming from {folder}/epoch_3.pth, the newest whole checkpoint'


def cut(content):
    return content[: len(content) // 2]


def without_end(content):
    return content[:-1]


def flip_a_bit(content):
    """In the weights, which stand in the middle."""
    place = len(content) // 2
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


DAMAGE = [cut, without_end, flip_a_bit, lambda content: b'', lambda content: bytes(len(content))]


@pytest.mark.parametrize('damage', DAMAGE)
def test_a_damaged_one_is_left_out_and_named(folder, damage):
    newest = folder / 'epoch_3.pth'
    newest.write_bytes(damage(newest.read_bytes()))
    name, choice = choose(folder)
    assert name == 'epoch_2.pth' and not choice.expected
    assert re.search(r'left out: epoch_3.pth \((cut off|damaged|unusable)', choice.reason)
    assert 'which is older' not in choice.reason


@pytest.mark.parametrize(
    'pointer, message',
    [
        (None, 'there is no last_checkpoint'),
        ('', 'last_checkpoint is empty'),
        ('\0' * 30, 'last_checkpoint is empty'),
        ('/moved/since/epoch_9.pth', 'last_checkpoint names epoch_9.pth, which does not exist'),
        ('/moved/since/epoch_1.pth', 'last_checkpoint names epoch_1.pth, which is older'),
    ],
)
def test_the_pointer_may_be_missing_empty_or_out_of_date(folder, pointer, message):
    (folder / 'last_checkpoint').unlink()
    if pointer is not None:
        (folder / 'last_checkpoint').write_text(pointer)
    name, choice = choose(folder)
    assert name == 'epoch_3.pth' and not choice.expected
    assert choice.reason.endswith(message)


def test_a_second_training_in_the_folder_counts_although_its_numbers_are_lower(folder):
    """And although the file was copied since."""
    save(folder / 'epoch_1.pth', 10, second=5)
    os.utime(folder / 'epoch_3.pth')
    (folder / 'last_checkpoint').unlink()
    assert choose(folder)[0] == 'epoch_1.pth'


def test_a_checkpoint_elsewhere_that_the_pointer_names(folder, tmp_path_factory):
    other = tmp_path_factory.mktemp('elsewhere') / 'mine.pth'
    save(other, 40)
    (folder / 'last_checkpoint').write_text(str(other))
    name, choice = choose(folder)
    assert name == 'mine.pth' and choice.expected


def test_a_copied_folder_goes_on_from_its_own_checkpoints(folder, tmp_path_factory):
    """And not from those that its pointer still names."""
    copied = tmp_path_factory.mktemp('copied') / 'work'
    shutil.copytree(folder, copied)
    choice = choose_checkpoint(copied, copied)
    assert choice.path == copied / 'epoch_3.pth' and choice.expected


def test_weights_alone_cannot_be_resumed_from(folder):
    torch.save(dict(state_dict={}), folder / 'epoch_4.pth')
    torch.save(dict(meta=dict(iter=90), state_dict={}), folder / 'epoch_9.pth')
    save(folder / 'best_NME_epoch_3.pth', 50)
    name, choice = choose(folder)
    assert name == 'epoch_3.pth'
    assert 'epoch_9.pth (without its epoch)' in choice.reason
    assert 'epoch_4.pth (unusable, KeyError)' in choice.reason


def test_no_whole_one_is_an_error_that_names_them(folder):
    for path in find_checkpoints(folder):
        path.write_bytes(cut(path.read_bytes()))
    with pytest.raises(NothingToResumeError, match=r'no whole checkpoint .*epoch_1.pth \(cut off'):
        choose(folder)
    for path in find_checkpoints(folder):
        path.unlink()
    with pytest.raises(NothingToResumeError, match='names epoch_3.pth, which does not exist'):
        choose(folder)


@pytest.mark.parametrize('made', [True, False])
def test_a_first_start_begins_at_the_beginning_and_says_so(tmp_path, made):
    folder = tmp_path / 'work'
    if made:
        folder.mkdir()
        (folder / 'last_checkpoint').touch()
    name, choice = choose(folder)
    assert name is None and 'training from the beginning' in choice.reason
    assert not choice.expected


def test_names_of_ones_own(tmp_path):
    for name in ('epoch_1.pth', 'iter_5.pth', 'mine.2.pth', 'mineX2.pth', 'epoch_x.pth'):
        (tmp_path / name).touch()
    (tmp_path / 'epoch_7.pth').mkdir()
    found = find_checkpoints(tmp_path, ('epoch_{}.pth', 'iter_{}.pth', 'mine.{}.pth'))
    assert [path.name for path in found] == ['epoch_1.pth', 'iter_5.pth', 'mine.2.pth']

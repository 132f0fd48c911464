import errno
import os
import subprocess
import sys
import tempfile

import pytest

from mmpose_multilat.tools import result_folder
from mmpose_multilat.tools.command_line import UserError
from mmpose_multilat.tools.result_folder import (
    check_folder,
    claimed,
    make_folder,
)


def test_the_folder_is_made_and_left_empty(tmp_path):
    folder = tmp_path / 'new' / 'results'
    assert make_folder(folder) == make_folder(folder) == folder
    assert folder.is_dir() and not any(folder.iterdir())


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / 'file').touch()
    with pytest.raises(UserError, match='--out .*file cannot be a folder'):
        make_folder(tmp_path / 'file')


def test_a_folder_that_cannot_be_written_to(tmp_path, monkeypatch):
    def refuse(dir):
        raise OSError(30, 'Read-only file system', str(dir))

    monkeypatch.setattr(tempfile, 'TemporaryFile', refuse)
    with pytest.raises(UserError, match=r'its folder .* to \(Read-only file system\); choose ano'):
        make_folder(tmp_path, 'its folder')


def test_a_folder_is_checked_without_being_made(tmp_path):
    check_folder(tmp_path / 'new' / 'results')
    assert not any(tmp_path.iterdir())
    (tmp_path / 'file').touch()
    with pytest.raises(UserError, match='--out .*file cannot be a folder'):
        check_folder(tmp_path / 'file' / 'results')


needs_locks = pytest.mark.skipif(result_folder.fcntl is None, reason='Windows has no such locks')


@needs_locks
def test_a_folder_is_one_process_own_until_it_has_ended(tmp_path):
    with claimed(tmp_path):
        with pytest.raises(UserError, match=f'another process is writing .* --out {tmp_path}'):
            claimed(tmp_path).__enter__()
        (tmp_path / 'other').mkdir()
        with claimed(tmp_path / 'other'):
            pass
    with pytest.raises(ZeroDivisionError), claimed(tmp_path):
        raise ZeroDivisionError
    with claimed(tmp_path):
        assert [path.name for path in tmp_path.iterdir()] == ['other']


@needs_locks
def test_a_process_that_was_killed_keeps_nothing(tmp_path):
    text = f'import fcntl, os; fcntl.flock(os.open({str(tmp_path)!r}, os.O_RDONLY), fcntl.LOCK_EX)'
    text += "; print('locked', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, '-S', '-c', text], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout.readline() == b'locked\n'
        with pytest.raises(UserError):
            claimed(tmp_path).__enter__()
        other.kill()
    with claimed(tmp_path):
        pass


@needs_locks
@pytest.mark.parametrize('number, goes_on', [(errno.ENOLCK, True), (errno.EIO, False)])
def test_disks_that_cannot_lock(tmp_path, monkeypatch, number, goes_on):
    def refuse(*arguments):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(result_folder.fcntl, 'flock', refuse)
    reached = []
    try:
        with claimed(tmp_path):
            reached.append(True)
    except OSError:
        assert not goes_on
    assert bool(reached) == goes_on


def test_systems_without_locks_go_on(tmp_path, monkeypatch):
    monkeypatch.setattr(result_folder, 'fcntl', None)
    with claimed(tmp_path), claimed(tmp_path):
        pass

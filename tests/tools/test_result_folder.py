import os
import tempfile

import pytest

from mmpose_multilat.tools.command_line import UserError
from mmpose_multilat.tools.result_folder import check_folder, make_folder, write_whole


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


def test_a_file_is_replaced_as_a_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / 'numbers.csv'
    write_whole(path, 'first\r\n')
    write_whole(path, 'second\r\n')
    assert path.read_bytes() == b'second\r\n'

    def refuse(source, target):
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(os, 'replace', refuse)
    with pytest.raises(OSError, match='No space left'):
        write_whole(path, 'third')
    assert path.read_bytes() == b'second\r\n' and list(tmp_path.iterdir()) == [path]

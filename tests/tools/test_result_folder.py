import tempfile

import pytest

from mmpose_multilat.tools.command_line import UserError
from mmpose_multilat.tools.result_folder import make_folder


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

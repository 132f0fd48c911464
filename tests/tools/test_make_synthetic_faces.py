import os
import subprocess
import sys
from pathlib import Path

import cv2
import pytest

from mmpose_multilat.tools import make_synthetic_faces as tool

SMALL = ['--train', '2', '--test', '1', '--size', '64', '--workers', '1']


def test_writes_dataset_and_sheet(tmp_path, capsys):
    sheet = tmp_path / 'sheet.png'
    code = tool.main(['cofw', '300w', '--out', str(tmp_path), '--sheet', str(sheet), *SMALL])
    out = capsys.readouterr().out
    assert code == 0
    assert '2 training and 1 test faces of 64 x 64 px' in out
    for file in (
        'cofw/annotations/cofw_train.json',
        '300w/annotations/face_landmarks_300w_train.json',
    ):
        assert (tmp_path / file).is_file()
        assert str(tmp_path / file) in out
    assert not (tmp_path / 'wflw').exists()
    assert cv2.imread(str(sheet)).shape == (64, 128, 3)


def test_all_means_every_dataset(tmp_path):
    assert tool.main(['all', '--out', str(tmp_path), *SMALL]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        '300w',
        'LaPa',
        'aflw',
        'coco',
        'cofw',
        'wflw',
    ]


@pytest.mark.parametrize(
    ('extra', 'message'),
    [
        (['--train', '0'], 'train must be at least 1'),
        (['--size', '8'], 'size must be at least 64'),
        (['--workers', '0'], 'workers must be at least 1'),
        (['--sheet', 'sheet.nonsense'], 'no image format'),
    ],
)
def test_mistakes_are_one_line_and_exit_code_2(tmp_path, capsys, monkeypatch, extra, message):
    monkeypatch.chdir(tmp_path)
    assert tool.main(['cofw', '--out', str(tmp_path), *SMALL, *extra]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert 'Traceback' not in error


def test_a_wrong_sheet_is_found_before_any_face_is_drawn(tmp_path):
    words = ['cofw', '--out', str(tmp_path / 'data'), *SMALL]
    for sheet in ('sheet.nonsense', ''):
        assert tool.main([*words, '--sheet', str(tmp_path / sheet)]) == 2
    (tmp_path / 'file').touch()
    assert tool.main([*words, '--sheet', str(tmp_path / 'file' / 'sheet.png')]) == 2
    assert not (tmp_path / 'data').exists()


def test_interruption(tmp_path, capsys, monkeypatch):
    def interrupt(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(tool, 'write_data_sets', interrupt)
    assert tool.main(['cofw', '--out', str(tmp_path), *SMALL]) == 130
    assert capsys.readouterr().err == 'interrupted\n'


def test_refuses_other_data(tmp_path, capsys):
    (tmp_path / 'wflw').mkdir()
    (tmp_path / 'wflw' / 'something.txt').write_text('real')
    assert tool.main(['wflw', '--out', str(tmp_path), '--overwrite', *SMALL]) == 2
    assert 'never overwritten' in capsys.readouterr().err
    assert (tmp_path / 'wflw' / 'something.txt').read_text() == 'real'


def test_unknown_dataset_lists_the_choices(capsys):
    with pytest.raises(SystemExit) as exit_info:
        tool.main(['helen'])
    assert exit_info.value.code == 2
    assert 'coco_wholebody_face' in capsys.readouterr().err


def test_runs_as_a_script(tmp_path):
    """``mim run`` calls the file by its path."""
    root = Path(tool.__file__).resolve().parents[2]
    path = os.pathsep.join([str(root), os.environ.get('PYTHONPATH', '')])
    done = subprocess.run(
        [sys.executable, tool.__file__, 'cofw', '--out', str(tmp_path), *SMALL],
        env={**os.environ, 'PYTHONPATH': path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / 'cofw' / 'annotations' / 'cofw_train.json').is_file()

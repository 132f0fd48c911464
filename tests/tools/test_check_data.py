import json
from dataclasses import replace

import pytest

from mmpose_multilat.datasets.face.checks import REQUIRED_FIELDS
from mmpose_multilat.datasets.synthetic import Request, write_data_sets
from mmpose_multilat.landmarks import DATASETS
from mmpose_multilat.tools import check_data


@pytest.fixture(autouse=True)
def official_counts(monkeypatch):
    cofw = DATASETS['cofw']
    files = tuple(replace(file, faces=count) for file, count in zip(cofw.files, (3, 2)))
    monkeypatch.setitem(DATASETS, 'cofw', replace(cofw, files=files))


@pytest.fixture
def folder(tmp_path):
    write_data_sets(['cofw'], str(tmp_path), Request(3, 2, size=96))
    return tmp_path / 'cofw'


def run(capsys, *words):
    status = check_data.main([str(word) for word in words])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def shift(folder, amount):
    """Move the first landmark of all training faces to the left."""
    path = folder / 'annotations' / 'cofw_train.json'
    content = json.loads(path.read_text())
    for record in content['annotations']:
        record['keypoints'][0] -= amount
    path.write_text(json.dumps(content))


def test_a_sound_dataset(folder, capsys):
    status, printed, errors = run(capsys, 'cofw', '--data', folder)
    lines = printed.splitlines()
    assert status == 0 and errors == ''
    assert lines[0] == f'{folder}: cofw, 29 landmarks'
    assert lines[1] == 'reading 5 images'
    assert any(line.split() == ['annotations/cofw_train.json', '3', '3'] for line in lines)
    assert lines[-1] == 'no problems'


def test_the_default_folder_is_that_of_the_configs(folder, capsys, monkeypatch):
    (folder.parent / 'data').mkdir()
    folder.rename(folder.parent / 'data' / 'cofw')
    monkeypatch.chdir(folder.parent)
    assert run(capsys, 'cofw', '--no-pictures')[0] == 0


def test_problems(folder, capsys):
    (folder / 'images' / '000004.jpg').unlink()
    status, printed, _ = run(capsys, 'cofw', '--data', folder)
    assert status == 1
    assert 'problem: annotations/cofw_test.json, image 4: images/000004.jpg is missing\n' in printed
    assert printed.endswith('by kind: picture 1\n1 problem\n')


def test_the_list_is_limited(folder, capsys):
    for path in (folder / 'images').iterdir():
        path.unlink()
    _, printed, _ = run(capsys, 'cofw', '--data', folder, '--show', 2)
    assert printed.count('problem: ') == 2
    assert '... and 3 more (--show 5 names all)' in printed
    assert printed.endswith('5 problems\n')


def test_landmarks_outside_are_a_note(folder, capsys):
    shift(folder, 200)
    status, printed, _ = run(capsys, 'cofw', '--data', folder, '--no-pictures')
    assert status == 0
    assert 'note: landmarks outside their image in 3 entries, for example annotations/' in printed
    status, printed, _ = run(capsys, 'cofw', '--data', folder, '--no-pictures', '--strict')
    assert status == 1
    assert 'by kind: landmarks outside the image 3' in printed


def test_without_images_none_is_read(folder, capsys):
    (folder / 'images' / '000004.jpg').unlink()
    status, printed, _ = run(capsys, 'cofw', '--data', folder, '--no-pictures')
    assert status == 0 and 'reading' not in printed


def test_missing_folder(tmp_path, capsys):
    status, _, errors = run(capsys, 'cofw', '--data', tmp_path / 'none')
    assert status == 2
    assert errors.startswith('error: there is no folder')
    assert 'prepare_data cofw --raw DIR' in errors


def test_folder_of_another_dataset(folder, capsys):
    status, _, errors = run(capsys, 'wflw', '--data', folder)
    assert status == 2 and 'has none of the files of wflw' in errors


@pytest.mark.parametrize(
    'words', [['nothing'], ['cofw', '--show', 'x'], ['cofw', '--workers', '1.5'], []]
)
def test_mistakes_in_the_command_line(words, capsys):
    with pytest.raises(SystemExit) as error:
        check_data.main(words)
    assert error.value.code == 2


def test_interruption(folder, capsys, monkeypatch):
    def interrupt(*arguments, **settings):
        raise KeyboardInterrupt

    monkeypatch.setattr(check_data, 'check_data_set', interrupt)
    status, _, errors = run(capsys, 'cofw', '--data', folder)
    assert status == 130 and errors == 'interrupted\n'


def test_the_help_names_every_dataset(capsys):
    with pytest.raises(SystemExit):
        check_data.main(['--help'])
    printed = capsys.readouterr().out
    assert all(name in printed for name in REQUIRED_FIELDS)


@pytest.mark.parametrize(
    'option, message',
    [('--show', '--show -1 must be at least 0'), ('--workers', '--workers -1 must be at least 1')],
)
def test_numbers_that_are_too_low(option, message, capsys):
    status, _, errors = run(capsys, 'cofw', option, '-1')
    assert status == 2 and message in errors

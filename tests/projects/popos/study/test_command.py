"""This study's command: runs, folders and files, which those of earlier versions fit."""

import pytest
from example_study import DECODING, TRAINING, pretend

from projects.popos.study.definition import LOSSES
from projects.study import command, main
from projects.study.options import build_parser
from projects.study.records import read_records
from projects.study.results import read_results
from projects.study.run_config import ROOT

RECIPES = ('mse', 'mse_anchor', 'mse_coordinate', 'all', 'norm')
NAMES = [f'{recipe}_hm4_seed0' for recipe in RECIPES]

pytestmark = pytest.mark.usefixtures('quick')


def arguments(ytf68, *words):
    few = ['--sizes', '4', '--seeds', '0', '--only', 'main', '--epochs', '2']
    return build_parser(LOSSES).parse_args(['--data', str(ytf68), *few, *words])


def folders(root):
    return root / 'projects/popos/results/ytf68_2e', root / 'work_dirs/popos_study/ytf68_2e'


def test_runs_are_trained_in_their_folders_and_reported(tmp_path, ytf68):
    trained = pretend(TRAINING, DECODING)
    assert command.study(LOSSES, arguments(ytf68), tmp_path, trained) == []
    assert trained.begun == NAMES
    results, work = folders(tmp_path)
    assert list(read_records(results)) == sorted(NAMES)
    assert sorted(path.name for path in work.iterdir()) == sorted(NAMES)
    assert '5.00 (n = 1)' in (results / 'README.md').read_text()


def test_what_a_result_says(tmp_path, ytf68):
    given = arguments(ytf68, '--runs', NAMES[0])
    command.study(LOSSES, given, tmp_path, pretend(TRAINING, DECODING))
    record = read_records(folders(tmp_path)[0])[NAMES[0]]
    settled = ['run', 'recipe', 'size', 'seed', 'epochs', 'training']
    measured = ['starts', 'train_seconds', 'loss', 'decode_seconds', 'faces', 'landmarks', 'nme']
    assert list(record) == [*settled, *measured, 'date', 'hardware', 'versions']


def test_a_plan_without_runs_is_explained(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(main, 'study', lambda *given: command.study(*given, tmp_path))
    assert main.main(LOSSES, ['--only', 'decoding', '--sizes', '4']) == 2
    assert 'needs 16 among --sizes' in capsys.readouterr().err


def test_results_of_earlier_versions_count():
    results, stale = read_results(ROOT / 'projects/popos/results/ytf68_12e', LOSSES.run_of)
    assert results and stale == []

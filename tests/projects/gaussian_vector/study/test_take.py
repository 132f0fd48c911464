"""Results that are taken over from the study of POPoS."""

import pytest
from example_study import DECODING, HARDWARE, TRAINING, pretend

from projects.gaussian_vector.study.definition import VECTORS
from projects.gaussian_vector.study.options import run_named
from projects.gaussian_vector.study.plan import run_of
from projects.popos.study.plan import LossRun
from projects.study import command, main
from projects.study.options import build_parser
from projects.study.records import add_records
from projects.study.results import make_record, read_results
from projects.study.run_config import ROOT
from projects.study.take import MEASURED, take

NME = {'one-hot': 0.2, 'KeyPosS': 0.1, 'POPoS': 0.05, 'GaussianMLE': 0.04}


@pytest.fixture
def source(tmp_path):
    """Two trainings of the other study, one of them with another seed."""
    folder = tmp_path / 'other'
    for recipe, seed in (('mse', 0), ('norm', 1)):
        measured = dict.fromkeys(MEASURED, 1)
        measured.update(hardware=HARDWARE, versions=dict(torch='2'), nme=NME)
        measured.update(date='2030-01-02', loss=dict(loss=0.5))
        measured.update(decoding=[dict(family='range', value=1.0, nme=0.1)])
        add_records([make_record(LossRun(recipe, 16, seed, 2), **measured)], folder)
    return folder


def runs(*names):
    return [run_named(f'{name}_hm16_seed0', 2) for name in names]


def test_results_of_identical_trainings_are_taken(source, tmp_path):
    wanted = runs('heatmap', 'paper', 'heatmap-padding-0.9', 'heatmap-norm')
    assert take(source, wanted, tmp_path / 'own') == wanted[:1]
    (result,), stale = read_results(tmp_path / 'own', run_of)
    assert stale == [] and result.run == wanted[0] and result.nme == NME
    assert result.record['date'] == '2030-01-02', 'when it was measured'
    assert result.record['taken_from'] == 'other/mse_hm16_seed0'
    assert 'decoding' not in result.record, 'the other study decodes otherwise'


def test_committed_results_can_be_taken(tmp_path):
    wanted = [run_named('heatmap_hm16_seed0', 12)]
    assert take(ROOT / 'projects/popos/results/ytf68_12e', wanted, tmp_path) == wanted


def test_the_command_takes_first_and_trains_the_rest(source, tmp_path, ytf68, quick, capsys):
    words = ['--data', str(ytf68), '--epochs', '2', '--seeds', '0', '--take', str(source)]
    given = build_parser(VECTORS).parse_args([*words, '--only', 'main'])
    trained = pretend(TRAINING, DECODING)
    assert command.study(VECTORS, given, tmp_path, trained) == []
    assert trained.begun == ['paper_hm16_seed0', 'unrounded_hm16_seed0']
    assert 'heatmap_hm16_seed0\n' in capsys.readouterr().out
    page = tmp_path / 'projects/gaussian_vector/results/ytf68_2e/README.md'
    assert '| heatmap | KeyPosS | 10.00 (n = 1) | - |' in page.read_text()


def test_a_folder_that_is_none_is_explained(tmp_path, capsys):
    assert main.main(VECTORS, ['--list', '--take', str(tmp_path / 'nowhere')]) == 2
    assert 'has no runs.csv: name a folder with results of a study' in capsys.readouterr().err

"""Results that are taken over from another study."""

import pytest
from example_study import DECODING, HARDWARE, TRAINING, pretend

from projects.multilat.low_resolution.definition import LOW_RESOLUTION
from projects.multilat.low_resolution.plan import LowResolutionRun, run_of
from projects.popos.study.plan import LossRun
from projects.study import command, main
from projects.study.options import build_parser
from projects.study.records import RUNS, add_records, read_records
from projects.study.results import make_record, read_results
from projects.study.run_config import ROOT
from projects.study.take import MEASURED, origin, take

NME = {'one-hot': 0.2, 'KeyPosS': 0.1, 'POPoS': 0.05, 'GaussianMLE': 0.04}


def write(folder, run, nme=NME):
    """A result of the other study."""
    measured = dict.fromkeys(MEASURED, 1)
    measured.update(hardware=HARDWARE, versions=dict(torch='2'), nme=nme)
    measured.update(date='2030-01-02', loss=dict(loss=0.5))
    measured.update(decoding=[dict(family='range', value=1.0, nme=0.1)])
    add_records([make_record(run, **measured)], folder)


@pytest.fixture
def source(tmp_path):
    """Two trainings that this study has, too, and one that it has not."""
    folder = tmp_path / 'other'
    for recipe, seed in (('norm', 0), ('norm', 1), ('mse', 0)):
        write(folder, LossRun(recipe, 4, seed, 2))
    return folder


def runs(*settings, seed=0):
    return [LowResolutionRun(*setting, 4, seed, 2) for setting in settings]


def test_results_of_identical_trainings_are_taken(source, tmp_path):
    wanted = runs(('msra', 2.0), ('udp', 2.0), ('msra', 1.0))
    assert take(source, wanted, tmp_path / 'own') == wanted[:1]
    ((result,), stale) = read_results(tmp_path / 'own', run_of)
    assert stale == [] and result.run == wanted[0]
    record = result.record
    assert record['run'] == 'msra_sigma2_hm4_seed0'
    assert record['date'] == '2030-01-02', 'when it was measured'
    assert record['taken_from'] == 'other/norm_hm4_seed0'
    assert record['nme'] == NME
    assert 'recipe' not in record and 'decoding' not in record


def test_other_lengths_and_seeds_are_not_taken(source, tmp_path):
    others = [LowResolutionRun('msra', 2.0, 4, 0, 3), LowResolutionRun('msra', 2.0, 4, 2, 2)]
    assert take(source, others, tmp_path / 'own') == []


def test_results_without_a_decoder_of_the_study_are_not_taken(tmp_path):
    write(tmp_path / 'other', LossRun('norm', 4, 0, 2), nme=dict(KeyPosS=0.1, POPoS=0.1))
    assert take(tmp_path / 'other', runs(('msra', 2.0)), tmp_path / 'own') == []


def test_the_command_takes_first_and_trains_the_rest(source, tmp_path, ytf68, quick, capsys):
    words = ['--data', str(ytf68), '--sizes', '4', '--seeds', '0', '--epochs', '2']
    words += ['--sigmas', '2', '--take', str(source)]
    given = build_parser(LOW_RESOLUTION).parse_args(words)
    trained = pretend(TRAINING, DECODING)
    assert command.study(LOW_RESOLUTION, given, tmp_path, trained) == []
    assert trained.begun == ['udp_sigma2_hm4_seed0']
    printed = capsys.readouterr().out
    assert f'Taken from {source}: msra_sigma2_hm4_seed0' in printed
    assert '2 runs of 2 epochs, 1 done' in printed
    folder = tmp_path / 'projects/multilat/low_resolution/results/ytf68_2e'
    records = read_records(folder)
    assert [name for name, record in records.items() if 'taken_from' in record] == [
        'msra_sigma2_hm4_seed0'
    ]
    before = (folder / RUNS).stat().st_mtime_ns
    again = pretend(TRAINING, DECODING)
    command.study(LOW_RESOLUTION, given, tmp_path, again)
    assert again.begun == [] and (folder / RUNS).stat().st_mtime_ns == before
    assert f'Taken from {source}: nothing' in capsys.readouterr().out


def test_a_folder_that_is_none_is_explained(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(main, 'study', lambda *given: command.study(*given, tmp_path))
    assert main.main(LOW_RESOLUTION, ['--list', '--take', str(tmp_path / 'nowhere')]) == 2
    assert 'has no runs.csv: name a folder with results of a study' in capsys.readouterr().err


def test_origins_are_paths_of_the_repository():
    path = ROOT / 'projects/popos/results/ytf68_12e/norm_hm4_seed0'
    assert origin(path) == 'projects/popos/results/ytf68_12e/norm_hm4_seed0'


def test_committed_results_can_be_taken(tmp_path):
    source = ROOT / 'projects/popos/results/ytf68_12e'
    run = LowResolutionRun('msra', 2.0, 4, 0, 12)
    assert take(source, [run], tmp_path) == [run]
    taken = read_records(tmp_path)[run.name]
    assert taken['nme'] == read_records(source)['norm_hm4_seed0']['nme']

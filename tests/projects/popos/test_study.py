"""The command, with processes that pretend to train: what is repeated, resumed, kept, reported."""

import json
import sys

import pytest

from projects.popos.study import __main__, attempt, command, log, schedule
from projects.popos.study.options import ANNOTATIONS, build_parser
from projects.popos.study.plan import Run
from projects.popos.study.results import make_record, read_result, read_results, write_record

RUN = Run('mse', 4, 0, 2)

TRAINING = """
import json, pathlib, sys
folder = pathlib.Path(sys.argv[1])
start = folder / 'training' / '20300101_000000'
(start / 'vis_data').mkdir(parents=True)
(start / f'{start.name}.log').touch()
records = [dict(loss=0.5, loss_kpt=0.5, epoch=1), dict(loss=0.25, loss_kpt=0.25, epoch=2)]
(start / 'vis_data' / 'scalars.json').write_text(
    ''.join(json.dumps(record) + '\\n' for record in [*records, dict(NME=0.1, step=2)])
)
(folder / 'training' / 'epoch_2.pth').touch()
(folder / 'training' / 'last_checkpoint').write_text(str(folder / 'training' / 'epoch_2.pth'))
"""
DECODING = """
import json, pathlib, sys
measured = dict(device='CPU', threads=1, decode_seconds=1, faces=3, landmarks=68, decoding={})
measured['nme'] = {'one-hot': 0.2, 'KeyPosS': 0.1, 'POPoS': 0.05}
(pathlib.Path(sys.argv[1]) / 'decoded.json').write_text(json.dumps(measured))
"""
FAILURE = "import sys; sys.exit('no memory left')"


def pretend(*programs):
    """Commands that take the place of training and decoding; they note what was begun."""

    def commands(run, folder):
        commands.begun.append(run.name)
        return [[sys.executable, '-S', '-c', text, str(folder)] for text in programs]

    commands.begun = []
    return commands


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(schedule, 'SECONDS_BETWEEN_POLLS', 0.01)


@pytest.fixture
def ytf68(tmp_path):
    data = tmp_path / 'ytf68'
    (data / 'images').mkdir(parents=True)
    (data / 'annotations').mkdir()
    for name in ANNOTATIONS:
        (data / name).touch()
    return data


def arguments(ytf68, *words):
    few = ['--sizes', '4', '--seeds', '0', '--only', 'main', '--epochs', '2']
    return build_parser().parse_args(['--data', str(ytf68), *few, *words])


def folders(root):
    return root / 'projects/popos/results/ytf68_2e', root / 'work_dirs/popos_study/ytf68_2e'


RECIPES = ('mse', 'mse_anchor', 'mse_coordinate', 'all', 'norm')
NAMES = [f'{recipe}_hm4_seed0' for recipe in RECIPES]


def test_finished_runs_are_kept_and_not_repeated(tmp_path, ytf68, capsys):
    trained = pretend(TRAINING, DECODING)
    assert command.study(arguments(ytf68, '--workers', '2'), tmp_path, trained) == []
    assert trained.begun == NAMES
    results, work = folders(tmp_path)
    assert sorted(path.stem for path in results.glob('*.json')) == sorted(NAMES)
    assert '5.00 (n = 1)' in (results / 'README.md').read_text()
    assert not list(work.rglob('*.pth')), 'weights of finished runs are dropped'
    printed = capsys.readouterr().out
    assert 'mse_hm4_seed0: NME in % one-hot 20.00, KeyPosS 10.00, POPoS 5.00' in printed
    (results / 'all_hm4_seed0.json').unlink()
    again = pretend(TRAINING, DECODING)
    command.study(arguments(ytf68), tmp_path, again)
    assert again.begun == ['all_hm4_seed0']
    assert '5 runs of 2 epochs, 4 done' in capsys.readouterr().out


def test_a_result_says_what_was_measured_and_how(tmp_path, ytf68):
    command.study(arguments(ytf68, '--runs', RUN.name), tmp_path, pretend(TRAINING, DECODING))
    record = json.loads((folders(tmp_path)[0] / 'mse_hm4_seed0.json').read_text())
    assert record['loss'] == dict(loss=0.25, loss_kpt=0.25)
    assert record['nme'] == {'one-hot': 0.2, 'KeyPosS': 0.1, 'POPoS': 0.05}
    assert record['starts'] == 1 and record['seed'] == 0 and record['epochs'] == 2
    words = record['command'].split()
    assert words[:3] == ['python', '-m', 'projects.popos.study']
    repeated = build_parser().parse_args(words[3:])
    assert (repeated.runs, repeated.epochs) == ([RUN.name], 2)
    assert str(tmp_path) not in json.dumps(record), 'no paths of this machine'
    assert record['hardware']['device'] == 'CPU'
    assert {'torch', 'mmpose', 'mmpose-multilat'} < set(record['versions'])


def test_weights_are_kept_on_demand(tmp_path, ytf68):
    words = ['--keep', '--runs', RUN.name]
    command.study(arguments(ytf68, *words), tmp_path, pretend(TRAINING, DECODING))
    assert [path.name for path in folders(tmp_path)[1].rglob('*.pth')] == ['epoch_2.pth']


def test_list_and_tables_train_nothing(tmp_path, ytf68, capsys):
    for word in ('--list', '--tables'):
        never = pretend(TRAINING, DECODING)
        assert command.study(arguments(ytf68, word), tmp_path, never) == []
        assert never.begun == []
    assert 'missing mse_hm4_seed0' in capsys.readouterr().out
    assert 'not measured' in (folders(tmp_path)[0] / 'README.md').read_text()


def test_a_failed_run_does_not_stop_the_others(tmp_path, ytf68, capsys):
    def mixed(run, folder):
        first = FAILURE if run.recipe == 'mse' else TRAINING
        return pretend(first, DECODING)(run, folder)

    failures = command.study(arguments(ytf68), tmp_path, mixed)
    assert [failure.run for failure in failures] == [RUN]
    printed = capsys.readouterr().out
    assert 'exit status 1' in printed and 'no memory left' in printed
    assert len(list(folders(tmp_path)[0].glob('*.json'))) == 4


@pytest.mark.parametrize('failures, status', [([], 0), ([schedule.Failure(RUN, 'x')], 1)])
def test_exit_status(monkeypatch, failures, status):
    monkeypatch.setattr(__main__, 'study', lambda parsed: failures)
    assert __main__.main([]) == status


@pytest.mark.parametrize(
    'words, message',
    [
        (['--data', 'nowhere'], 'name the folder of ytf68 by --data PATH'),
        (['--epochs', '0'], '--epochs must be at least 1, not 0'),
        (['--runs', 'mse_hm5_seed0'], 'no run is called mse_hm5_seed0'),
        (['--only', 'decoding', '--sizes', '4'], 'needs 16 among --sizes'),
    ],
)
def test_mistakes_are_explained(monkeypatch, tmp_path, capsys, words, message):
    monkeypatch.setattr(__main__, 'study', lambda parsed: command.study(parsed, tmp_path))
    assert __main__.main(words) == 2
    assert message in capsys.readouterr().err


def test_ctrl_c_ends_the_processes(tmp_path, ytf68, monkeypatch, capsys):
    def press_ctrl_c(self, under_way, waiting):
        folder = under_way[0].folder
        if (folder / 'begun').exists():
            with pytest.raises(attempt.BusyError):
                attempt.lock_folder(folder)
            raise KeyboardInterrupt

    monkeypatch.setattr(command.Progress, 'show', press_ctrl_c)
    endless = (
        "import pathlib, sys, threading; (pathlib.Path(sys.argv[1]) / 'begun').touch(); "
        'threading.Event().wait()'
    )
    with pytest.raises(KeyboardInterrupt):
        command.study(arguments(ytf68), tmp_path, pretend(endless))
    assert 'goes on from the last checkpoints' in capsys.readouterr().out
    # The lock is free only when the process has ended.
    attempt.lock_folder(folders(tmp_path)[1] / 'mse_hm4_seed0')


def test_a_run_of_another_process_is_left_alone(tmp_path, ytf68):
    folder = folders(tmp_path)[1] / RUN.name
    folder.mkdir(parents=True)
    attempt.lock_folder(folder)
    commands = pretend(TRAINING, DECODING)
    words = ['--runs', RUN.name]
    (failure,) = command.study(arguments(ytf68, *words), tmp_path, commands)
    assert 'another process' in failure.reason and commands.begun == []


@pytest.mark.parametrize(
    'checkpoints, pointer, programs, resumed',
    [
        ([], None, ['train.py', 'decode'], None),
        (['epoch_1.pth'], 'epoch_1.pth', ['train.py', 'decode'], 'epoch_1.pth'),
        # Stopped between deleting and writing: nothing to go on from.
        ([], 'epoch_1.pth', ['train.py', 'decode'], None),
        (['epoch_2.pth'], 'epoch_2.pth', ['decode'], None),
    ],
)
def test_commands_go_on_where_a_run_was_stopped(tmp_path, checkpoints, pointer, programs, resumed):
    training = tmp_path / attempt.TRAINING
    training.mkdir()
    for name in checkpoints:
        (training / name).touch()
    if pointer:
        (training / 'last_checkpoint').write_text(f'/moved/since/{pointer}')
    commands = attempt.make_commands(RUN, tmp_path)
    found = [next(p for p in programs if any(p in word for word in each)) for each in commands]
    assert found == programs
    assert ('--resume' in commands[0]) == (resumed is not None)
    if resumed:
        assert commands[0][-1] == str(training / resumed)


def test_checkpoints_of_another_config_are_not_resumed(tmp_path):
    attempt.prepare_folder(RUN, tmp_path / 'ytf68', tmp_path)
    checkpoint = tmp_path / attempt.TRAINING / 'epoch_1.pth'
    checkpoint.parent.mkdir()
    checkpoint.touch()
    attempt.prepare_folder(RUN, tmp_path / 'ytf68', tmp_path)
    assert checkpoint.exists(), 'the same run goes on'
    attempt.prepare_folder(Run('mse', 4, 0, 3), tmp_path / 'ytf68', tmp_path)
    assert not checkpoint.exists(), 'another length is another training'


def test_results_of_other_settings_do_not_count(tmp_path):
    path = write_record(make_record(RUN, nme={}), tmp_path)
    assert read_result(path).run == RUN
    record = json.loads(path.read_text())
    record['overrides']['optim_wrapper']['optimizer']['lr'] = 1e-3
    path.write_text(json.dumps(record))
    with pytest.raises(ValueError, match='other overrides'):
        read_result(path)
    (tmp_path / 'broken.json').write_text('{')
    (tmp_path / 'list.json').write_text('[]')
    assert read_results(tmp_path) == ([], ['broken.json', 'list.json', path.name])


def test_a_file_is_written_completely_or_not_at_all(tmp_path, monkeypatch):
    path = write_record(make_record(RUN, nme={'POPoS': 0.1}), tmp_path)
    before = path.read_text()

    def crash(*_):
        raise OSError('power cut')

    monkeypatch.setattr('os.replace', crash)
    with pytest.raises(OSError, match='power cut'):
        write_record(make_record(RUN, nme={'POPoS': 0.2}), tmp_path)
    assert path.read_text() == before
    assert list(tmp_path.iterdir()) == [path], 'nothing is left over'


def test_an_unfinished_last_line_of_the_log_is_no_record(tmp_path):
    folder = tmp_path / '20300101_000000' / 'vis_data'
    folder.mkdir(parents=True)
    (folder / 'scalars.json').write_text('{"loss": 1, "epoch": 3}\n{"loss": 2, "ep')
    assert log.epochs_begun(tmp_path) == 3
    assert log.last_losses(tmp_path) == {'loss': 1}

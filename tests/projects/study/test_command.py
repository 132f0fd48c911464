"""The command, with processes that pretend to train: what is repeated, kept, reported."""

import json
import subprocess
from dataclasses import replace

import pytest
from example_study import COLOURS, DECODING, EXAMPLE, MODULE, TRAINING, ExampleRun, pretend

from projects.study import attempt, command, main, schedule
from projects.study.options import build_parser
from projects.study.records import RUNS, read_records
from projects.study.run_config import config_text

RUN = ExampleRun('red', 4, 0, 2)
NAMES = [f'{colour}_hm4_seed0' for colour in COLOURS]
FAILURE = "import sys; sys.exit('no memory left')"

pytestmark = pytest.mark.usefixtures('quick')


def arguments(ytf68, *words):
    few = ['--sizes', '4', '--seeds', '0', '--epochs', '2']
    return build_parser(EXAMPLE).parse_args(['--data', str(ytf68), *few, *words])


def folders(root):
    return root / 'projects/example/results/ytf68_2e', root / 'work_dirs/example/ytf68_2e'


def test_finished_runs_are_kept_and_not_repeated(tmp_path, ytf68, capsys):
    trained = pretend(TRAINING, DECODING)
    assert command.study(EXAMPLE, arguments(ytf68, '--workers', '2'), tmp_path, trained) == []
    assert trained.begun == NAMES
    results, work = folders(tmp_path)
    assert list(read_records(results)) == sorted(NAMES)
    assert (results / 'README.md').read_text().splitlines()[1:] == sorted(NAMES)
    assert not list(work.rglob('*.pth')), 'weights of finished runs are dropped'
    printed = capsys.readouterr().out
    assert 'red_hm4_seed0: NME in % one-hot 20.00, KeyPosS 10.00, POPoS 5.00' in printed
    header, _, *others = (results / RUNS).read_text().splitlines(keepends=True)
    (results / RUNS).write_text(''.join([header, *others]))
    again = pretend(TRAINING, DECODING)
    command.study(EXAMPLE, arguments(ytf68), tmp_path, again)
    assert again.begun == ['blue_hm4_seed0']
    assert '3 runs of 2 epochs, 2 done' in capsys.readouterr().out


def test_a_result_says_what_was_measured_and_how(tmp_path, ytf68):
    given = arguments(ytf68, '--runs', RUN.name)
    command.study(EXAMPLE, given, tmp_path, pretend(TRAINING, DECODING))
    record = read_records(folders(tmp_path)[0])[RUN.name]
    assert record['loss'] == dict(loss=0.25, loss_kpt=0.25)
    assert record['nme']['KeyPosS'] == 0.1
    assert record['starts'] == 1 and record['seed'] == 0 and record['epochs'] == 2
    assert str(tmp_path) not in json.dumps(record), 'no paths of this machine'
    assert record['hardware']['device'] == 'CPU'
    assert {'torch', 'mmpose', 'mmpose_multilat'} < set(record['versions'])


def test_the_config_names_the_study(tmp_path, ytf68):
    given = arguments(ytf68, '--runs', RUN.name)
    command.study(EXAMPLE, given, tmp_path, pretend(TRAINING, DECODING))
    folder = folders(tmp_path)[1] / RUN.name
    text = (folder / attempt.CONFIG).read_text()
    assert text == config_text(RUN, ytf68, folder, MODULE)
    assert text.startswith(f'# {RUN.name}: written by {MODULE}\n')


def test_names_choose_folders_and_stay_in_the_command(tmp_path, ytf68):
    given = arguments(ytf68, '--runs', RUN.name, '--name', 'other')
    command.study(EXAMPLE, given, tmp_path, pretend(TRAINING, DECODING))
    folder = tmp_path / 'projects/example/results/other'
    assert list(read_records(folder)) == [RUN.name]
    words = (folder / 'README.md').read_text().splitlines()[0].split()
    assert words[:3] == ['python', '-m', MODULE]
    repeated = build_parser(EXAMPLE).parse_args(words[3:])
    assert (repeated.name, repeated.epochs) == ('other', 2)


def test_weights_are_kept_on_demand(tmp_path, ytf68):
    given = arguments(ytf68, '--keep', '--runs', RUN.name)
    command.study(EXAMPLE, given, tmp_path, pretend(TRAINING, DECODING))
    assert [path.name for path in folders(tmp_path)[1].rglob('*.pth')] == ['epoch_2.pth']


def test_list_and_tables_train_nothing(tmp_path, ytf68, capsys):
    for word in ('--list', '--tables'):
        never = pretend(TRAINING, DECODING)
        assert command.study(EXAMPLE, arguments(ytf68, word), tmp_path, never) == []
        assert never.begun == []
    assert 'missing red_hm4_seed0' in capsys.readouterr().out
    assert (folders(tmp_path)[0] / 'README.md').is_file()


def test_what_a_study_prepares_comes_before_results_are_looked_for(tmp_path, ytf68):
    def prepare(given, plan, folder):
        folder.mkdir(parents=True)
        seen.append((given.epochs, [run.name for run in plan], folder))

    seen = []
    study = replace(EXAMPLE, prepare=prepare)
    command.study(study, arguments(ytf68, '--list'), tmp_path)
    assert seen == [(2, NAMES, folders(tmp_path)[0])]


def test_a_failed_run_does_not_stop_the_others(tmp_path, ytf68, capsys):
    def mixed(run, folder):
        first = FAILURE if run.colour == 'red' else TRAINING
        return pretend(first, DECODING)(run, folder)

    failures = command.study(EXAMPLE, arguments(ytf68), tmp_path, mixed)
    assert [failure.run for failure in failures] == [RUN]
    printed = capsys.readouterr().out
    assert 'exit status 1' in printed and 'no memory left' in printed
    assert len(read_records(folders(tmp_path)[0])) == 2


@pytest.mark.parametrize('failures, status', [([], 0), ([schedule.Failure(RUN, 'x')], 1)])
def test_exit_status(monkeypatch, failures, status):
    monkeypatch.setattr(main, 'study', lambda definition, parsed: failures)
    assert main.main(EXAMPLE, []) == status


@pytest.mark.parametrize(
    'words, message',
    [
        (['--data', 'nowhere'], 'name the folder of ytf68 by --data PATH'),
        (['--epochs', '0'], '--epochs must be at least 1, not 0'),
        (['--workers', '0'], '--workers must be at least 1, not 0'),
        (['--runs', 'red_hm5_seed0'], 'no run is called red_hm5_seed0'),
    ],
)
def test_mistakes_are_explained(monkeypatch, tmp_path, capsys, words, message):
    monkeypatch.setattr(main, 'study', lambda *given: command.study(*given, tmp_path))
    assert main.main(EXAMPLE, words) == 2
    assert message in capsys.readouterr().err


def test_ctrl_c_ends_the_processes(tmp_path, ytf68, monkeypatch, capsys):
    def press_ctrl_c(self, under_way, waiting):
        folder = under_way[0].folder
        if (folder / 'begun').exists():
            with pytest.raises(attempt.BusyError):
                attempt.lock_folder(folder)
            raise KeyboardInterrupt

    monkeypatch.setattr('projects.study.progress.Progress.show', press_ctrl_c)
    endless = (
        "import pathlib, sys, threading; (pathlib.Path(sys.argv[1]) / 'begun').touch(); "
        'threading.Event().wait()'
    )
    with pytest.raises(KeyboardInterrupt):
        command.study(EXAMPLE, arguments(ytf68), tmp_path, pretend(endless))
    assert 'goes on from the last checkpoints' in capsys.readouterr().out
    # The lock is free only when the process has ended.
    attempt.lock_folder(folders(tmp_path)[1] / RUN.name)


def test_a_run_of_another_process_is_left_alone(tmp_path, ytf68):
    folder = folders(tmp_path)[1] / RUN.name
    folder.mkdir(parents=True)
    attempt.lock_folder(folder)
    commands = pretend(TRAINING, DECODING)
    (failure,) = command.study(EXAMPLE, arguments(ytf68, '--runs', RUN.name), tmp_path, commands)
    assert 'another process' in failure.reason and commands.begun == []


@pytest.fixture
def checkout(tmp_path):
    """A checkout with a file of code and one of results."""
    for name in ('code.py', 'projects/example/results/notes.txt'):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text('first')
    for words in (['init', '-q'], ['add', 'code.py', 'projects'], ['commit', '-q', '-m', 'first']):
        person = ['-c', 'user.name=nobody', '-c', 'user.email=nobody@example.org']
        subprocess.run(['git', *person, *words], cwd=tmp_path, check=True)
    return tmp_path


def commit_of(checkout):
    words = ['git', 'rev-parse', 'HEAD']
    return subprocess.run(words, cwd=checkout, check=True, capture_output=True, text=True).stdout


def test_results_and_new_files_are_no_changes(checkout, ytf68):
    (checkout / 'projects/example/results/notes.txt').write_text('second')
    (checkout / 'notes.txt').write_text('not of the commit')
    command.study(EXAMPLE, arguments(ytf68), checkout, pretend(TRAINING, DECODING))
    records = read_records(folders(checkout)[0]).values()
    assert {record['commit'] for record in records} == {commit_of(checkout).strip()}


def test_changed_code_is_refused_unless_it_is_allowed(checkout, ytf68, monkeypatch, capsys):
    (checkout / 'code.py').write_text('second')
    never = pretend(TRAINING, DECODING)
    monkeypatch.setattr(main, 'study', lambda *given: command.study(*given, checkout, never))
    few = ['--data', str(ytf68), '--sizes', '4', '--seeds', '0', '--epochs', '2']
    assert main.main(EXAMPLE, few) == 2
    said = capsys.readouterr().err
    assert 'code.py changed since the last commit' in said and 'add --allow-changes' in said
    assert never.begun == [] and not folders(checkout)[0].exists()
    assert main.main(EXAMPLE, [*few, '--tables']) == 0
    assert main.main(EXAMPLE, [*few, '--allow-changes']) == 0
    records = read_records(folders(checkout)[0]).values()
    assert [record['commit'] for record in records] == [f'{commit_of(checkout).strip()}-dirty'] * 3
    assert main.main(EXAMPLE, few) == 0, 'nothing is left to be trained'


def test_code_that_changes_meanwhile_keeps_later_runs_from_starting(checkout, ytf68):
    def commands(run, folder):
        (checkout / 'code.py').write_text('second')
        return pretend(TRAINING, DECODING)(run, folder)

    failures = command.study(EXAMPLE, arguments(ytf68), checkout, commands)
    assert [failure.run.name for failure in failures] == NAMES[1:]
    assert all('commit or stash' in failure.reason for failure in failures)
    (record,) = read_records(folders(checkout)[0]).values()
    assert record['commit'] == commit_of(checkout).strip(), 'that of its beginning'


def test_the_plan_says_what_runs_of_each_cost_take(tmp_path, ytf68, capsys):
    command.study(EXAMPLE, arguments(ytf68, '--list', '--sizes', '8', '4'), tmp_path)
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:3] == [
        '  4x4: 3 runs to do, 2 min each (a rough guess)',
        '  8x8: 3 runs to do, 2 min each (a rough guess)',
    ]


def test_a_study_may_have_sizes_of_its_own(ytf68, capsys):
    parser = build_parser(replace(EXAMPLE, sizes=(24, 12)))
    assert parser.parse_args([]).sizes == [24, 12]
    assert parser.parse_args(['--sizes', '12', '64']).sizes == [12, 64]
    with pytest.raises(SystemExit):
        parser.parse_args(['--sizes', '20'])
    assert 'choose from 64, 32, 24, 16, 12, 8, 4' in capsys.readouterr().err

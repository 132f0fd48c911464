"""The doctor as a command: its report, what it writes and removes, and where it survives."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from environment_samples import CUDA, environment, missing

from mmpose_multilat.environment import facts, stand_in_files
from mmpose_multilat.environment.facts import Facts
from mmpose_multilat.tools import doctor

ROOT = Path(__file__).parents[2]
TOOLS = Path(doctor.__file__).parent


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    """Return a function that runs the doctor on given facts, with its status and output."""

    def run(found: Facts, *arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(facts, 'gather', lambda time_limit: found)
        return doctor.main(arguments), capsys.readouterr().out

    return run


def test_report_of_a_healthy_environment(run) -> None:
    status, output = run(environment(answers=CUDA, weights={'resnet50': '/a/file', 'other': ''}))
    rows = [line.split() for line in output.splitlines()]
    assert status == 0
    assert rows[0] == ['python', '3.11.7']
    assert ['mmcv-lite', '2.1.0'] in rows
    assert ['device', 'CUDA', '12.4', 'a', 'GPU'] in rows
    assert ['weights', 'resnet50', 'found', '/a/file'] in rows
    assert ['weights', 'other', '-'] in rows
    assert re.search(
        'mmcv operators +stand-in +nms only; landmark networks call no operator', output
    )
    assert output.endswith('\nno problems\n')


def test_report_of_problems_and_notes(run) -> None:
    errors = {'scipy.optimize': missing('scipy'), 'mim': missing('mim')}
    stand_ins = {'mmcv._ext': 'installed', 'xtcocotools': 'missing'}
    status, output = run(environment(errors, is_wheel=False, stand_ins=stand_ins))
    assert status == 1
    assert re.search(r'mmcv operators +installed\n', output)
    assert re.search(r'1\. problem: .*\n   remedy: .*\n2\. problem', output)
    assert re.search(r'3\. note: .*\n   remedy: .*\n2 problems\n$', output)


def test_notes_alone_are_no_problem(run) -> None:
    status, output = run(environment(is_wheel=False))
    assert status == 0 and output.endswith('no problems\n')


def test_json_holds_facts_and_findings(run) -> None:
    found = environment({'mim': missing('mim')}, is_wheel=False)
    status, output = run(found, '--json')
    report = json.loads(output)
    assert status == 1 and report['problems'] == 1
    assert [finding['is_note'] for finding in report['findings']] == [False, True]
    assert report['environment'] == json.loads(json.dumps(dataclasses.asdict(found)))


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that lacks both stand-ins."""
    monkeypatch.setattr(stand_in_files, 'has_companion', lambda module: True)
    monkeypatch.setattr(stand_in_files, 'target', lambda module: tmp_path / f'{module}.py')

    def provider(module: str) -> Path | None:
        path = tmp_path / f'{module}.py'
        return path if path.exists() else None

    monkeypatch.setattr(stand_in_files, 'provider', provider)
    return tmp_path


def test_fix_and_undo(run, site: Path) -> None:
    status, output = run(environment(), '--fix')
    files = sorted(site.iterdir())
    assert [path.name for path in files] == ['mmcv._ext.py', 'xtcocotools.py']
    assert all(f'wrote {path} (undo: ' in output for path in files)
    assert status == 0 and 'no problems' in output
    status, output = run(environment(), '--fix')
    assert status == 0 and output.startswith('mmcv operators: stand-in, left as it is\n')
    status, output = run(environment(), '--undo')
    assert status == 0
    assert output.splitlines() == [
        f'mmcv operators: removed {files[0]}',
        f'xtcocotools: removed {files[1]}',
    ]
    assert list(site.iterdir()) == []
    status, output = run(environment(), '--undo')
    assert status == 0 and 'xtcocotools: missing, left as it is' in output


def test_fix_tells_of_the_problems_that_it_cannot_mend(run, site: Path) -> None:
    status, output = run(environment({'mim': missing('mim')}), '--fix')
    assert status == 1 and 'mim is not installed' in output


@pytest.mark.parametrize(('option', 'refusing'), [('--fix', 'place'), ('--undo', 'remove')])
def test_a_folder_that_cannot_be_written_is_explained(
    run, site: Path, monkeypatch: pytest.MonkeyPatch, option: str, refusing: str
) -> None:
    def refuse(module: str) -> None:
        raise PermissionError(13, 'Permission denied', f'/usr/{module}')

    monkeypatch.setattr(stand_in_files, refusing, refuse)
    status, output = run(environment(), option)
    assert status == 1
    assert "Permission denied: '/usr/xtcocotools'. Is this environment yours?" in output


@pytest.mark.parametrize(
    'arguments', [['--fix', '--undo'], ['--json', '--fix'], ['--timeout', 'x']]
)
def test_contradictory_options_are_refused(arguments: list[str], capsys) -> None:
    with pytest.raises(SystemExit) as stopped:
        doctor.main(arguments)
    assert stopped.value.code == 2
    assert arguments[0] in capsys.readouterr().err


def test_a_script_reports_in_an_environment_of_nothing_at_all(tmp_path: Path) -> None:
    """As `mim run` starts it; -S hides site-packages from it and from what it starts."""
    python = tmp_path / 'python'
    python.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n', encoding='utf-8')
    python.chmod(0o755)
    code = (
        f'import runpy, sys; sys.executable = {str(python)!r}; sys.argv = ["doctor", "--json"]; '
        f'sys.path.insert(0, {str(TOOLS)!r}); '
        f'runpy.run_path({doctor.__file__!r}, run_name="__main__")'
    )
    done = subprocess.run(
        [str(python), '-E', '-c', code], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 1, done.stderr
    problems = [finding['problem'] for finding in json.loads(done.stdout)['findings']]
    for name in ('torch', 'numpy', 'mmengine', 'mmcv', 'mmpose', 'pycocotools'):
        assert f'{name} is not installed.' in problems


def test_the_module_survives_a_torch_that_ends_the_process(tmp_path: Path) -> None:
    (tmp_path / 'torch.py').write_text('import os; os._exit(7)\n', encoding='utf-8')
    command = [sys.executable, '-m', 'mmpose_multilat.tools.doctor', '--json']
    paths = f'{tmp_path}{os.pathsep}{ROOT}'
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path, env={'PYTHONPATH': paths}
    )
    assert done.returncode == 1, done.stderr
    problems = [finding['problem'] for finding in json.loads(done.stdout)['findings']]
    ending = 'the process ended with status 7 while importing'
    assert f'torch cannot be imported: {ending}' in problems

"""Every trap is found in an installation that has it, and in no healthy one."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mmpose_multilat.tools import doctor
from mmpose_multilat.tools.doctoring import facts as doctor_facts
from mmpose_multilat.tools.doctoring.environment import Environment, Probe, missing_module
from mmpose_multilat.tools.doctoring.examination import CHECKS, examine
from mmpose_multilat.tools.doctoring.probing import run_probes
from mmpose_multilat.tools.doctoring.remedies import INSTALL

ROOT = Path(__file__).parents[2]

DISTRIBUTIONS = {
    'torch': '2.13.0+cpu',
    'torchvision': '0.16.2',
    'numpy': '1.26.4',
    'opencv-python': '4.11.0.86',
    'pandas': '2.3.3',
    'scipy': '1.15.3',
    'matplotlib': '3.10.9',
    'mmengine': '0.10.7',
    'mmcv': '2.1.0',
    'mmdet': '3.2.0',
    'mmpose': '1.3.2',
    'xtcocotools': '1.14.3',
    'setuptools': '81.0.0',
    'openmim': '0.3.9',
    'mmpose-multilat': '0.1.0',
}
DETAILS = {
    'torch': {'cuda': None, 'gpu': None},
    'mmpose_multilat': {'checkpoint_error': None},
}
NMS = 'RuntimeError: operator torchvision::nms does not exist'
NUMPY_ABI = (
    'ValueError: numpy.dtype size changed, may indicate binary incompatibility. '
    'Expected 96 from C header, got 88 from PyObject'
)
INCOMPATIBLE = (
    'AssertionError: MMCV==2.2.0 is used but incompatible. Please install mmcv>=2.0.0rc4, <2.2.0.'
)


def missing(name: str) -> str:
    return f"ModuleNotFoundError: No module named '{name}'"


def environment(
    errors: dict[str, str] | None = None,
    versions: dict[str, str | None] | None = None,
    details: dict[str, dict] | None = None,
    **facts: object,
) -> Environment:
    """Return a healthy installation with some facts changed; a version of None removes it."""
    distributions = {**DISTRIBUTIONS, **(versions or {})}
    probes = {
        module: Probe((errors or {}).get(module), {**DETAILS, **(details or {})}.get(module, {}))
        for module in doctor_facts.PROBED
    }
    return Environment(
        python=facts.pop('python', (3, 11, 7)),
        distributions={name: version for name, version in distributions.items() if version},
        probes=probes,
        **facts,
    )


def everything_fails(error: str, *working: str) -> dict[str, str]:
    return {module: error for module in doctor_facts.PROBED if module not in working}


LIGHT = ('numpy', 'cv2', 'scipy', 'matplotlib', 'xtcocotools', 'pkg_resources', 'mim')
ON_MMCV = ('mmdet', 'mmpose', 'mmpose_multilat')

# Name -> (installation, pattern of the one problem, pattern of its remedy)
PROBLEMS = {
    'Python too old': (
        environment(python=(3, 8, 1)),
        r'Python 3\.8\.1 .*3\.9 to 3\.11',
        'python3.11',
    ),
    'torch missing': (
        environment(everything_fails(missing('torch'), *LIGHT), {'torch': None}),
        'torch is not installed',
        '^pip install torch$',
    ),
    'torch broken': (
        environment(everything_fails('ImportError: libc10.so: undefined symbol', *LIGHT)),
        'torch cannot be imported.*undefined symbol',
        'pip install --force-reinstall --no-deps torch',
    ),
    'torch crashes': (
        environment(everything_fails('the process was killed by SIGSEGV', *LIGHT)),
        'torch cannot be imported.*SIGSEGV',
        '--force-reinstall',
    ),
    'torch hangs': (
        environment({'torch': 'no answer within 60 s (see --timeout)'}),
        'no answer within 60 s',
        'doctor --timeout 600',
    ),
    'torchvision for another torch, CPU': (
        environment(everything_fails(NMS, 'torch', *LIGHT), {'torchvision': '0.28.0'}),
        'torchvision::nms does not exist',
        r'--no-deps "torchvision==0\.16\.2"',
    ),
    'torchvision for another torch, CUDA': (
        environment(
            {'torchvision': NMS}, {'torch': '2.6.0+cu124'}, {'torch': {'cuda': '12.4', 'gpu': 'A'}}
        ),
        'torchvision::nms does not exist',
        r'--no-deps "torchvision==0\.21\.\*"',
    ),
    'torchvision missing': (
        environment({'torchvision': missing('torchvision')}, {'torchvision': None}),
        'torchvision cannot be imported',
        'torchvision==0.16.2',
    ),
    'xtcocotools under NumPy 2': (
        environment(
            dict.fromkeys(('xtcocotools', 'mmpose', 'mmpose_multilat'), NUMPY_ABI),
            {'numpy': '2.2.1', 'opencv-python': '5.0.0', 'pandas': '3.0.0'},
        ),
        r'xtcocotools is built for NumPy 1, but NumPy 2\.2\.1',
        '"numpy<2" "opencv-python<5" "pandas<3"',
    ),
    'xtcocotools missing': (
        environment(
            {'xtcocotools': missing('xtcocotools'), 'mmpose': missing('xtcocotools')},
            {'xtcocotools': None},
        ),
        'xtcocotools is not installed',
        'xtcocotools==1.14.3',
    ),
    'OpenCV 5 beside NumPy 1': (
        environment({'cv2': 'ImportError: numpy'}, {'opencv-python': '5.0.0'}),
        'opencv-python needs NumPy 2',
        'opencv-python<5',
    ),
    'pandas 3 beside NumPy 1': (
        environment(versions={'pandas': '3.0.0'}),
        'pandas needs',
        'pandas<3',
    ),
    'two flavours of OpenCV': (
        environment(versions={'opencv-python-headless': '4.11.0.86'}),
        'opencv-python and opencv-python-headless',
        'uninstall -y opencv-python opencv-python-headless && pip install opencv-python==',
    ),
    'OpenCV without libGL': (
        environment({'cv2': 'ImportError: libGL.so.1: cannot open shared object file'}),
        'library for windows',
        'opencv-python-headless',
    ),
    'scipy missing': (environment({'scipy': missing('scipy')}), 'scipy is not', 'scipy<1.16'),
    'matplotlib broken': (
        environment({'matplotlib': 'ImportError: _c'}),
        'matplotlib cannot',
        '"matplotlib<3.11"',
    ),
    'setuptools 82': (
        environment(
            {name: missing('pkg_resources') for name in ('pkg_resources', 'mim')},
            {'setuptools': '82.0.0'},
        ),
        r'pkg_resources.*installed: 82\.0\.0',
        r'"setuptools<82"',
    ),
    'no setuptools': (
        environment({'pkg_resources': missing('pkg_resources')}, {'setuptools': None}),
        'installed: none',
        '"setuptools<82"',
    ),
    'openxlab has downgraded setuptools': (
        environment(versions={'openxlab': '0.1.3', 'setuptools': '60.2.0'}),
        'openxlab.*downgraded',
        'uninstall -y openxlab.*setuptools>=64,<82',
    ),
    'mmengine missing': (
        environment(
            {name: missing('mmengine') for name in ('mmengine', 'mmcv', 'mmcv.ops', *ON_MMCV)},
            {'mmengine': None},
        ),
        'mmengine is not installed',
        'mmengine==0.10.7',
    ),
    'mmcv missing': (
        environment(
            {name: missing('mmcv') for name in ('mmcv', 'mmcv.ops', *ON_MMCV)}, {'mmcv': None}
        ),
        'mmcv is not installed',
        'MMCV_WITH_OPS=1 pip install --no-build-isolation',
    ),
    'mmcv without operators': (
        environment({name: missing('mmcv._ext') for name in ('mmcv.ops', *ON_MMCV)}),
        'built without its operators',
        'MMCV_WITH_OPS=1',
    ),
    'mmcv compiled for another torch': (
        environment({'mmcv.ops': 'ImportError: _ext.so: undefined symbol: _ZN2at'}),
        'operators of mmcv do not work with this torch',
        'MMCV_WITH_OPS=1',
    ),
    'mmdet refuses mmcv': (
        environment({'mmdet': INCOMPATIBLE}, {'mmcv': '2.2.0'}),
        r'mmdet refuses.*MMCV==2\.2\.0',
        r'mmcv==2\.1\.0$',
    ),
    'mmpose refuses mmengine': (
        environment({'mmpose': INCOMPATIBLE.replace('MMCV', 'MMEngine')}, {'mmengine': '1.2.0'}),
        'mmpose refuses',
        '^pip install mmengine==0.10.7$',
    ),
    'mmpose missing': (
        environment(
            {name: missing('mmpose') for name in ('mmpose', 'mmpose_multilat')}, {'mmpose': None}
        ),
        'mmpose is not installed.*chumpy',
        r'^pip install --no-deps mmpose==1\.3\.2$',
    ),
    'something that mmpose needs is missing': (
        environment({name: missing('json_tricks') for name in ('mmpose', 'mmpose_multilat')}),
        'mmpose, mmpose_multilat cannot be imported without json_tricks',
        '^pip install json_tricks$',
    ),
    'mim missing': (environment({'mim': missing('mim')}), 'mim is not', '--no-deps openmim'),
    'checkpoints are refused': (
        environment(details={'mmpose_multilat': {'checkpoint_error': 'Weights only load failed'}}),
        'torch.load refuses.*Weights only load failed',
        'mmengine==0.10.7',
    ),
    'protection switched off': (
        environment(variables={'TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD': '1'}),
        'may run code',
        '^unset TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD$',
    ),
    'wheel without configs': (
        environment(has_mim_folder=False),
        r'no \.mim folder',
        '--force-reinstall',
    ),
    'package broken': (
        environment({'mmpose_multilat': 'ImportError: cannot import name x'}),
        'mmpose_multilat cannot be imported: .*name x',
        '--force-reinstall',
    ),
}

NOTES = {
    'Python too new': (environment(python=(3, 13, 0)), 'Python 3.13.0', 'python3.11'),
    'openxlab harmless': (environment(versions={'openxlab': '0.1.3'}), 'openxlab', 'uninstall'),
    'mmdet missing': (
        environment({'mmdet': missing('mmdet')}, {'mmdet': None}),
        'only the face detector',
        r'--no-deps mmdet==3\.2\.0',
    ),
    'editable': (environment(installation='editable'), 'site-packages.*editable', 'python -m'),
    'source tree': (environment(installation='source'), 'site-packages.*source', 'python -m'),
}

HEALTHY = {
    'tested stack': environment(),
    'oldest Python': environment(python=(3, 9, 0)),
    'CUDA': environment(details={'torch': {'cuda': '12.4', 'gpu': 'some GPU'}}),
    'NumPy 2 with its own xtcocotools': environment(
        versions={'numpy': '2.2.1', 'opencv-python': '5.0.0', 'pandas': '3.0.0'}
    ),
    'headless OpenCV alone': environment(
        versions={'opencv-python': None, 'opencv-python-headless': '4.11.0.86'}
    ),
    'last setuptools with pkg_resources': environment(versions={'setuptools': '81.9'}),
    'mmcv 2.2 without mmdet objecting': environment(versions={'mmcv': '2.2.0'}),
    'protection left on': environment(variables={'TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD': '0'}),
}


@pytest.mark.parametrize('name', PROBLEMS)
def test_problem_is_found_once_with_its_remedy(name: str) -> None:
    facts, problem, remedy = PROBLEMS[name]
    (finding,) = examine(facts)
    assert re.search(problem, finding.problem), finding
    assert re.search(remedy, finding.remedy), finding
    assert not finding.is_note


@pytest.mark.parametrize('name', NOTES)
def test_note_does_not_count_as_a_problem(name: str) -> None:
    facts, problem, remedy = NOTES[name]
    (finding,) = examine(facts)
    assert re.search(problem, finding.problem), finding
    assert re.search(remedy, finding.remedy), finding
    assert finding.is_note


@pytest.mark.parametrize('name', HEALTHY)
def test_nothing_is_found_where_all_is_well(name: str) -> None:
    assert examine(HEALTHY[name]) == []


def test_every_check_is_triggered_by_some_case() -> None:
    cases = [facts for facts, *_ in [*PROBLEMS.values(), *NOTES.values()]]
    silent = [check for check in CHECKS if not any(check(facts) for facts in cases)]
    names = [check.keywords['module'] for check in silent]
    assert names == UNKNOWN_FAILURES


UNKNOWN_FAILURES = ['numpy', 'cv2', 'mmdet', 'mmpose']
"""Modules whose known traps have checks of their own; the test below has the unknown ones."""


@pytest.mark.parametrize('module', UNKNOWN_FAILURES)
def test_unknown_failures_are_reported_as_they_are(module: str) -> None:
    (finding,) = examine(environment({module: 'ImportError: something new'}))
    assert 'something new' in finding.problem
    assert '--force-reinstall' in finding.remedy


def test_problems_stand_before_notes() -> None:
    findings = examine(environment({'scipy': missing('scipy')}, python=(3, 13, 0)))
    assert [finding.is_note for finding in findings] == [False, True]


def test_pinned_versions_are_those_of_the_requirements() -> None:
    pins = {}
    for path in (ROOT / 'requirements').glob('*.txt'):
        for line in path.read_text(encoding='utf-8').splitlines():
            if match := re.match(r'([\w-]+)==([\w.]+)', line):
                pins[match.group(1)] = match.group(2)
    named = re.findall(r'([\w-]+)==([\w.]+)', ' '.join(INSTALL.values()))
    assert named
    for name, version in named:
        assert pins.get(name, version) == version, (
            f'{name}: doctor {version}, requirements {pins[name]}'
        )


# -------------------------------------------------------------------------------------------------
# Gathering facts


def ignore(done: int, total: int) -> None:
    """Report no progress."""


def test_probes_survive_failures_and_crashes() -> None:
    reports: list[tuple[int, int]] = []
    codes = {
        'good': 'details = dict(answer=42); print("a line of its own")',
        'absent': 'import no_such_module_anywhere',
        'exits': 'raise SystemExit(3)',
        'crashes': 'import os, signal; os.kill(os.getpid(), signal.SIGABRT)',
        'leaves': 'import os; os._exit(5)',
        'last': 'import json',
    }
    probes = run_probes(codes, 60, lambda done, total: reports.append((done, total)))
    assert list(probes) == list(codes)
    assert probes['good'] == Probe(None, {'answer': 42})
    assert missing_module(probes['absent'].error) == 'no_such_module_anywhere'
    assert probes['exits'].error == 'SystemExit: 3'
    assert probes['crashes'].error == 'the process was killed by SIGABRT while importing'
    assert probes['leaves'].error == 'the process ended with status 5 while importing'
    assert probes['last'] == Probe()
    assert reports == [(done, 6) for done in range(1, 7)]


def test_a_hanging_import_is_stopped() -> None:
    probes = run_probes({'hangs': 'import threading; threading.Event().wait()'}, 0.5, ignore)
    assert probes['hangs'].error == 'no answer within 0.5 s (see --timeout)'


def test_one_process_imports_until_the_first_failure() -> None:
    ask = 'import os; details = dict(process=os.getpid())'
    codes = {'first': ask, 'second': ask, 'fails': 'import no_such_module', 'third': ask}
    probes = run_probes(codes, 60, ignore)
    first, second, third = (
        probes[name].details['process'] for name in ('first', 'second', 'third')
    )
    assert first == second != third


def test_distributions_have_normalised_names() -> None:
    found = doctor_facts.list_distributions()
    assert found['pytest'] == pytest.__version__
    assert all(re.fullmatch(r'[a-z0-9-]+', name) for name in found)


@pytest.mark.parametrize(
    ('origin', 'expected'),
    [
        (None, 'wheel'),
        ('{"url": "file:///x", "dir_info": {}}', 'wheel'),
        ('{"url": "file:///x", "dir_info": {"editable": true}}', 'editable'),
    ],
)
def test_installation_is_read_from_the_metadata(
    monkeypatch: pytest.MonkeyPatch, origin: str | None, expected: str
) -> None:
    class Distribution:
        def read_text(self, name: str) -> str | None:
            assert name == 'direct_url.json'
            return origin

    monkeypatch.setattr(
        doctor_facts.importlib.metadata, 'distribution', lambda name: Distribution()
    )
    assert doctor_facts.find_installation() == expected


# -------------------------------------------------------------------------------------------------
# The command


def use_facts(monkeypatch: pytest.MonkeyPatch, facts: Environment) -> None:
    monkeypatch.setattr(doctor, 'gather', lambda time_limit, report: facts)


def test_report_of_a_healthy_installation(monkeypatch, capsys) -> None:
    use_facts(monkeypatch, environment())
    assert doctor.main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ['Python', '3.11.7']
    assert [line.split() for line in lines if 'mmcv' in line] == [
        ['mmcv', '2.1.0', 'with', 'operators']
    ]
    assert lines[-1] == 'no problems'


def test_report_of_problems_and_notes(monkeypatch, capsys) -> None:
    facts = environment(
        {'mmcv.ops': missing('mmcv._ext'), 'pkg_resources': missing('pkg_resources')},
        {'scipy': None, 'opencv-python-headless': '4.11.0.86'},
        {'torch': {'cuda': '12.4', 'gpu': None}},
        installation='editable',
    )
    use_facts(monkeypatch, facts)
    assert doctor.main([]) == 1
    output = capsys.readouterr().out
    for pattern in (
        r'torch +2\.13\.0\+cpu +CUDA 12\.4, no GPU',
        r'opencv-python-headless +4\.11',
        r'scipy +-\n',
        r'mmcv +2\.1\.0 +without operators',
        r'setuptools +81\.0\.0 +without pkg_resources',
        r'mmpose-multilat +0\.1\.0 +editable, with \.mim',
        r'1\. problem: .*\n   remedy: ',
        r'4\. note: .*\n   remedy: .*\n3 problems\n$',
    ):
        assert re.search(pattern, output), pattern


def test_json_holds_facts_and_findings(monkeypatch, capsys) -> None:
    facts = environment({'scipy': missing('scipy')}, python=(3, 13, 0))
    use_facts(monkeypatch, facts)
    assert doctor.main(['--json']) == 1
    report = json.loads(capsys.readouterr().out)
    assert report['problems'] == 1
    assert [finding['is_note'] for finding in report['findings']] == [False, True]
    assert report['environment'] == json.loads(json.dumps(dataclasses.asdict(facts)))


@pytest.mark.parametrize('value', ['0', '-1', 'nan', 'soon'])
def test_wrong_time_limit_is_explained(value: str, capsys) -> None:
    with pytest.raises(SystemExit) as stopped:
        doctor.main(['--timeout', value])
    assert stopped.value.code == 2
    assert '--timeout' in capsys.readouterr().err


def test_doctor_files_import_the_standard_library_only() -> None:
    """-S hides site-packages; as a plain script the doctor must not import its own package."""
    code = (
        'import runpy, sys; sys.argv = ["doctor", "--help"]; '
        f'sys.path.insert(0, {str(Path(doctor.__file__).parent)!r}); '
        f'runpy.run_path({doctor.__file__!r}, run_name="__main__")'
    )
    done = subprocess.run([sys.executable, '-S', '-c', code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert '--json' in done.stdout


def test_script_without_any_package_reports_instead_of_failing(tmp_path: Path) -> None:
    """In an environment of nothing at all (-S for the doctor and for what it starts)."""
    python = tmp_path / 'python'
    python.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n', encoding='utf-8')
    python.chmod(0o755)
    code = (
        f'import runpy, sys; sys.executable = {str(python)!r}; sys.argv = ["doctor", "--json"]; '
        f'sys.path.insert(0, {str(Path(doctor.__file__).parent)!r}); '
        f'runpy.run_path({doctor.__file__!r}, run_name="__main__")'
    )
    done = subprocess.run(
        [str(python), '-c', code], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 1, done.stderr
    problems = [finding['problem'] for finding in json.loads(done.stdout)['findings']]
    for name in ('torch', 'numpy', 'mmengine', 'mmcv', 'mmpose', 'xtcocotools'):
        assert any(problem.startswith(f'{name} is not installed') for problem in problems), name


def test_real_facts_of_this_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    codes = {name: doctor_facts.PROBED[name] for name in ('torch', 'mmpose_multilat')}
    monkeypatch.setattr(doctor_facts, 'PROBED', codes)
    monkeypatch.chdir(ROOT)
    facts = doctor_facts.gather(120, ignore)
    assert facts.python == sys.version_info[:3]
    assert facts.probes['torch'].details.keys() == {'cuda', 'gpu'}
    assert facts.probes['mmpose_multilat'] == Probe(None, {'checkpoint_error': None})

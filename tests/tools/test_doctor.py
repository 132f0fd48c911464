"""Everything that is wrong with an environment is found once, with its remedy, and nothing else."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from mmpose_multilat.tools import doctor, remedies, stand_in_files
from mmpose_multilat.tools.doctor import TESTED, examine
from mmpose_multilat.tools.environment_facts import LIBRARIES, STACK, Facts

ROOT = Path(__file__).parents[2]
TOOLS = Path(doctor.__file__).parent

VERSIONS = {
    'python': '3.11.7',
    'torch': '2.13.0+cpu',
    'torchvision': '0.16.2',
    'numpy': '2.3.5',
    'opencv': '4.14.0.94',
    'mmengine': '0.10.7',
    'mmcv-lite': '2.1.0',
    'mmdet': '3.2.0',
    'mmpose': '1.3.2',
    'mmpose-multilat': '0.1.0',
}
ANSWERS = {'torch': [None, False], 'cv2': True, 'mmpose_multilat': ''}
CUDA = {**ANSWERS, 'torch': ['12.4', 'a GPU']}
STAND_INS = {'mmcv._ext': 'stand-in', 'xtcocotools': 'stand-in'}
NMS = 'RuntimeError: operator torchvision::nms does not exist'
ABI = 'ValueError: numpy.dtype size changed, may indicate binary incompatibility'
INCOMPATIBLE = 'AssertionError: MMCV==2.2.0 is used but incompatible.'


def missing(name: str) -> str:
    return f"ModuleNotFoundError: No module named '{name}'"


def failing(error: str, *modules: str) -> dict[str, str]:
    """Give modules the same error, in the order in which they are tried."""
    return {module: error for module in (*LIBRARIES, *STACK) if module in modules}


def environment(
    errors: dict[str, str] | None = None, versions: dict[str, str] | None = None, **facts: object
) -> Facts:
    """Return a healthy environment with some facts changed."""
    facts = {'answers': ANSWERS, 'stand_ins': STAND_INS, **facts}
    return Facts(versions={**VERSIONS, **(versions or {})}, errors=errors or {}, **facts)


ON_MMENGINE = tuple(module for module in STACK if module != 'mim')
ON_MMCV = ON_MMENGINE[1:]
ON_MMPOSE = ('mmpose.apis', 'mmpose_multilat')
ON_TORCH = ('torch', 'torchvision', *ON_MMENGINE)

# Name -> (environment, pattern of the one problem, pattern of its remedy)
PROBLEMS = {
    'Python too old': (
        environment(versions={'python': '3.9.18'}),
        r'python 3\.9\.18 .* 3\.10 to 3\.13',
        r'^python3\.11 -m venv',
    ),
    'NumPy too old': (environment(versions={'numpy': '1.25.2'}), '1.26 to 2', r'"numpy>=1\.26"'),
    'OpenCV too old': (
        environment(versions={'opencv': '3.4.18.65'}),
        'opencv 3.4',
        '"opencv-python>=4"',
    ),
    'torch missing': (
        environment(failing(missing('torch'), *ON_TORCH)),
        '^torch is not installed',
        '^pip install "torch"$',
    ),
    'torch broken': (
        environment(failing('ImportError: libc10.so: undefined symbol', *ON_TORCH)),
        'torch cannot be imported: .*undefined symbol',
        'pip install --force-reinstall "torch"',
    ),
    'torch crashes': (
        environment({'torch': 'the process ended with status -11 while importing'}),
        'torch cannot be imported: .*status -11',
        '--force-reinstall',
    ),
    'torch hangs': (
        environment({'torch': 'no answer within 120 s'}),
        'no answer within 120 s',
        r'tools\.doctor --timeout 600$',
    ),
    'torchvision for another torch, CPU': (
        environment(failing(NMS, 'torchvision', *ON_MMENGINE)),
        'torchvision cannot be imported: .*nms does not exist',
        r'^pip install --no-deps "torchvision==0\.16\.2"$',
    ),
    'torchvision for another torch, CUDA': (
        environment({'torchvision': NMS}, {'torch': '2.6.0'}, answers=CUDA),
        'nms does not exist',
        r'--no-deps "torchvision==0\.21\.\*"$',
    ),
    'torchvision missing': (
        environment(failing(missing('torchvision'), 'torchvision', *ON_MMENGINE)),
        'torchvision is not installed',
        r'--no-deps "torchvision==0\.16\.2"$',
    ),
    'NumPy broken': (
        environment(failing('ImportError: _core', 'numpy', 'torch', 'cv2', 'scipy.optimize')),
        '^numpy cannot be imported',
        '--force-reinstall "numpy"',
    ),
    'OpenCV without libGL': (
        environment(failing('ImportError: libGL.so.1: cannot open', 'cv2', *ON_MMENGINE)),
        'cv2 cannot be imported: .*libGL',
        'uninstall -y opencv-python && pip install opencv-python-headless',
    ),
    'pkg_resources missing': (
        environment(failing(missing('pkg_resources'), 'pkg_resources', 'mim')),
        'pkg_resources is not installed',
        '^pip install "setuptools<82"$',
    ),
    'xtcocotools missing': (
        environment(failing(missing('xtcocotools'), 'xtcocotools.coco', *ON_MMPOSE)),
        '^xtcocotools missing',
        '--fix$',
    ),
    'xtcocotools under NumPy 2': (
        environment(failing(ABI, 'xtcocotools.coco', *ON_MMPOSE)),
        'xtcocotools.coco cannot be imported: .*numpy.dtype size changed',
        '^pip uninstall -y xtcocotools && .* --fix$',
    ),
    'pycocotools missing under its stand-in': (
        environment(failing(missing('pycocotools'), 'pycocotools.mask', 'xtcocotools.coco')),
        'pycocotools is not installed',
        'pip install "pycocotools"',
    ),
    'pycocotools broken under its stand-in': (
        environment(failing(ABI, 'pycocotools.mask', 'xtcocotools.coco')),
        '^pycocotools.mask cannot',
        'force-reinstall "pycocotools"',
    ),
    'mmcv operators missing': (
        environment(failing(missing('mmcv._ext'), *ON_MMCV)),
        'mmcv operators missing',
        r'^python -m mmpose_multilat\.tools\.doctor --fix$',
    ),
    'mmcv missing': (
        environment(failing(missing('mmcv'), *ON_MMCV)),
        'mmcv is not installed',
        r'^pip install --no-deps mmcv-lite==2\.1\.0 && .* --fix$',
    ),
    'mmcv uninstalled from under the stand-in': (
        environment(
            failing(missing('mmcv.ops'), *ON_MMCV),
            stand_ins={'mmcv._ext': 'left over', 'xtcocotools': 'stand-in'},
        ),
        'mmcv has been uninstalled',
        '--undo && pip install --no-deps mmcv-lite.* --fix$',
    ),
    'stand-in of another version': (
        environment(stand_ins={'mmcv._ext': 'installed', 'xtcocotools': 'older stand-in'}),
        'stand-in for xtcocotools is of another version',
        '--fix$',
    ),
    'mmcv compiled for another torch': (
        environment(
            failing('ImportError: _ext.so: undefined symbol: _ZN2at', *ON_MMCV), {'mmcv': '2.1.0'}
        ),
        'mmcv.ops cannot be imported',
        '^pip uninstall -y mmcv && pip install --force-reinstall .*mmcv-lite==2.1.0 && .* --fix$',
    ),
    'mmdet refuses mmcv': (
        environment(failing(INCOMPATIBLE, 'mmdet.apis', *ON_MMPOSE), {'mmcv': '2.2.0'}),
        r'mmdet.apis cannot be imported: .*MMCV==2\.2\.0',
        'uninstall -y mmcv && .*mmcv-lite==2.1.0 .*mmdet==3.2.0 .*--fix$',
    ),
    'mmpose missing': (
        environment(failing(missing('mmpose'), *ON_MMPOSE)),
        'mmpose is not installed',
        r'^pip install --no-deps mmpose==1\.3\.2$',
    ),
    'mmpose broken leaves a compiled mmcv alone': (
        environment(failing('ImportError: new', *ON_MMPOSE), {'mmcv': '2.1.0'}),
        'mmpose.apis cannot be imported: ImportError: new',
        r'^pip install --force-reinstall --no-deps mmpose==1\.3\.2$',
    ),
    'something that mmpose needs is missing': (
        environment(failing(missing('json_tricks'), *ON_MMPOSE)),
        'json_tricks is not installed',
        '^pip install "json_tricks"$',
    ),
    'known under another name': (
        environment(failing(missing('yaml'), *ON_MMENGINE)),
        'yaml is not',
        '"pyyaml"',
    ),
    'mim missing': (
        environment({'mim': missing('mim')}),
        'mim is not',
        r'--no-deps openmim==0\.3\.9',
    ),
    'package broken': (
        environment({'mmpose_multilat': 'ImportError: cannot import name x'}),
        'mmpose_multilat cannot be imported: .*name x',
        r'--force-reinstall "\."$',
    ),
    'checkpoints refused': (
        environment(answers={**ANSWERS, 'mmpose_multilat': 'training checkpoints are refused'}),
        '^training checkpoints are refused',
        r'^pip install --force-reinstall --no-deps mmengine==0\.10\.7$',
    ),
    'protection switched off': (
        environment(
            is_unprotected=True, answers={**ANSWERS, 'mmpose_multilat': 'code in a checkpoint'}
        ),
        'NO_WEIGHTS_ONLY_LOAD is set',
        '^unset TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD$',
    ),
    'the fork of mmengine': (
        environment(versions={'onedl-mmengine': '0.10.12'}),
        'onedl-mmengine stands in the place of mmengine',
        '^pip uninstall -y onedl-mmengine && pip install .*mmengine==0.10.7$',
    ),
}
NOTES = {
    'Python too new': (environment(versions={'python': '3.14.0'}), r'python 3\.14', r'python3\.11'),
    'torch too new': (
        environment(versions={'torch': '2.15.0'}),
        r'2\.1 to 2\.14',
        r'"torch==2\.14\.\*"',
    ),
    'torch without protection': (
        environment(
            versions={'torch': '2.5.1'},
            answers={**ANSWERS, 'mmpose_multilat': 'code in a checkpoint is run'},
        ),
        'only files that you trust',
        r'"torch>=2\.6"',
    ),
    'mmdet missing': (
        environment({'mmdet.apis': missing('mmdet')}),
        'only face detectors',
        r'--no-deps mmdet==3\.2\.0',
    ),
    'OpenCV 5': (
        environment(versions={'opencv': '5.0.0.93'}, answers={**ANSWERS, 'cv2': False}),
        'no Haar cascades',
        '--boxes.*"opencv-python<5"',
    ),
    'NumPy that MMPose cannot draw with': (
        environment(versions={'numpy': '2.4.0'}),
        'cannot draw with NumPy 2.4',
        'pip install "numpy<2.4"',
    ),
    'editable': (environment(is_wheel=False), 'mim run', r'python -m mmpose_multilat\.tools\.TOOL'),
}
HEALTHY = {
    'tested stack': environment(),
    'oldest versions': environment(
        versions={'python': '3.10.0', 'torch': '2.6', 'numpy': '1.26.0', 'opencv': '4.0'}
    ),
    'newest versions': environment(
        versions={'python': '3.13.9', 'torch': '2.14.1', 'numpy': '2.3.99', 'opencv': '5.1'}
    ),
    'CUDA': environment(answers=CUDA),
    'compiled mmcv and xtcocotools': environment(
        versions={'mmcv': '2.1.0'}, stand_ins=dict.fromkeys(STAND_INS, 'installed')
    ),
}


@pytest.mark.parametrize('name', [*PROBLEMS, *NOTES])
def test_each_fault_is_found_once_with_its_remedy(name: str) -> None:
    facts, problem, remedy = {**PROBLEMS, **NOTES}[name]
    (finding,) = examine(facts)
    assert re.search(problem, finding.problem), finding
    assert re.search(remedy, finding.remedy), finding
    assert finding.is_note == (name in NOTES)


@pytest.mark.parametrize('name', HEALTHY)
def test_nothing_is_found_where_all_is_well(name: str) -> None:
    assert examine(HEALTHY[name]) == []


def test_independent_faults_are_found_together() -> None:
    errors = {
        'torchvision': NMS,
        'matplotlib.pyplot': missing('PIL'),
        'xtcocotools.coco': ABI,
        'mmengine.runner': NMS,
        'mmdet.apis': missing('shapely'),
    }
    problems = [finding.problem.split()[0] for finding in examine(environment(errors))]
    assert problems == ['torchvision', 'PIL', 'xtcocotools.coco', 'shapely']


def test_problems_stand_before_notes() -> None:
    findings = examine(environment({'mim': missing('mim')}, {'torch': '2.0.1'}))
    assert [finding.is_note for finding in findings] == [False, False, True]
    assert findings[0].remedy == 'pip install "torch>=2.1"'
    assert findings[2].remedy == 'pip install "torch>=2.6"'


# -------------------------------------------------------------------------------------------------
# One fact in one place


def requirements(name: str) -> dict[str, Requirement]:
    lines = (ROOT / 'requirements' / f'{name}.txt').read_text(encoding='utf-8').splitlines()
    parsed = [Requirement(line) for line in lines if line.strip() and not line.startswith('#')]
    return {each.name: each for each in parsed}


def test_pinned_versions_are_those_of_the_requirements() -> None:
    pinned = {Requirement(text).name: text for text in remedies.OPENMMLAB.values()}
    assert pinned == {name: str(each) for name, each in requirements('mminstall').items()}


def test_the_oldest_versions_are_those_that_the_package_requires() -> None:
    required = requirements('runtime')
    for name, below, last in (('torch', '2.0.99', '2.14.0'), ('numpy', '1.25.99', '2.99')):
        assert required[name].specifier.contains(TESTED[name][0]), name
        assert required[name].specifier.contains(last), name
        assert not required[name].specifier.contains(below), name
    assert required['opencv-python'].specifier.contains('5.0')


def test_the_range_of_python_is_that_of_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / 'setup.py').read_text(encoding='utf-8')
    required = SpecifierSet(re.search(r"python_requires='(.+)'", text).group(1))
    allowed = [f'3.{minor}' for minor in range(7, 20) if f'3.{minor}.0' in required]
    assert (allowed[0], allowed[-1]) == TESTED['python']


def test_readme_names_the_tested_range() -> None:
    text = ' '.join((ROOT / 'README.md').read_text(encoding='utf-8').split())
    for name, (oldest, newest) in TESTED.items():
        pattern = rf'\b{name} \(?{re.escape(oldest)} (to|and) {re.escape(newest)}\b'
        assert re.search(pattern, text, re.IGNORECASE), f'{name} {oldest} to {newest}'


# -------------------------------------------------------------------------------------------------
# The command


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    """Return a function that runs the doctor on given facts, with its status and output."""

    def run(facts: Facts, *arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(doctor, 'gather', lambda time_limit: facts)
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
    facts = environment({'mim': missing('mim')}, is_wheel=False)
    status, output = run(facts, '--json')
    report = json.loads(output)
    assert status == 1 and report['problems'] == 1
    assert [finding['is_note'] for finding in report['findings']] == [False, True]
    assert report['environment'] == json.loads(json.dumps(dataclasses.asdict(facts)))


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

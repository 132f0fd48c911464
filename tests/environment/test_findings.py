"""Everything that is wrong with an environment is found once, with its remedy, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from environment_samples import ANSWERS, CUDA, STAND_INS, environment, missing
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from mmpose_multilat.environment import remedies
from mmpose_multilat.environment.facts import LIBRARIES, STACK
from mmpose_multilat.environment.findings import TESTED, examine

ROOT = Path(__file__).parents[2]

NMS = 'RuntimeError: operator torchvision::nms does not exist'
ABI = 'ValueError: numpy.dtype size changed, may indicate binary incompatibility'
INCOMPATIBLE = 'AssertionError: MMCV==2.2.0 is used but incompatible.'


def failing(error: str, *modules: str) -> dict[str, str]:
    """Give modules the same error, in the order in which they are tried."""
    return {module: error for module in (*LIBRARIES, *STACK) if module in modules}


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

"""Everything is registered and guarded, whatever of this package or MMPose is imported first.

In this process MMEngine came first. The other orders are tried in processes that are copied from
one that has imported PyTorch and the like already, which takes most of the time.
"""

import os
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import pytest

import mmpose_multilat
from mmpose_multilat import registration
from mmpose_multilat.registration import AfterImport

ROOT = Path(__file__).parents[1]

FIRST = [
    'import mmpose_multilat',
    'import mmpose; import mmpose_multilat',
    'import mmpose_multilat; import mmengine.runner',
    'import mmpose_multilat; from mmpose.apis import init_model',
    'from mmpose_multilat import codecs',
    'from mmpose_multilat import models',
    'from mmpose_multilat import datasets',
    'from mmpose_multilat import evaluation',
    'from mmpose_multilat import engine',
    'from mmpose_multilat import checkpoint',
    'import mmpose_multilat; mmpose_multilat.protection',
    'from mmpose_multilat import unknown_names',
]

CHECK = """
from mmengine.registry import DefaultScope
from mmpose.registry import HOOKS, KEYPOINT_CODECS, METRICS, MODELS, TRANSFORMS
import mmpose_multilat, sys, torch
from mmengine import runner
for registry, name in (
    (HOOKS, 'HeatmapSizeHook'),
    (KEYPOINT_CODECS, 'POPoS'),
    (METRICS, 'FaceAlignmentMetric'),
    (MODELS, 'mmpose.FastHRNet'),
    (MODELS, 'HeatmapNormLoss'),
    (TRANSFORMS, 'RandomOcclusion'),
):
    assert registry.get(name).__module__.startswith('mmpose_multilat.'), name
assert HOOKS.get('CheckpointHook').__name__ == 'SafeCheckpointHook'
assert MODELS.get('HRNet').__module__.startswith('mmpose.')
try:
    KEYPOINT_CODECS.build(dict(type='KeyPoss'))
except KeyError as error:
    assert 'was KeyPosS meant?' in str(error), error
named = {str(each) for each in torch.serialization.get_safe_globals()}
assert any('_NumberType' in each for each in named), named
loading = sys.modules['mmengine.runner.checkpoint']
assert not hasattr(loading, '_safe_torch_load')
"""

SCRIPT = """
import os, sys, warnings
import cv2, matplotlib.pyplot, scipy.optimize, torch, torchvision
warnings.simplefilter('ignore')
known = set(sys.modules)
import mmpose_multilat.version
del sys.meta_path[0]  # the copies are to begin from the beginning
for name in set(sys.modules) - known:
    del sys.modules[name]
for first in FIRST:
    child = os.fork()
    if not child:
        status = 1
        try:
            exec(first)
            exec(CHECK)
            status = 0
        finally:
            sys.stderr.flush()
            if status:
                import traceback
                print(first, traceback.format_exc())
            sys.stdout.flush()
            os._exit(status)
    _, status = os.waitpid(child, 0)
    print(first, '->', status, flush=True)  # else copies would repeat it
"""


@pytest.mark.skipif(not hasattr(os, 'fork'), reason='needs copies of a process')
def test_every_order_of_imports() -> None:
    script = f'FIRST, CHECK = {FIRST!r}, {CHECK!r}\n{SCRIPT}'
    done = subprocess.run(
        [sys.executable, '-W', 'ignore', '-c', script], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    ends = done.stdout.splitlines()
    assert ends == [f'{first} -> 0' for first in FIRST], done.stdout + done.stderr


def test_nothing_heavy_is_imported_until_somebody_does() -> None:
    """Before MMPose the package is a name; a missing attribute stays one."""
    script = (
        'import sys, mmpose_multilat\n'
        "print({'torch', 'numpy', 'mmengine', 'mmpose'} & set(sys.modules))\n"
        "print(hasattr(mmpose_multilat, 'nonsense'), mmpose_multilat.__version__)\n"
    )
    done = subprocess.run([sys.executable, '-c', script], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.split('\n')[:2] == ['set()', f'False {mmpose_multilat.__version__}']


def test_a_broken_stack_is_told_with_its_remedy(monkeypatch) -> None:
    def fail() -> None:
        raise OSError('libcudart.so.12: cannot open shared object file')

    monkeypatch.setattr(registration, 'guard_checkpoints', fail)
    with pytest.raises(ImportError, match='because of OSError: libcudart.*tools.doctor` says what'):
        registration.register_now()


class OneModule:
    """Finds and loads one module without content."""

    def find_spec(self, name, path=None, target=None):
        return spec_from_loader(name, self) if name == 'found' else None

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        module.loads = getattr(module, 'loads', 0) + 1


def test_actions_follow_their_module_once(monkeypatch) -> None:
    calls = []
    finder = AfterImport(dict(found=lambda: calls.append('called'), other=calls.clear))
    monkeypatch.setattr(sys, 'meta_path', [finder, OneModule()])
    assert finder.find_spec('nobody') is finder.find_spec('other') is None
    for count in (1, 1):
        spec = finder.find_spec('found') if count > len(calls) else OneModule().find_spec('found')
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        assert module.loads == 1 and calls == ['called']
    assert finder in sys.meta_path and finder.find_spec('found') is None


def test_a_finder_that_waits_for_nothing_leaves(monkeypatch) -> None:
    finder = AfterImport(dict(found=lambda: None))
    monkeypatch.setattr(sys, 'meta_path', [finder, OneModule()])
    spec = finder.find_spec('found')
    spec.loader.exec_module(module_from_spec(spec))
    assert finder not in sys.meta_path

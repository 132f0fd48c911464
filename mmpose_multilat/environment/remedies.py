"""Commands that install what an environment lacks, to paste into a shell."""

from __future__ import annotations

from collections.abc import Sequence

from .facts import Facts, release

DOCTOR = 'python -m mmpose_multilat.tools.doctor'

OPENMMLAB = {
    'mmcv': 'mmcv-lite==2.1.0',
    'mmengine': 'mmengine==0.10.7',
    'mmdet': 'mmdet==3.2.0',
    'mmpose': 'mmpose==1.3.2',
    'mim': 'openmim==0.3.9',
}
"""Module -> what to install without its dependencies; requirements/mminstall.txt says the same."""

OTHER_NAMES = {
    'cv2': 'opencv-python',
    'opencv': 'opencv-python',
    'PIL': 'pillow',
    'mmpose_multilat': '.',
    'pkg_resources': 'setuptools<82',
    'yaml': 'pyyaml',
}
"""Module -> what to install, where it is not of the same name."""


def install(module: str, facts: Facts) -> str:
    """Return the command that installs a module in the version that fits."""
    if module == 'torchvision':
        # torch 2.0 came with torchvision 0.15. There is no CPU build, but MMPose does without the
        # operators of 0.16.2, which can be imported beside any CPU torch.
        minor = release(facts.versions.get('torch', '2.1'), '2.1')[1]
        is_cuda = facts.answers.get('torch', [None])[0]
        version = f'0.{minor + 15}.*' if is_cuda else '0.16.2'
        return f'pip install --no-deps "torchvision=={version}"'
    if module in OPENMMLAB:
        command = f'pip install --no-deps {OPENMMLAB[module]}'
        return f'{command} && {DOCTOR} --fix' if module == 'mmcv' else command
    return f'pip install "{OTHER_NAMES.get(module, module)}"'


def reinstall(modules: Sequence[str], facts: Facts) -> str:
    """Return the commands that lead back to the tested versions of packages of OpenMMLab."""
    rivals = {'mmcv': 'mmcv', 'mmengine': 'onedl-mmengine'}
    wrong = [
        name for module, name in rivals.items() if module in modules and name in facts.versions
    ]
    away = f'pip uninstall -y {" ".join(wrong)} && ' if wrong else ''
    packages = ' '.join(OPENMMLAB[module] for module in modules)
    fix = f' && {DOCTOR} --fix' if 'mmcv' in modules else ''
    return f'{away}pip install --force-reinstall --no-deps {packages}{fix}'

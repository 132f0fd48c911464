"""Build and install mmpose-multilat; see README.md for the order of the steps."""

import os
import re
import shutil
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent.resolve()
PACKAGE = 'mmpose_multilat'

# What mim looks for in the folder .mim of an installed package; it finds the tools in tools/.
MIM_CONTENT = ('configs', 'model-index.yml')


def read_version() -> str:
    """Read the version without importing the package, which would import torch."""
    text = (ROOT / PACKAGE / 'version.py').read_text(encoding='utf-8')
    match = re.search(r"^__version__ = '(.+)'$", text, flags=re.MULTILINE)
    if match is None:
        raise ValueError(f'{PACKAGE}/version.py has no line __version__ = ...')
    return match.group(1)


def read_requirements(name: str) -> list[str]:
    """Read requirements/NAME.txt, without comments and empty lines."""
    lines = (ROOT / 'requirements' / f'{name}.txt').read_text(encoding='utf-8').splitlines()
    requirements = (line.split('#')[0].strip() for line in lines)
    return [requirement for requirement in requirements if requirement]


def remove(path: Path) -> None:
    """Remove a file, a link or a folder, if there is one."""
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.is_dir():
        shutil.rmtree(path)


def copy(source: Path, target: Path) -> None:
    """Copy a file or a folder."""
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns('__pycache__'))
    else:
        shutil.copyfile(source, target)


def add_mim_content(package: Path, link: bool) -> None:
    """Put what mim looks for into the folder .mim of a package.

    Args:
        package: Folder of the package, in the build directory or in the source tree.
        link: Whether to link to the originals, so that an editable installation sees every
            change. Where the system allows no links they are copied.
    """
    folder = package / '.mim'
    folder.mkdir(parents=True, exist_ok=True)
    for name in MIM_CONTENT:
        source, target = ROOT / name, folder / name
        remove(target)
        if link:
            try:
                os.symlink(source, target, target_is_directory=source.is_dir())
                continue
            except OSError:
                print(f'No links possible here, copying {name} to {target}')
        copy(source, target)


class BuildWithMim(build_py):
    """Copy the configs into what is built; link to them for an editable installation.

    pip builds wheels and editable installations alike through this command.
    """

    def run(self) -> None:
        """Build the modules, then add the folder .mim."""
        super().run()
        if getattr(self, 'editable_mode', False):
            add_mim_content(ROOT / PACKAGE, link=True)
        else:
            add_mim_content(Path(self.build_lib) / PACKAGE, link=False)


if __name__ == '__main__':
    setup(
        name='mmpose-multilat',
        version=read_version(),
        description='Accurate facial landmarks from small heatmaps: multilateration for MMPose.',
        long_description=(ROOT / 'README.md').read_text(encoding='utf-8'),
        long_description_content_type='text/markdown',
        license='Apache-2.0',
        keywords='facial landmark detection, heatmap, multilateration, mmpose',
        packages=find_packages(include=[PACKAGE, f'{PACKAGE}.*']),
        include_package_data=True,
        python_requires='>=3.10,<3.14',
        install_requires=read_requirements('runtime'),
        extras_require={
            'data': read_requirements('data'),
            'deploy': read_requirements('deploy'),
            'tests': read_requirements('tests'),
        },
        classifiers=[
            'Intended Audience :: Science/Research',
            'Operating System :: OS Independent',
            'Programming Language :: Python :: 3',
            'Topic :: Scientific/Engineering :: Image Recognition',
        ],
        cmdclass={'build_py': BuildWithMim},
        zip_safe=False,
    )

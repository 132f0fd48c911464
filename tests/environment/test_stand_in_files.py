"""Stand-ins are placed where needed, never over anything else, and removed without trace."""

from __future__ import annotations

import importlib.util
import py_compile
import shutil
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest

from mmpose_multilat.environment import stand_in_files
from mmpose_multilat.environment.stand_in_files import (
    COMPANIONS,
    TEMPLATES,
    is_ours,
    place,
    provider,
    remove,
    state,
    template,
)

OPERATORS, COCO = 'mmcv._ext', 'xtcocotools'
OLDER = f'"""Stand-in for something, {stand_in_files.MARK}."""\n\nold = True\n'
each_stand_in = pytest.mark.parametrize('module', TEMPLATES)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment of mmcv-lite and pycocotools only, neither of which can be imported."""
    for package in COMPANIONS.values():
        (tmp_path / package).mkdir()
        (tmp_path / package / '__init__.py').write_text('raise SystemExit\n', encoding='utf-8')
    names = (*COMPANIONS.values(), COCO, f'{COCO}.py')
    others = [
        entry for entry in sys.path if not any((Path(entry) / name).exists() for name in names)
    ]
    monkeypatch.setattr(sys, 'path', [str(tmp_path), *others])
    return tmp_path


def expected_path(site: Path, module: str) -> Path:
    return site / {OPERATORS: 'mmcv/_ext.py', COCO: 'xtcocotools.py'}[module]


def content(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob('*') if path.is_file()}


@each_stand_in
def test_a_missing_module_gets_its_stand_in_and_loses_it(site: Path, module: str) -> None:
    before = content(site)
    assert state(module) == 'missing' and provider(module) is None
    path = place(module)
    assert path == expected_path(site, module) == provider(module)
    assert path.read_bytes() == template(module).read_bytes()
    assert state(module) == 'stand-in'
    assert place(module) is None
    py_compile.compile(str(path))  # as importing it would
    assert remove(module) == [path]
    assert content(site) == before
    assert state(module) == 'missing'
    assert remove(module) == []


@each_stand_in
def test_each_is_placed_for_itself(site: Path, module: str) -> None:
    place(module)
    assert [name for name in TEMPLATES if state(name) == 'stand-in'] == [module]


@each_stand_in
def test_an_older_stand_in_is_replaced(site: Path, module: str) -> None:
    path = expected_path(site, module)
    path.write_text(OLDER, encoding='utf-8')
    assert state(module) == 'older stand-in'
    assert place(module) == path
    assert state(module) == 'stand-in'


@each_stand_in
def test_a_foreign_file_stays(site: Path, module: str) -> None:
    path = expected_path(site, module)
    path.write_text('"""Something else."""\n', encoding='utf-8')
    before = content(site)
    assert state(module) == 'installed'
    assert place(module) is None and remove(module) == []
    assert content(site) == before


def test_a_mark_below_the_first_line_makes_no_stand_in(tmp_path: Path) -> None:
    (tmp_path / 'module.py').write_text(f'"""Mine."""\n# {stand_in_files.MARK}\n', encoding='utf-8')
    assert not is_ours(tmp_path / 'module.py')
    assert not is_ours(tmp_path / 'absent.py')
    assert all(is_ours(template(module)) for module in TEMPLATES)


@pytest.mark.parametrize('suffix', EXTENSION_SUFFIXES)
def test_compiled_operators_come_before_the_stand_in(site: Path, suffix: str) -> None:
    compiled = site / 'mmcv' / f'_ext{suffix}'
    compiled.write_bytes(b'compiled')
    assert state(OPERATORS) == 'installed'
    assert place(OPERATORS) is None
    stand_in = site / 'mmcv' / '_ext.py'
    shutil.copy(template(OPERATORS), stand_in)  # placed before mmcv was compiled
    assert provider(OPERATORS) == compiled
    assert state(OPERATORS) == 'installed'
    assert remove(OPERATORS) == [stand_in]
    assert compiled.exists()


def test_an_installed_xtcocotools_comes_before_the_stand_in(site: Path) -> None:
    place(COCO)
    (site / COCO).mkdir()
    (site / COCO / '__init__.py').touch()
    assert provider(COCO) == site / COCO / '__init__.py'
    assert state(COCO) == 'installed'
    assert place(COCO) is None
    assert remove(COCO) == [site / 'xtcocotools.py']


@each_stand_in
def test_nothing_is_placed_without_what_it_goes_with(site: Path, module: str) -> None:
    shutil.rmtree(site / COMPANIONS[module])
    importlib.invalidate_caches()
    assert state(module) == 'missing'
    assert place(module) is None
    (site / COMPANIONS[module]).mkdir()  # an empty folder of the name is no installation
    importlib.invalidate_caches()
    assert place(module) is None
    assert content(site / COMPANIONS[module]) == {}


def test_what_mmcv_leaves_behind_is_cleared_away(site: Path) -> None:
    """pip removes the files that it has installed, and no other."""
    path = place(OPERATORS)
    py_compile.compile(str(path))
    (site / 'mmcv' / '__init__.py').unlink()
    importlib.invalidate_caches()
    assert state(OPERATORS) == 'left over'
    assert place(OPERATORS) is None
    assert remove(OPERATORS) == [path]
    assert not (site / 'mmcv').exists()


def test_what_pycocotools_leaves_behind_is_cleared_away(site: Path) -> None:
    path = place(COCO)
    shutil.rmtree(site / 'pycocotools')
    importlib.invalidate_caches()
    assert state(COCO) == 'left over'
    assert remove(COCO) == [path]


def test_modules_that_this_process_has_imported_do_not_matter(site: Path) -> None:
    assert 'mmcv' in sys.modules
    assert stand_in_files.find('mmcv').origin == str(site / 'mmcv' / '__init__.py')
    assert stand_in_files.find('no_such_package') is None

"""What is built from the tree: a wheel that mim finds its way in, and a complete source archive."""

import os
import re
import runpy
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
import yaml
from mim.commands.search import convert2df, filter_by_training_datasets
from mmengine import Config
from modelindex.load_model_index import load as load_model_index

ROOT = Path(__file__).parents[1]
BUILD_FILES = ('setup.py', 'MANIFEST.in', 'README.md', 'pyproject.toml', 'LICENSE')
PACKAGED = ('model-index.yml', 'configs', 'requirements', 'mmpose_multilat')

LEAVES = sorted(ROOT.glob('configs/face_2d_keypoint/*/*/*.py'))
SIZES = re.compile(r'-\d+x\d+-hm(\d+)(?:\.py)?$')
"""How names of configs end: the input in px, cells along a side of the heatmap."""
METAFILES = sorted(ROOT.glob('configs/**/metafile.yml'))


def relative(paths) -> set:
    """Paths from the root of the repository, with slashes."""
    return {path.relative_to(ROOT).as_posix() for path in paths}


def files(folder: str, pattern: str) -> set:
    return {path for path in relative((ROOT / folder).rglob(pattern)) if '/.' not in path}


@pytest.fixture(scope='module')
def tree(tmp_path_factory) -> Path:
    """A copy of the source tree, so that building leaves nothing behind."""
    copy = tmp_path_factory.mktemp('tree')
    for name in BUILD_FILES:
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, copy)
    for name in PACKAGED:
        if (ROOT / name).is_file():
            shutil.copy(ROOT / name, copy)
        else:
            shutil.copytree(
                ROOT / name, copy / name, ignore=shutil.ignore_patterns('.mim', '__pycache__')
            )
    return copy


def run_setup(tree: Path, *arguments: str) -> None:
    """Run setup.py in the copy, with what it says in the message if it fails."""
    done = subprocess.run(
        [sys.executable, '-W', 'ignore', 'setup.py', '-q', *arguments],
        cwd=tree,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope='module')
def wheel(tree) -> zipfile.ZipFile:
    run_setup(tree, 'bdist_wheel', '-d', 'wheel')
    (path,) = (tree / 'wheel').glob('*.whl')
    assert path.name.startswith('mmpose_multilat-')
    with zipfile.ZipFile(path) as archive:
        yield archive


def test_setup_reads_the_version_without_importing_the_package():
    check = 'import setup, sys; print(setup.read_version()); print("torch" in sys.modules)'
    done = subprocess.run(
        [sys.executable, '-W', 'ignore', '-c', check],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, 'PYTHONDONTWRITEBYTECODE': '1'},
    )
    version = runpy.run_path(str(ROOT / 'mmpose_multilat' / 'version.py'))['__version__']
    assert done.stdout.split() == [version, 'False'], done.stderr


def test_wheel_has_every_module(wheel):
    """A folder without __init__.py would be left out silently."""
    assert files('mmpose_multilat', '*.py') <= set(wheel.namelist())


def test_wheel_has_what_mim_looks_for(wheel):
    prefix = 'mmpose_multilat/.mim/'
    found = {name[len(prefix) :] for name in wheel.namelist() if name.startswith(prefix)}
    expected = files('configs', '*.py') | files('configs', '*.yml') | files('configs', '*.md')
    assert found == expected | {'model-index.yml'}
    assert sum(bool(SIZES.search(name)) for name in found) == len(LEAVES)


def test_wheel_has_nothing_else_at_its_top(wheel):
    tops = {name.split('/')[0] for name in wheel.namelist()}
    assert len(tops) == 2 and 'mmpose_multilat' in tops


def test_every_config_resolves_from_the_wheel(wheel, tmp_path):
    wheel.extractall(tmp_path)
    configs = sorted(tmp_path.glob('mmpose_multilat/.mim/configs/face_2d_keypoint/*/*/*.py'))
    assert len(configs) == len(LEAVES)
    for path, original in zip(configs, LEAVES):
        unpacked = Config.fromfile(path, import_custom_modules=False)
        if path.stem.endswith('hm4'):
            expected = Config.fromfile(original, import_custom_modules=False)
            assert unpacked.to_dict() == expected.to_dict()


def test_wheel_requires_what_the_requirements_say(wheel):
    (name,) = (name for name in wheel.namelist() if name.endswith('.dist-info/METADATA'))
    lines = wheel.read(name).decode().splitlines()
    required = [
        line for line in lines if line.startswith('Requires-Dist') and 'extra ==' not in line
    ]
    assert any('torch' in line for line in required)
    assert not any('mmpose' in line for line in required)
    assert {line.split(': ')[1] for line in lines if line.startswith('Provides-Extra')} == {
        'data',
        'deploy',
        'tests',
    }


def test_a_wheel_can_be_built_from_the_source_archive(tree, wheel, tmp_path):
    run_setup(tree, 'sdist', '-d', 'archive')
    (path,) = (tree / 'archive').glob('*.tar.gz')
    with tarfile.open(path) as archive:
        archive.extractall(tmp_path)
    (unpacked,) = tmp_path.iterdir()
    assert not (unpacked / 'mmpose_multilat' / '.mim').exists()
    run_setup(unpacked, 'bdist_wheel', '-d', 'wheel')
    (rebuilt,) = (unpacked / 'wheel').glob('*.whl')
    with zipfile.ZipFile(rebuilt) as archive:
        assert set(archive.namelist()) == set(wheel.namelist())


def test_editable_installation_links_to_the_configs(tree, wheel):
    run_setup(tree, 'editable_wheel', '-d', 'editable')
    folder = tree / 'mmpose_multilat' / '.mim'
    assert (folder / 'configs').samefile(tree / 'configs')
    assert (folder / 'model-index.yml').samefile(tree / 'model-index.yml')
    # A second time, over the links of the first.
    run_setup(tree, 'editable_wheel', '-d', 'editable')
    assert (tree / 'configs' / '_base_').is_dir()


def test_content_is_copied_where_no_links_are_possible(tree, tmp_path, monkeypatch):
    monkeypatch.chdir(tree)
    monkeypatch.syspath_prepend(str(tree))
    monkeypatch.delitem(sys.modules, 'setup', raising=False)
    import setup

    def refuse(*_, **__):
        raise OSError

    monkeypatch.setattr(os, 'symlink', refuse)
    setup.add_mim_content(tmp_path, link=True)
    monkeypatch.delitem(sys.modules, 'setup')
    assert (tmp_path / '.mim' / 'model-index.yml').is_file()
    assert not (tmp_path / '.mim' / 'configs').is_symlink()
    assert len(list((tmp_path / '.mim' / 'configs').glob('face_2d_keypoint/*/*/*.py'))) == len(
        LEAVES
    )


def test_model_index_names_every_metafile():
    imports = yaml.safe_load((ROOT / 'model-index.yml').read_text(encoding='utf-8'))['Import']
    assert len(imports) == len(set(imports))
    assert set(imports) == relative(METAFILES)


def test_model_index_is_valid_for_mim(monkeypatch):
    monkeypatch.chdir(ROOT)
    index = load_model_index(str(ROOT / 'model-index.yml'))
    index.build_models_with_collections()
    problems = [*index.check_errors]
    for entry in [*index.collections, *index.models]:
        problems += entry.check_errors
    assert not problems
    assert len(index.models) == len(LEAVES)


def test_every_config_is_in_one_metafile():
    models = [
        model
        for path in METAFILES
        for model in yaml.safe_load(path.read_text(encoding='utf-8'))['Models']
    ]
    listed = [model['Config'] for model in models]
    assert len(listed) == len(set(listed))
    assert set(listed) == relative(LEAVES)
    assert all(Path(model['Config']).stem == model['Name'] for model in models)


@pytest.mark.parametrize('path', METAFILES, ids=lambda path: path.parent.name)
def test_a_metafile_is_that_of_its_algorithm_and_claims_no_result(path):
    """Results in a metafile are measured with its config; published ones stand in README.md."""
    content = yaml.safe_load(path.read_text(encoding='utf-8'))
    (collection,) = content['Collections']
    for model in content['Models']:
        assert model['In Collection'] == collection['Name']
        assert path.parent == (ROOT / model['Config']).parents[1]
        assert 'Results' not in model


def test_mim_finds_every_config_by_its_dataset(monkeypatch):
    """The table behind `mim search`, which has what it finds in small letters."""
    monkeypatch.chdir(ROOT)
    table = convert2df(load_model_index('model-index.yml'))
    assert set(table['config']) == relative(LEAVES)
    for folder in {path.parent.name for path in LEAVES}:
        found = filter_by_training_datasets(table, [folder.replace('_', '-')])
        assert set(found['config']) == relative(
            ROOT.glob(f'configs/face_2d_keypoint/*/{folder}/*.py')
        )
    for name, size in table['heatmap_size'].items():
        assert SIZES.search(name)[1] == size.partition('x')[0]
    assert table['architecture'].notna().all()


@pytest.mark.parametrize('algorithm', ['keyposs', 'popos'])
def test_readme_lists_every_config(algorithm):
    folder = ROOT / 'configs' / 'face_2d_keypoint' / algorithm
    text = (folder / 'README.md').read_text(encoding='utf-8')
    configs = [path for path in LEAVES if path.parent.parent == folder]
    assert len(configs) >= 25
    for path in configs:
        assert f'[{path.stem}]({path.relative_to(folder).as_posix()})' in text

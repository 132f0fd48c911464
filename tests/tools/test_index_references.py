"""The command that indexes reference faces: what it writes, for which test sets, and refusals."""

import pytest
from reference_samples import TEST, TRAIN, copied, dataset_of, settings_of

from mmpose_multilat.datasets import ReferenceFaces
from mmpose_multilat.datasets.references import read_index
from mmpose_multilat.tools.index_references import main

NAME = 'face_landmarks_300w_valid_by_face_landmarks_300w_train.json'


@pytest.fixture
def folder(drawn_faces, tmp_path):
    return copied(drawn_faces, tmp_path)


def config_file(tmp_path, folder, reference=None, test=None):
    """A config with one test set for validation and another for testing."""
    steps = [dict(type='LoadImage')]
    if reference is not None:
        steps.append(dict(type='AddReference', **reference))
    loaders = [dict(dataset=settings_of(folder, 'valid', pipeline=steps))]
    loaders.append(test(loaders[0]) if test else loaders[0])
    path = tmp_path / 'config.py'
    names = ('val_dataloader', 'test_dataloader')
    path.write_text('\n'.join(f'{name} = {loader!r}' for name, loader in zip(names, loaders)))
    return str(path)


def train_faces(folder):
    return dict(reference='correlated', dataset=settings_of(folder))


def test_it_writes_the_index_that_the_pipeline_reads(folder, tmp_path, capsys):
    config = config_file(tmp_path, folder, train_faces(folder))
    assert main([config, '--workers', '2']) == 0
    path = folder / 'references' / NAME
    index = read_index(path, ReferenceFaces(dataset_of(folder)))
    assert set(index.faces) == set(ReferenceFaces(dataset_of(folder, 'valid')).keys)
    printed = capsys.readouterr().out
    assert printed.count(f'{TEST} faces, {TRAIN} references: {path}') == 1
    assert 'comparing faces' in printed


def test_each_test_set_has_its_index(folder, tmp_path):
    def of_train(loader):
        return dict(dataset={**loader['dataset'], **settings_of(folder)})

    config = config_file(tmp_path, folder, train_faces(folder), of_train)
    assert main([config, '--workers', '1']) == 0
    names = {path.name for path in (folder / 'references').iterdir()}
    assert names == {NAME, NAME.replace('valid', 'train')}


def test_one_file_for_two_test_sets_is_refused(folder, tmp_path, capsys):
    def of_train(loader):
        return dict(dataset={**loader['dataset'], **settings_of(folder)})

    reference = dict(**train_faces(folder), index=str(tmp_path / 'index.json'))
    assert main([config_file(tmp_path, folder, reference, of_train)]) == 2
    assert 'leave out `index`' in capsys.readouterr().err


def test_options_change_the_config(folder, tmp_path):
    config = config_file(tmp_path, folder, train_faces(folder))
    key = 'dataset.ann_file=annotations/face_landmarks_300w_train.json'
    options = [f'{loader}.{key}' for loader in ('val_dataloader', 'test_dataloader')]
    assert main([config, '--workers', '1', '--cfg-options', *options]) == 0
    assert (folder / 'references' / NAME.replace('valid', 'train')).exists()


def test_a_config_without_references_is_refused(folder, tmp_path, capsys):
    assert main([config_file(tmp_path, folder)]) == 2
    assert "has no dict(type='AddReference'" in capsys.readouterr().err


def test_a_dataset_that_is_missing_is_named(folder, tmp_path, capsys):
    config = config_file(tmp_path, folder, dict(dataset=settings_of(tmp_path / 'nowhere')))
    assert main([config]) == 2
    assert 'nowhere' in capsys.readouterr().err


def test_no_thread_is_too_few(capsys):
    assert main(['config.py', '--workers', '0']) == 2
    assert '--workers 0 must be at least 1' in capsys.readouterr().err

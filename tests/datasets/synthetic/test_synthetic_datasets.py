"""Which faces go into which file."""

import pytest

from mmpose_multilat.datasets.synthetic import CURVE_SAMPLES, SYNTHETIC_DATASETS
from mmpose_multilat.datasets.synthetic.synthetic_datasets import split_of
from mmpose_multilat.landmarks import SCHEMES

every_dataset = pytest.mark.parametrize('name', SYNTHETIC_DATASETS)


def holding(name, split, subsets=()):
    dataset = SYNTHETIC_DATASETS[name]
    return [file.name for file in dataset.files if dataset.holds(file, split, subsets)]


def test_every_scheme_can_be_drawn():
    assert list(CURVE_SAMPLES) == list(SCHEMES)
    for name, rule in CURVE_SAMPLES.items():
        assert sum(len(indices) for _, indices in rule) == SCHEMES[name].num_landmarks


@every_dataset
def test_training_faces_stand_in_the_last_file_alone(name):
    files = SYNTHETIC_DATASETS[name].files
    assert holding(name, 'train') == [files[-1].name]
    assert [split_of(file) for file in files] == ['test'] * (len(files) - 1) + ['train']


@every_dataset
def test_subsets_are_written_before_the_main_files(name):
    dataset = SYNTHETIC_DATASETS[name]
    are_subsets = [file.subset is not None for file in dataset.files]
    assert are_subsets == sorted(are_subsets, reverse=True)
    assert set(dataset.main_files) == {file for file in dataset.files if file.subset is None}


def test_test_faces_stand_in_the_files_of_their_subsets():
    test, blur = 'face_landmarks_wflw_test.json', 'face_landmarks_wflw_test_blur.json'
    assert holding('wflw', 'test') == [test]
    assert holding('wflw', 'test', {'blur', 'common'}) == [blur, test]


def test_test_faces_stand_for_the_private_ones_of_300w_too():
    common, challenge, test, valid = (
        f'face_landmarks_300w_{part}.json'
        for part in ('valid_common', 'valid_challenge', 'test', 'valid')
    )
    assert holding('300w', 'test', {'common'}) == [common, test, valid]
    assert holding('300w', 'test', {'challenging', 'blur'}) == [challenge, test, valid]


def test_test_faces_are_those_to_validate_where_there_is_another_split_for_it():
    assert holding('lapa', 'test') == ['lapa_test.json', 'lapa_val.json']

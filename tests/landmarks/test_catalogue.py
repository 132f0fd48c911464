"""The datasets against MMPose's own facts and against lists written by hand."""

import math
from pathlib import Path

import pytest
from mmengine.config import Config
from mmpose.registry import DATASETS as MMPOSE

from mmpose_multilat.landmarks import DATASETS, SCHEMES, dataset_of

ROOT = Path(__file__).parents[2]
CONFIGS = sorted(
    path for path in ROOT.glob('configs/_base_/datasets/*.py') if path.stem != 'face_256x256'
)
# MMPose's class for the files -> name of its metainfo.
CLASSES = {
    'wflw': ('WFLWDataset', 'wflw'),
    '300w': ('Face300WDataset', '300w'),
    '300wlp': ('Face300WLPDataset', '300wlp'),
    'cofw': ('COFWDataset', 'cofw'),
    'cofw68': ('Face300WDataset', '300w'),
    'aflw': ('AFLWDataset', 'aflw'),
    'coco_wholebody_face': ('CocoWholeBodyFaceDataset', 'coco_wholebody_face'),
    'lapa': ('LapaDataset', 'lapa'),
    'jd_landmark': ('LapaDataset', 'lapa'),
}
TEST_SETS = {
    'wflw': {
        None: 2500,
        'pose': 326,
        'expression': 314,
        'illumination': 698,
        'makeup': 206,
        'occlusion': 736,
        'blur': 773,
    },
    '300w': {None: 689, 'common': 554, 'challenging': 135, 'private': 600},
    '300wlp': {},
    'cofw': {None: 507},
    'cofw68': {None: 507},
    'aflw': {None: 4386, 'frontal': 1314},
    'coco_wholebody_face': {None: None},
    'lapa': {None: 2000},
    'jd_landmark': {None: 2000},
}

every_dataset = pytest.mark.parametrize('name', DATASETS)


@every_dataset
def test_landmarks_and_names_are_those_of_mmpose(name):
    kind, metainfo = CLASSES[name]
    facts = MMPOSE.build(dict(type=kind, lazy_init=True)).metainfo
    assert facts['dataset_name'] == metainfo
    assert facts['num_keypoints'] == DATASETS[name].scheme.num_landmarks
    assert DATASETS[name].scheme is DATASETS[metainfo].scheme


@every_dataset
def test_test_sets_have_their_official_number_of_faces(name):
    files = DATASETS[name].test_files
    assert {subset: file.faces for subset, file in files.items()} == TEST_SETS[name]


def test_counts_add_up():
    faces = {file.name: file.faces for each in DATASETS.values() for file in each.files}
    assert faces['face_landmarks_300w_train.json'] == 337 + 2000 + 811
    assert faces['face_landmarks_300w_valid.json'] == 554 + 135 == 330 + 224 + 135
    assert faces['lapa_trainval.json'] == faces['lapa_train.json'] + faces['lapa_val.json']
    aflw = faces['face_landmarks_aflw_train.json'] + faces['face_landmarks_aflw_test.json']
    assert aflw == 24386
    # A public log of AFLW states a failure rate of 0.0022831 for its frontal faces, which is 3 of
    # them.
    assert math.isclose(faces['face_landmarks_aflw_test_frontal.json'] * 0.0022831, 3, rel_tol=1e-4)


def test_no_file_is_listed_twice():
    names = [file.name for each in DATASETS.values() for file in each.files]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize('path', CONFIGS, ids=lambda path: path.stem)
def test_the_configs_name_the_same_landmarks_files_subsets_and_normalisers(path):
    config = Config.fromfile(path)
    facts = MMPOSE.build(dict(type=config.dataset_type, lazy_init=True)).metainfo
    dataset = DATASETS[facts['dataset_name']]
    assert (config.scheme, config.num_landmarks) == (
        dataset.scheme.name,
        dataset.scheme.num_landmarks,
    )
    loaders = {'train': config.train_dataloader, dataset.test: config.test_dataloader}
    for split, loader in loaders.items():
        file, settings = dataset.file(split), loader.dataset
        assert settings.data_root == f'data/{dataset.folder}/'
        assert settings.ann_file == f'annotations/{file.name}'
        assert settings.data_prefix.img == file.image_prefix
    evaluator = config.test_evaluator
    assert tuple(evaluator.normalisers) == dataset.normalisers
    rules = {subset: rule.get('ann_file') for subset, rule in evaluator.get('subsets', {}).items()}
    assert {subset: name for subset, name in rules.items() if name} == {
        file.subset: file.name
        for file in dataset.files
        if file.subset is not None and file.splits == {dataset.test}
    }


@every_dataset
def test_a_subset_is_found_in_its_split_only(name):
    dataset = DATASETS[name]
    for file in dataset.files:
        if len(file.splits) == 1:
            (split,) = file.splits
            assert dataset.file(split, file.subset) is file
    with pytest.raises(KeyError, match=f"{name} has no file of split 'nowhere'"):
        dataset.file('nowhere')


@every_dataset
def test_the_first_normaliser_is_the_usual_one(name):
    assert DATASETS[name].normalisers[0] == ('box_side' if name == 'aflw' else 'ocular')


@every_dataset
def test_a_dataset_is_found_by_its_name_and_number_of_landmarks(name):
    assert dataset_of(name, DATASETS[name].scheme.num_landmarks) is DATASETS[name]


@pytest.mark.parametrize(('name', 'landmarks'), [('mine', 68), ('300w', 98), ('', 5)])
def test_an_unknown_dataset_has_no_facts(name, landmarks):
    dataset = dataset_of(name, landmarks)
    assert (dataset.name, dataset.scheme.num_landmarks) == (name, landmarks)
    assert dataset.scheme.name == '' and dataset.scheme not in SCHEMES.values()
    assert dataset.scheme.eyes is None and dataset.scheme.pupils is None
    assert dataset.normalisers == ('ocular',) and not dataset.tells_occlusion

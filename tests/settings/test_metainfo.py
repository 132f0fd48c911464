"""Landmarks are those of the checkpoint, else those of the config, else unknown: never a body's."""

import copy

import pytest
from mmpose.datasets.datasets import CocoDataset, Face300WDataset
from mmpose.datasets.datasets.utils import parse_pose_metainfo
from settings.config_samples import WRAPPERS, faces

from mmpose_multilat.settings import flip_partners, metainfo_of
from mmpose_multilat.settings.metainfo import LOADERS

JAW = 17
"""Landmarks, as many as those of COCO's body."""

RAW = dict(
    dataset_name='jaw',
    keypoint_info={
        place: dict(name=f'k{place}', id=place, swap=f'k{JAW - 1 - place}') for place in range(JAW)
    },
    skeleton_info={},
    joint_weights=[1.0] * JAW,
    sigmas=[],
)
PARSED = parse_pose_metainfo(copy.deepcopy(RAW))
MIRRORED = list(range(JAW))[::-1]

CONFIG = dict(train_dataloader=dict(dataset=faces()))


def checkpoint(meta):
    return dict(state_dict={}, meta=dict(dataset_meta=meta))


@pytest.mark.parametrize(
    'meta',
    [
        PARSED,
        {key.upper(): value for key, value in PARSED.items()},
        RAW,
        [PARSED],
        (dict(classes=('face',)), PARSED),
        dict(flip_indices=tuple(map(float, MIRRORED))),
    ],
)
def test_the_checkpoint_comes_first(meta):
    assert flip_partners(metainfo_of(checkpoint(copy.deepcopy(meta)), CONFIG)) == MIRRORED


@pytest.mark.parametrize(
    'content',
    [
        {},
        dict(state_dict={}, meta=None),
        checkpoint(None),
        checkpoint([]),
        checkpoint(dict(CLASSES=('face',))),
        checkpoint(dict(from_file='configs/_base_/datasets/coco.py', keypoint_info={})),
    ],
)
def test_then_comes_the_config(content):
    assert metainfo_of(content, CONFIG)['dataset_name'] == '300w'


@pytest.mark.parametrize('wrapper', WRAPPERS)
@pytest.mark.parametrize('loader', LOADERS)
def test_of_any_loader_and_wrapper(loader, wrapper):
    config = {loader: dict(dataset=WRAPPERS[wrapper](faces()))}
    assert metainfo_of({}, config)['dataset_name'] == '300w'


def test_what_the_training_set_says_counts_before_the_test_set():
    config = dict(test_dataloader=dict(dataset=dict(type='CocoDataset')), **CONFIG)
    assert metainfo_of({}, config)['dataset_name'] == '300w'


class Jaws(Face300WDataset):
    METAINFO = RAW


@pytest.mark.parametrize(
    'settings, name',
    [
        (dict(type='mmpose.datasets.datasets.WFLWDataset'), 'wflw'),
        (
            dict(type='WFLWDataset', metainfo=dict(from_file='configs/_base_/datasets/300w.py')),
            '300w',
        ),
        (dict(type='WFLWDataset', metainfo=copy.deepcopy(RAW)), 'jaw'),
        (dict(type=Jaws), 'jaw'),
        (dict(type='ConcatDataset', datasets=[dict(type=Jaws), dict(type=CocoDataset)]), 'jaw'),
    ],
)
def test_metainfo_of_a_dataset_and_its_class(settings, name):
    assert metainfo_of({}, dict(train_dataloader=dict(dataset=settings)))['dataset_name'] == name


def test_a_loader_that_says_nothing_is_passed_over():
    broken = dict(type='WFLWDataset', metainfo=dict(from_file='nowhere/none.py'))
    config = dict(CONFIG, train_dataloader=dict(dataset=broken), val_dataloader=None)
    config['test_dataloader'] = CONFIG['train_dataloader']
    assert metainfo_of({}, config)['dataset_name'] == '300w'
    del config['test_dataloader']
    with pytest.raises(ValueError, match='train_dataloader: FileNotFoundError: .*none.py'):
        metainfo_of({}, config)


@pytest.mark.parametrize(
    'config', [{}, dict(train_dataloader=dict(dataset=dict(type='Nope')), test_dataloader=None)]
)
def test_without_either_nothing_is_assumed(config):
    found = metainfo_of({}, config)
    assert found == {}
    with pytest.raises(ValueError, match=r'neither the checkpoint \(meta.*nor the config .*test_d'):
        flip_partners(found)

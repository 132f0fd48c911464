from types import SimpleNamespace

import pytest
from mmengine.config import Config
from mmengine.dataset import Compose
from mmpose.datasets.transforms import LoadImage, TopdownAffine
from settings.config_samples import WRAPPERS, faces, pipeline

from mmpose_multilat.settings import pipelines_of, plain_datasets, plain_settings, transforms_of

ONE = faces(pipeline=pipeline())


@pytest.mark.parametrize('wrapper', WRAPPERS)
def test_the_plain_dataset_and_its_pipeline_are_found(wrapper):
    config = Config(dict(test_dataloader=dict(dataset=WRAPPERS[wrapper](ONE))))
    loader = config.test_dataloader
    ((place, plain),) = plain_settings(loader.dataset, 'test_dataloader.dataset').items()
    config.merge_from_dict({f'{place}.data_root': 'elsewhere'}, allow_list_keys=True)
    (changed,) = plain_settings(config.test_dataloader.dataset, '').values()
    assert changed == dict(plain, data_root='elsewhere')
    ((same, steps),) = pipelines_of(config).items()
    assert same == place
    assert [each for each in steps if each['type'] != 'KeypointConverter'] == pipeline()


def test_keys_of_several_are_those_of_the_command_line():
    inner = dict(type='RepeatDataset', dataset=ONE)
    found = plain_settings(dict(type='ConcatDataset', datasets=[ONE, inner]), 'loader.dataset')
    assert list(found) == ['loader.dataset.datasets.0', 'loader.dataset.datasets.1.dataset']


@pytest.mark.parametrize('config', [{}, dict(test_dataloader=None), dict(test_dataloader={})])
def test_without_test_set(config):
    assert pipelines_of(config) == {}


def test_transforms_of_built_datasets_inside_wrappers_of_both_kinds():
    inner = [LoadImage(), dict(type='RandomApply', transforms=[TopdownAffine((8, 8))], prob=1.0)]
    leaf = SimpleNamespace(pipeline=Compose(inner))
    combined = SimpleNamespace(datasets=[leaf], pipeline=Compose([LoadImage()]))
    repeated = SimpleNamespace(dataset=combined)
    kinds = [type(each) for each in transforms_of(repeated)]
    assert kinds.count(LoadImage) == 2 and kinds.count(TopdownAffine) == 1
    assert list(plain_datasets(repeated)) == [leaf]

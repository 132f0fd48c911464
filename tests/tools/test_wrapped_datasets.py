"""Every tool takes the datasets that `mim test` takes, and reads checkpoint and config alike."""

import copy
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config, ConfigDict
from mmpose.datasets import transforms
from mmpose.datasets.datasets.utils import parse_pose_metainfo
from mmpose.evaluation.metrics import NME
from one_answer import CASES, FACES, write_faces, write_network
from settings.config_samples import SPELLINGS, WRAPPERS

from mmpose_multilat.analysis import compare_decoders, measure_residuals
from mmpose_multilat.analysis.benchmarking.description import _facts_of_test_set
from mmpose_multilat.analysis.benchmarking.setup import prepare_setup
from mmpose_multilat.analysis.loading import build_loader, build_model
from mmpose_multilat.deploy import build_graph
from mmpose_multilat.errors import SettingsWarning
from mmpose_multilat.evaluation import FaceAlignmentMetric
from mmpose_multilat.inference.boxes import Box
from mmpose_multilat.inference.frames import Frame
from mmpose_multilat.inference.inputs import Source
from mmpose_multilat.inference.pipeline_crops import (
    PipelineCropper,
    input_size_of,
    pipeline_of_config,
)
from mmpose_multilat.inference.torch_network import TorchNetwork
from mmpose_multilat.tools.command_line import UserError
from mmpose_multilat.tools.compare_decoders import check_evaluator

(CASE,) = (case for case in CASES if case.name == 'multilateration-msra')


@pytest.fixture(scope='module')
def network(tmp_path_factory):
    """Config and checkpoint of a network of 68 landmarks, without metainfo."""
    folder = tmp_path_factory.mktemp('network')
    return write_network(CASE, write_faces(folder), folder)


@pytest.fixture
def config(network):
    return Config.fromfile(network[0])


def wrap(config, wrapper, loader='test_dataloader'):
    """Put the dataset of a loader into a wrapper."""
    dataset = copy.deepcopy(config[loader].dataset.to_dict())
    config[loader]['dataset'] = ConfigDict(WRAPPERS[wrapper](dataset))
    return config


def image():
    image = np.random.default_rng(0).integers(0, 255, (90, 120, 3), np.uint8)
    return Frame(Source('image', 'a.jpg'), image)


def shown(sample):
    """What a sample shows of its face, and where it comes from."""
    about = sample['data_samples']
    return about.img_path, about.id, about.gt_instances.keypoints, sample['inputs']


def assert_equal(first, second):
    for one, other in zip(shown(first), shown(second)):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize('wrapper', WRAPPERS)
def test_a_limit_keeps_the_faces_of_the_whole_set_with_their_ids(config, wrapper):
    plain = build_loader(copy.deepcopy(config)).dataset
    wrapped = wrap(config, wrapper)
    all_faces, two = build_loader(wrapped), build_loader(wrapped, limit=2)
    assert (len(all_faces.dataset), len(two.dataset)) == (4, 2)
    assert sum(len(batch['inputs']) for batch in two) == 2
    for place, face in enumerate((0, 3)):
        assert_equal(two.dataset[place], plain[face])
        info = two.dataset.get_data_info(place)
        assert info['id'] == plain.get_data_info(face)['id']
    assert two.dataset.metainfo['flip_indices'] == plain.metainfo['flip_indices']


@pytest.mark.parametrize('wrapper', WRAPPERS)
def test_crops_of_new_images_are_those_of_the_plain_set(config, wrapper):
    box = Box(20, 10, 50, 60)
    expected = PipelineCropper(pipeline_of_config(config))(image(), box)
    found = pipeline_of_config(wrap(config, wrapper))
    assert input_size_of(found) == CASE.decoder['input_size']
    crop = PipelineCropper(found)(image(), box)
    np.testing.assert_array_equal(crop.image, expected.image)
    np.testing.assert_array_equal(crop.region.centre, expected.region.centre)


@pytest.mark.parametrize('wrapper', [each for each in WRAPPERS if each != 'plain'])
def test_errors_of_a_wrapped_set_are_those_of_the_plain_one(config, network, wrapper):
    model = build_model(config, str(network[1]), 'cpu')
    results = [
        compare_decoders(model, build_loader(each), NMES, {'own': model.head.decoder}, timed=False)
        for each in (copy.deepcopy(config), wrap(config, wrapper))
    ]
    (plain, _), (wrapped, _) = results
    assert wrapped['own'].metrics == pytest.approx(plain['own'].metrics, rel=1e-5)


def test_an_evaluator_of_several_datasets_is_taken(config, network):
    model = build_model(config, str(network[1]), 'cpu')
    several = dict(NMES, type='MultiDatasetEvaluator', datasets=[dict(type='Face300WDataset')])
    decoders = {'own': model.head.decoder}
    found, expected = (
        compare_decoders(model, build_loader(config), each, decoders, timed=False)[0]
        for each in (several, NMES)
    )
    assert found['own'].metrics == expected['own'].metrics


NMES = dict(metrics=[dict(type='FaceAlignmentMetric', normalisers=['ocular'])])


@pytest.mark.parametrize('wrapper', WRAPPERS)
def test_a_benchmark_names_the_annotations_of_a_wrapped_set(config, network, tmp_path, wrapper):
    wrap(config, wrapper).dump(tmp_path / 'wrapped.py')
    arguments = str(tmp_path / 'wrapped.py'), str(network[1]), {}, 'cpu', ['POPoS'], 3, {}
    facts = _facts_of_test_set(prepare_setup(*arguments))
    assert facts['annotations'] == 'face_landmarks_300w_valid.json'
    assert (facts['dataset'], facts['faces'], facts['faces_of_test_set']) == ('300w', 3, 4)


def test_a_set_that_is_not_there_is_named_with_its_own_key(config):
    config.test_dataloader.dataset.data_root = 'nowhere'
    with pytest.raises(UserError, match=r' test_dataloader.dataset.dataset.datasets.0.data_root='):
        build_loader(wrap(config, 'ConcatDataset in RepeatDataset'))


def test_groups_of_two_sets_with_the_same_ids(config, network, tmp_path):
    first = config.test_dataloader.dataset.to_dict()
    second = {**first, 'data_root': f'{write_faces(tmp_path)}/'}
    for name, folder in (('a', first['data_root']), ('b', second['data_root'])):
        path = Path(folder) / first['ann_file']
        content = json.loads(path.read_text())
        for image in content['images']:
            image['photographer'] = name
        path.with_name(f'{name}.json').write_text(json.dumps(content))
    datasets = [
        dict(first, ann_file='annotations/a.json'),
        dict(second, ann_file='annotations/b.json'),
    ]
    config.test_dataloader['dataset'] = ConfigDict(type='ConcatDataset', datasets=datasets)
    model = build_model(config, str(network[1]), 'cpu')
    decoders = {'own': model.head.decoder}
    found = measure_residuals(model, build_loader(config), decoders, 'photographer')
    assert found.groups == ['group a'] * FACES + ['group b'] * FACES


def test_test_sets_that_are_cropped_in_different_ways_are_named(config, network):
    first = config.test_dataloader.dataset.to_dict()
    second = copy.deepcopy(first)
    (step,) = (each for each in second['pipeline'] if each['type'] == 'GetBBoxCenterScale')
    step['padding'] = 1.75
    config.test_dataloader['dataset'] = ConfigDict(type='ConcatDataset', datasets=[first, second])
    with pytest.warns(SettingsWarning, match='cropped as in test_dataloader.dataset.datasets.0'):
        pipeline_of_config(config)
    with pytest.raises(ValueError, match='have several .*datasets.0, .*datasets.1.* the same GetB'):
        build_graph(build_model(config, str(network[1]), 'cpu'))


@pytest.mark.parametrize('spelling', SPELLINGS)
def test_spellings_of_transforms_are_read_alike(config, network, spelling):
    settings = dict(GetBBoxCenterScale=dict(padding=1.5), TopdownAffine=dict(use_udp=True))
    for step in config.test_dataloader.dataset.pipeline:
        kind = getattr(transforms, step.type)
        step.update(SPELLINGS[spelling](kind), **settings.get(kind.__name__, {}))
    assert input_size_of(pipeline_of_config(config)) == CASE.decoder['input_size']
    _, description = build_graph(build_model(config, str(network[1]), 'cpu'))
    assert (description.bbox_padding, description.use_udp) == (1.5, True)


@pytest.mark.parametrize('spelling', SPELLINGS)
@pytest.mark.parametrize('kind', [NME, FaceAlignmentMetric])
def test_spellings_of_metrics_are_read_alike(kind, spelling):
    check_evaluator([dict(type='PCKAccuracy'), SPELLINGS[spelling](kind)])
    with pytest.raises(UserError, match='no metric of type NME or FaceAlignmentMetric'):
        check_evaluator(dict(metrics=[dict(type='PCKAccuracy')]))


OTHER = dict(parse_pose_metainfo(dict(from_file='configs/_base_/datasets/300w.py')))
OTHER['flip_indices'] = list(range(68))[::-1]


def with_meta(checkpoint, folder, meta):
    content = dict(torch.load(checkpoint), meta=dict(dataset_meta=meta))
    torch.save(content, folder / 'with_meta.pth')
    return str(folder / 'with_meta.pth')


@pytest.mark.parametrize('wrapper', WRAPPERS)
def test_flip_pairs_of_the_checkpoint_then_of_the_config(config, network, tmp_path, wrapper):
    config.model.test_cfg.update(flip_test=True, flip_mode='coordinates')
    expected = build_loader(config).dataset.metainfo['flip_indices']
    wrap(config, wrapper, 'train_dataloader')
    model = build_model(copy.deepcopy(config), str(network[1]), 'cpu')
    assert list(model.dataset_meta['flip_indices']) == expected
    assert build_graph(model, flip_test=True)[0].partners.tolist() == expected
    model = build_model(config, with_meta(network[1], tmp_path, OTHER), 'cpu')
    assert build_graph(model, flip_test=True)[0].partners.tolist() == OTHER['flip_indices']


def test_flip_pairs_that_nobody_knows_are_never_those_of_a_body(config, network):
    for loader in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        config[loader] = None
    config.model.test_cfg.update(flip_test=True, flip_mode='coordinates')
    model = build_model(config, str(network[1]), 'cpu')
    assert model.dataset_meta == {}
    message = 'neither the checkpoint .* nor the config'
    with pytest.raises(UserError, match=message):
        TorchNetwork(model, CASE.decoder['input_size'])
    with pytest.raises(ValueError, match=message):
        build_graph(model, flip_test=True)
    assert build_graph(model)[1].flip_pairs is None

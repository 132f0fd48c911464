"""Configs of one algorithm differ where the size, the data or the paper differs, nowhere else.

What is compared is what a runner reads, however the files are put together.
"""

import inspect
import re
from collections.abc import Collection, Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from mmengine import Config
from mmengine.runner import Runner
from shipped_configs import CONFIGS

NAME = re.compile(r'(?P<recipe>.+_\d+xb\d+-\d+e)_(?P<dataset>.+)-\d+x\d+-hm(?P<size>\d+)')
# What a runner takes, and what is read from its config besides; all else is a variable.
READ = {*inspect.signature(Runner).parameters, 'custom_imports', 'find_unused_parameters'}

MULTILAT = 'multilat_hrnetv2-w18_4xb32-100e'
MULTILAT_SMALL = 'multilat_mobilenetv2_4xb32-100e'
KEYPOSS = 'keyposs_hrnetv2-w18_4xb64-100e'
KEYPOSS_COORDINATE = 'keyposs-coordinate_hrnetv2-w18_4xb64-100e'
POPOS = 'popos_hrnetv2-w18_4xb32-100e'
POPOS_COORDINATE = 'popos-coordinate_hrnetv2-w18_4xb32-100e'
GAUSSIAN_VECTOR_RESNET = 'gaussian-vector_res50_4xb32-100e'
GAUSSIAN_VECTOR_HRNET = 'gaussian-vector_hrnetv2-w32_4xb32-100e'
LCGCN = 'lcgcn_hrnetv2-w18_4xb32-100e'
RHT_R, RHT_H = 'rht_res50_8xb8-150e', 'rht_hrnet-w48_8xb8-150e'
RHT_S = 'rht-s_hrnetv2-w18_4xb32-100e'

# Another size has another stride of the network, whose maps have other channels.
NETWORK = {'model.*.stride', '*.heatmap_size', '*.in_channels', '*.conv_out_channels'}
SIZES = {
    MULTILAT: NETWORK | {'*.sigma'},  # 1 at 16x16 and less
    MULTILAT_SMALL: {'model.*.stride', '*.heatmap_size', '*.input_size'},  # one network
    KEYPOSS: NETWORK,
    KEYPOSS_COORDINATE: NETWORK,
    POPOS: NETWORK | {'*.num_anchors'},  # 25 at 32x32
    POPOS_COORDINATE: NETWORK | {'*.num_anchors'},
    LCGCN: NETWORK,
    RHT_S: {'model.*.stride', '*.heatmap_size'},
}

# From WFLW to another dataset.
DATA = {'*.dataset.type', '*.dataset.data_root', '*.dataset.ann_file', 'model.*.out_channels'}
SUBSETS = 'test_evaluator.subsets.*'
BOX = 'train_dataloader.dataset.pipeline.3'
DATASETS = {
    '300w': {SUBSETS, 'test_evaluator.normalisers'},
    'aflw': {SUBSETS, '*_evaluator.normalisers', 'test_evaluator.thresholds'},
    'cofw': {SUBSETS, 'test_evaluator.normalisers', 'val_evaluator.occlusion'},
    'coco-wholebody-face': {
        SUBSETS,
        '*.dataset.data_prefix.img',
        f'{BOX}.shift_*',  # MMPose's augmentation for these faces moves the box
    },
    'lapa': {SUBSETS, 'test_evaluator.normalisers', '*.dataset.data_prefix.img'},
}
SHORT_WARM_UP = 'param_scheduler.0.end'
"""Of the schedules with a warm-up that on COFW would last for most of the training."""
WARMED_UP = {
    MULTILAT,
    MULTILAT_SMALL,
    KEYPOSS,
    POPOS,
    GAUSSIAN_VECTOR_RESNET,
    GAUSSIAN_VECTOR_HRNET,
}
PADDING, SCHEME = '*.padding', '*.scheme'
RECIPES = {
    GAUSSIAN_VECTOR_RESNET: {PADDING},
    GAUSSIAN_VECTOR_HRNET: {PADDING},
    RHT_R: {SCHEME},
    RHT_H: {SCHEME},
    RHT_S: {SCHEME},
}

# Two recipes for the same data at the same size.
COORDINATE_LOSS = {'model.head.type', 'model.head.coordinate_loss.*'}
PAIRS = {
    (KEYPOSS, KEYPOSS_COORDINATE): COORDINATE_LOSS,
    (POPOS, POPOS_COORDINATE): COORDINATE_LOSS | {'model.head.coordinate_decoder.*'},
    (GAUSSIAN_VECTOR_RESNET, GAUSSIAN_VECTOR_HRNET): {'model.backbone.*', 'model.neck.in_channels'},
    (RHT_R, RHT_H): {
        'model.backbone.backbone.*',
        'model.backbone.init_cfg.checkpoint',
        'model.head.in_channels',
        'model.head.network.encoder.*',
        'model.head.network.feature_scale',
    },
}


class Facts(NamedTuple):
    """What the name of a config says."""

    recipe: str
    dataset: str
    size: str


def facts(path: Path) -> Facts:
    found = NAME.fullmatch(path.stem)
    assert found is not None, path.stem
    return Facts(**found.groupdict())


BY_FACTS = {facts(path): path for path in CONFIGS}
SIZED = sorted({(each.recipe, each.dataset) for each in BY_FACTS if each.recipe in SIZES})
OTHERS = sorted(each for each in BY_FACTS if each.dataset != 'wflw')


def flatten(value: Any, place: str) -> Iterator[tuple[str, Any]]:
    """Values by their place; a list without dicts is one value, and so is an empty dict."""
    inside = value
    if isinstance(value, (list, tuple)) and any(isinstance(each, dict) for each in value):
        inside = dict(enumerate(value))
    if not isinstance(inside, dict) or not inside:
        yield place, value
        return
    for key, each in inside.items():
        yield from flatten(each, f'{place}.{key}')


@cache
def settings(each: Facts) -> dict[str, Any]:
    """What a runner reads of a config, by its place."""
    config = Config.fromfile(BY_FACTS[each], import_custom_modules=False).to_dict()
    read = READ & config.keys()
    return {place: value for key in read for place, value in flatten(config[key], key)}


def differences(one: Facts, other: Facts) -> set[str]:
    """Places where one config has another value than the other one, or none."""
    first, second = settings(one), settings(other)
    missing = object()
    return {
        place
        for place in first.keys() | second.keys()
        if first.get(place, missing) != second.get(place, missing)
    }


def check(found: Collection[str], expected: Collection[str]) -> None:
    """Assert that every place is expected, and that every expectation has a place."""
    matched = {
        pattern: {place for place in found if fnmatchcase(place, pattern)} for pattern in expected
    }
    assert set(found) - set().union(*matched.values()) == set()
    assert [pattern for pattern, places in matched.items() if not places] == []


def test_what_is_compared_is_the_config_and_not_its_variables():
    each = Facts(MULTILAT, 'wflw', '16')
    places = settings(each)
    assert places['model.head.decoder.sigma'] == 1
    assert places['train_dataloader.dataset.pipeline.5.encoder.heatmap_size'] == (16, 16)
    assert places['test_evaluator.normalisers'] == ['ocular']
    assert places['val_cfg'] == {}
    assert not {place.partition('.')[0] for place in places} & {'codec', 'train_pipeline'}
    assert differences(each, each) == set()


def test_every_recipe_of_several_sizes_is_compared():
    sizes = {recipe: set() for recipe, *_ in BY_FACTS}
    for each in BY_FACTS:
        sizes[each.recipe].add(each.size)
    assert {recipe for recipe, found in sizes.items() if len(found) > 1} == set(SIZES)


@pytest.mark.parametrize(('recipe', 'dataset'), SIZED, ids=map('-'.join, SIZED))
def test_sizes_differ_in_the_network_and_in_what_the_paper_changes(recipe, dataset):
    first, *others = sorted(
        each for each in BY_FACTS if (each.recipe, each.dataset) == (recipe, dataset)
    )
    found = set().union(*(differences(first, each) for each in others))
    check(found, SIZES[recipe])


@pytest.mark.parametrize('each', OTHERS, ids='-'.join)
def test_datasets_differ_in_files_landmarks_metric_and_in_what_the_paper_changes(each):
    expected = DATA | DATASETS[each.dataset] | RECIPES.get(each.recipe, set())
    if each.dataset == 'cofw' and each.recipe in WARMED_UP:
        expected = expected | {SHORT_WARM_UP}
    check(differences(each._replace(dataset='wflw'), each), expected)


@pytest.mark.parametrize(('one', 'other'), PAIRS, ids=map('-'.join, PAIRS))
def test_recipes_of_one_algorithm_differ_in_the_loss_or_the_network(one, other):
    shared = [each for each in BY_FACTS if each.recipe == other]
    assert len(shared) >= 4
    for each in shared:
        check(differences(each._replace(recipe=one), each), PAIRS[one, other])


@pytest.mark.parametrize('dataset', sorted({each.dataset for each in BY_FACTS} - {'lapa'}))
def test_small_networks_are_trained_as_the_large_ones_are(dataset):
    large, small = (Facts(recipe, dataset, '16') for recipe in (MULTILAT, MULTILAT_SMALL))
    network = {'model.backbone.*', 'model.neck.*', '*.in_channels', '*.conv_out_channels'}
    check(differences(large, small), network | {'*.input_size'})

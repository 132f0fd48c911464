"""The augmentation of RHT against the numbers of the paper (section III-D)."""

import numpy as np
import pytest
from mmcv.transforms import Compose
from mmengine import Config
from mmpose.registry import TRANSFORMS
from reference_samples import dataset_of
from shipped_configs import ROOT

import mmpose_multilat  # noqa: F401

STEPS = Config.fromfile(ROOT / '_base_/algorithms/rht.py').rht_augmentation
COUNT = 400


def built(steps):
    return Compose([TRANSFORMS.build(dict(step)) for step in steps])


@pytest.fixture(scope='module')
def info(drawn_faces):
    return dataset_of(drawn_faces, indices=1).get_data_info(0)


def test_place_size_and_turn_stay_within_the_papers_limits(info):
    np.random.seed(0)
    move = built([*STEPS[:2], STEPS[3]])
    center, scale = info['bbox_center'][0], info['bbox_scale'][0] * 1.25
    found = [move(dict(info)) for _ in range(COUNT)]
    turns = np.array([each['bbox_rotation'][0] for each in found])
    sizes = np.array([each['bbox_scale'][0, 0] for each in found]) / scale[0]
    shifts = np.array([each['bbox_center'][0] for each in found] - center) / scale
    assert 40 < np.abs(turns).max() <= 45 and np.abs(turns).min() < 5
    assert 0.8 <= sizes.min() < 0.82 and 1.18 < sizes.max() <= 1.2
    assert 0.09 < np.abs(shifts).max() <= 0.1


def test_how_often_the_image_changes(info):
    chances = {each['type']: each['prob'] for each in STEPS if 'prob' in each}
    assert chances == dict(RandomFlip=0.5, RandomGrayscale=0.2, RandomBlur=0.3, RandomOcclusion=0.4)


def test_the_image_keeps_its_kind(info):
    np.random.seed(1)
    run = built(STEPS)
    for _ in range(20):
        image = run(dict(info))['img']
        assert image.shape == (256, 256, 3) and image.dtype == np.uint8

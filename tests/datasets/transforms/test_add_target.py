"""One more label beside those of the landmarks: what is packed, and what is refused."""

import numpy as np
import pytest
import torch
from mmcv.transforms import Compose
from mmpose.registry import TRANSFORMS

import mmpose_multilat  # noqa: F401
from mmpose_multilat.codecs import BoundaryHeatmap

SIZES = dict(input_size=(32, 32), heatmap_size=(8, 8))
BOUNDARIES = dict(type='BoundaryHeatmap', input_size=(32, 32), heatmap_size=(16, 16), scheme='aflw')
CODECS = {
    'KeyPosS': SIZES,
    'GaussianVector': SIZES,
    'MSRAHeatmap': dict(**SIZES, sigma=2),
    'RegressionLabel': dict(input_size=(32, 32)),
}


def sample():
    generator = np.random.default_rng(0)
    return dict(
        img=np.zeros((32, 32, 3), np.uint8),
        keypoints=generator.uniform(0, 32, (1, 19, 2)).astype(np.float32),
        keypoints_visible=np.ones((1, 19), np.float32),
    )


def packed(*steps):
    return Compose([TRANSFORMS.build(step) for step in steps])(sample())['data_samples']


@pytest.mark.parametrize('codec', CODECS)
def test_the_boundaries_come_beside_the_labels_of_any_codec(codec):
    """And these are what they are without."""
    encoder = dict(type=codec, **CODECS[codec])
    target, pack = dict(type='GenerateTarget', encoder=encoder), dict(type='PackPoseInputs')
    alone = packed(target, pack)
    both = packed(target, dict(type='AddTarget', encoder=BOUNDARIES), pack)
    expected = BoundaryHeatmap(**{k: v for k, v in BOUNDARIES.items() if k != 'type'})
    expected = expected.encode(sample()['keypoints'])
    labels = dict(both.gt_instance_labels.items())
    for name in ('boundary_heatmaps', 'boundary_weights'):
        torch.testing.assert_close(labels.pop(name), torch.from_numpy(expected[name]))
    assert set(labels) == set(alone.gt_instance_labels.keys()) and labels
    for name, value in alone.gt_instance_labels.items():
        torch.testing.assert_close(labels[name], value)
    assert ('gt_fields' in both) == ('gt_fields' in alone)
    if 'gt_fields' in alone:
        torch.testing.assert_close(both.gt_fields.heatmaps, alone.gt_fields.heatmaps)


def test_it_needs_the_landmarks_labels_before_it():
    with pytest.raises(ValueError, match='behind GenerateTarget'):
        packed(dict(type='AddTarget', encoder=BOUNDARIES))


def test_it_does_not_replace_labels():
    encoder = dict(type='KeyPosS', **SIZES)
    steps = (dict(type=name, encoder=encoder) for name in ('GenerateTarget', 'AddTarget'))
    with pytest.raises(ValueError, match='would replace heatmaps, keypoint_labels'):
        packed(*steps)


def test_it_says_what_it_does():
    assert "'BoundaryHeatmap'" in repr(TRANSFORMS.build(dict(type='AddTarget', encoder=BOUNDARIES)))


def test_it_has_one_codec():
    with pytest.raises(ValueError, match='need an AddTarget each'):
        TRANSFORMS.build(dict(type='AddTarget', encoder=[BOUNDARIES]))

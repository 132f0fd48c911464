"""References and boundaries on the datasets of the paper, as the shipped configs read them."""

import numpy as np
import pytest
from mmengine import Config
from mmpose.registry import DATASETS
from shipped_configs import ROOT

import mmpose_multilat  # noqa: F401
from mmpose_multilat.datasets.synthetic import Request, write_data_sets

BOUNDARIES = {'300w': ('ibug', 13), 'cofw': ('cofw', 13), 'aflw': ('aflw', 6), 'wflw': ('wflw', 15)}


@pytest.fixture(scope='module')
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp('data')
    write_data_sets(list(BOUNDARIES), str(folder), Request(4, 2, size=96))
    return folder


def pipeline(scheme, reference):
    sizes = dict(input_size=(64, 64), heatmap_size=(16, 16))
    return [
        dict(type='LoadImage'),
        dict(type='GetBBoxCenterScale'),
        dict(type='TopdownAffine', input_size=(64, 64)),
        dict(type='GenerateTarget', encoder=dict(type='KeyPosS', **sizes)),
        dict(type='AddTarget', encoder=dict(type='BoundaryHeatmap', scheme=scheme, **sizes)),
        dict(type='AddReference', **reference),
        dict(type='PackPoseInputs'),
    ]


@pytest.mark.parametrize('name', BOUNDARIES)
def test_training_and_testing(root, name):
    config = Config.fromfile(ROOT / f'_base_/datasets/{name}_256x256.py')
    scheme, count = BOUNDARIES[name]
    train = {**config.train_dataloader.dataset, 'data_root': str(root / name)}
    test = {**config.test_dataloader.dataset, 'data_root': str(root / name)}
    for settings, reference in ((train, {}), (test, dict(reference='neutral', dataset=train))):
        dataset = DATASETS.build({**settings, 'pipeline': pipeline(scheme, reference)})
        labels = dataset[0]['data_samples'].gt_instance_labels
        number = dataset.metainfo['num_keypoints']
        assert labels.reference_image.shape == (1, 3, 128, 128)
        assert labels.reference_landmarks.shape == (1, number, 2)
        assert labels.boundary_heatmaps.shape == (1, count, 16, 16)
        assert labels.keypoint_weights.shape == (1, number)
        on_crop = (labels.reference_landmarks > -64) & (labels.reference_landmarks < 192)
        assert np.asarray(on_crop)[labels.reference_visible.bool()].all()

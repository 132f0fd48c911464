"""Samples without a field that is needed: the message names it and what to change."""

import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData, PixelData
from mmpose.registry import MODELS
from mmpose.structures import PoseDataSample
from pass_samples import CELLS, CHANNELS, META, VECTORS, Loader, heatmaps_by, make_estimator

from mmpose_multilat.analysis import compare_decoders, measure, measure_residuals
from mmpose_multilat.datasets.transforms import RandomOcclusion
from mmpose_multilat.evaluation import FaceAlignmentMetric
from mmpose_multilat.landmarks.sample_fields import BOXES, KNOWN, PLACE

COORDINATES = dict(flip_test=True, flip_mode='coordinates')


def without(name, loader=None):
    """Batches whose samples lack a field."""
    loader = Loader() if loader is None else loader
    for sample in (each for batch in loader for each in batch['data_samples']):
        delattr(sample.gt_instances if name in sample.gt_instances else sample, name)
    return loader


@pytest.mark.parametrize('field', [*PLACE, *BOXES, 'flip_indices', 'gt_instances'])
def test_estimators_name_what_they_need(field):
    model = make_estimator(heatmaps_by('KeyPosS'), **COORDINATES)
    batch = without(field)[0]
    with torch.no_grad(), pytest.raises(ValueError, match=rf'\b{field}\b.*PackPoseInputs'):
        model.test_step(batch)


@pytest.mark.parametrize('field', [*PLACE, *BOXES, *KNOWN])
@pytest.mark.parametrize('kind', ['TopdownPoseEstimator', 'MultilaterationPoseEstimator'])
def test_tools_name_what_they_need(field, kind, quick_times):
    model = make_estimator(heatmaps_by('KeyPosS'), kind)
    decoders = dict(own=model.head.decoder)
    metric = FaceAlignmentMetric(normalisers=['box_tight'])
    metric.dataset_meta = META
    with pytest.raises(ValueError, match=rf'\b{field}: PackPoseInputs|{field}: .*meta_keys'):
        measure(model, without(field), decoders, metric)


def test_a_calibration_without_groups_needs_images():
    model = make_estimator(heatmaps_by('KeyPosS'))
    decoders = dict(own=model.head.decoder)
    named = measure_residuals(model, without('img_path'), decoders, 'person')
    assert set(named.groups) == {'group person 0', 'group person 1'}
    loader = without('raw_ann_info', without('img_path'))
    with pytest.raises(ValueError, match='has no img_path: .*meta_keys'):
        measure_residuals(model, loader, decoders, 'person')


def test_faces_without_path_are_compared_all_the_same(quick_times):
    model = make_estimator(heatmaps_by('KeyPosS'))
    evaluator = dict(type='FaceAlignmentMetric', normalisers=['box_tight'])
    for name in ('img_path', 'img_id', 'id', 'raw_ann_info'):
        loader = without(name)
        _, faces = compare_decoders(
            model, loader, evaluator, dict(own=model.head.decoder), 1, timed=False
        )
        assert len(faces) == 1


def packed(*missing):
    """A sample as the test loop hands it to a metric."""
    points = np.random.default_rng(0).uniform(0, 99, (1, 5, 2))
    sample = dict(
        gt_instances=dict(keypoints=points, keypoints_visible=np.ones((1, 5))),
        pred_instances=dict(keypoints=points + 1),
    )
    owner = sample
    for name in missing[:-1]:
        owner = owner[name]
    del owner[missing[-1]]
    return sample


@pytest.mark.parametrize(
    'missing',
    [
        ('gt_instances',),
        ('pred_instances',),
        ('gt_instances', 'keypoints'),
        ('gt_instances', 'keypoints_visible'),
        ('pred_instances', 'keypoints'),
    ],
)
def test_the_metric_names_what_it_needs(missing):
    metric = FaceAlignmentMetric(normalisers=['box_tight'])
    with pytest.raises(ValueError, match=f'has no {missing[-1]}: '):
        metric.process(None, [packed(*missing)])


def test_subsets_of_samples_without_path_say_so(monkeypatch):
    metric = FaceAlignmentMetric(normalisers=['box_tight'], subsets=dict(part=dict(path='part/')))
    said = []
    monkeypatch.setattr(metric, '_warn', said.append)
    sample = packed('pred_instances', 'keypoints')
    sample['pred_instances']['keypoints'] = sample['gt_instances']['keypoints']
    metric.process(None, [sample])
    assert metric.evaluate(1)['faces'] == 1
    assert any('no img_path' in each and 'meta_keys' in each for each in said if each)


def labelled(*, heatmaps=True, **labels):
    """A sample for training, of one face with five landmarks."""
    sample = PoseDataSample()
    if heatmaps:
        sample.gt_fields = PixelData(heatmaps=torch.zeros(5, CELLS[1], CELLS[0]))
    sample.gt_instance_labels = InstanceData(**labels)
    return sample


WEIGHTS = dict(keypoint_weights=torch.ones(1, 5))
WITH_COORDINATES = dict(
    heatmaps_by('KeyPosS', 'MultilaterationHead'), coordinate_loss=dict(type='L1Loss')
)
WITH_COORDINATES['coordinate_loss']['use_target_weight'] = True


@pytest.mark.parametrize(
    'head, sample, missing',
    [
        (WITH_COORDINATES, labelled(**WEIGHTS), 'keypoint_labels'),
        (WITH_COORDINATES, labelled(), 'keypoint_weights'),
        (WITH_COORDINATES, labelled(heatmaps=False, **WEIGHTS), 'gt_fields'),
        (WITH_COORDINATES, PoseDataSample(), 'gt_fields'),
        (VECTORS, labelled(**WEIGHTS), 'keypoint_x_labels'),
        (VECTORS, PoseDataSample(), 'gt_instance_labels'),
    ],
)
def test_heads_name_the_label_that_they_need(head, sample, missing):
    head = MODELS.build(dict(head, in_channels=CHANNELS))
    feats = (torch.zeros(1, CHANNELS, 1, 2),)
    with pytest.raises(ValueError, match=rf'has no {missing}\b.*GenerateTarget.*encoder'):
        head.loss(feats, [sample])


def test_an_occlusion_before_the_image_is_loaded():
    with pytest.raises(ValueError, match='has no img: LoadImage'):
        RandomOcclusion(prob=0.0)(dict(img_path='a.jpg'))

import logging

import numpy as np
import pytest
from mmengine.logging import MMLogger

from mmpose_multilat.evaluation import FaceAlignmentMetric
from mmpose_multilat.tools.benchmarking.measurement import collect, metric_settings
from mmpose_multilat.tools.command_line import UserError

OURS = dict(type='FaceAlignmentMetric', thresholds=[0.07], outfile='x.npz', prefix='test')


@pytest.mark.parametrize(
    'evaluator, settings',
    [
        (dict(type='NME', norm_mode='keypoint_distance'), {}),
        (OURS, dict(thresholds=[0.07])),
        ([dict(type='NME'), OURS], dict(thresholds=[0.07])),
        ([dict(type=FaceAlignmentMetric, eyes=(1, 2))], dict(eyes=(1, 2))),
    ],
)
def test_settings_of_the_metric_of_a_config(evaluator, settings):
    assert metric_settings(evaluator) == settings


def face(shift):
    true = np.random.default_rng(0).uniform(0, 100, (1, 68, 2))
    return dict(
        id=7,
        img_path='face.jpg',
        gt_instances=dict(keypoints=true, keypoints_visible=np.ones((1, 68))),
        pred_instances=dict(keypoints=true + shift, keypoint_scores=np.ones((1, 68))),
    )


def test_collected_without_a_word(capsys):
    metric = FaceAlignmentMetric()
    metric.dataset_meta = dict(dataset_name='300w')
    metric.process(None, [face(1.0), face(2.0)])
    level = MMLogger.get_current_instance().level
    found = collect(metric, 2)
    assert 'NME' not in capsys.readouterr().out
    assert MMLogger.get_current_instance().level == level != logging.WARNING
    assert found.dataset == '300w' and found.ids == [7, 7]
    np.testing.assert_allclose(found.predicted[1] - found.true[1], np.full((68, 2), 2.0))


def test_infinite_predictions_are_a_clear_error():
    metric = FaceAlignmentMetric()
    metric.dataset_meta = dict(dataset_name='300w')
    metric.process(None, [face(np.inf)])
    with pytest.raises(UserError, match='face.jpg'):
        collect(metric, 1)

import pytest

from mmpose_multilat.analysis.benchmarking.setup import metric_settings
from mmpose_multilat.evaluation import FaceAlignmentMetric

OURS = dict(type='FaceAlignmentMetric', thresholds=[0.07], outfile='x.npz', prefix='test')


@pytest.mark.parametrize(
    'evaluator, settings',
    [
        (dict(type='NME', norm_mode='keypoint_distance'), {}),
        (OURS, dict(thresholds=[0.07])),
        ([dict(type='NME'), OURS], dict(thresholds=[0.07])),
        ([dict(type=FaceAlignmentMetric, eyes=(1, 2))], dict(eyes=(1, 2))),
        (dict(type='Evaluator', metrics=[OURS]), dict(thresholds=[0.07])),
        (dict(type='FaceAlignmentMetric', _scope_='mmpose', parts=True), dict(parts=True)),
        (None, {}),
    ],
)
def test_settings_of_the_metric_of_a_config(evaluator, settings):
    assert metric_settings(evaluator) == settings

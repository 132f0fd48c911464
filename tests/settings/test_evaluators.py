import pytest
from mmengine.evaluator import Evaluator
from mmpose.evaluation.evaluators import MultiDatasetEvaluator

from mmpose_multilat.evaluation import FaceAlignmentMetric
from mmpose_multilat.settings import evaluator_from, metrics_of

METRIC = dict(type='FaceAlignmentMetric')


@pytest.mark.parametrize(
    'evaluator',
    [
        METRIC,
        [METRIC],
        (METRIC,),
        dict(metrics=[METRIC]),
        dict(type='mmengine.Evaluator', metrics=METRIC),
        dict(type=MultiDatasetEvaluator, metrics=[METRIC], datasets=[dict(type='WFLWDataset')]),
    ],
)
def test_metrics_of_every_evaluator_that_a_runner_takes(evaluator):
    assert metrics_of(evaluator) == [METRIC]
    built = evaluator_from(evaluator)
    assert isinstance(built, Evaluator) and isinstance(built.metrics[0], FaceAlignmentMetric)
    assert dict(type='FaceAlignmentMetric') == METRIC


def test_no_evaluator():
    assert metrics_of(None) == []

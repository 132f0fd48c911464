"""The metrics of an evaluator."""

import copy
from collections.abc import Mapping
from typing import Any

from mmengine.evaluator import Evaluator
from mmpose.registry import EVALUATORS

METRICS = 'metrics'
"""Where an evaluator with a `type` of its own, such as `MultiDatasetEvaluator`, has its metrics."""


def metrics_of(evaluator: Any) -> list[Any]:
    """The settings of the metrics of an evaluator.

    Args:
        evaluator: `test_evaluator` of a config: a metric, a list of metrics, an evaluator with
            metrics, or None.
    """
    if isinstance(evaluator, Mapping) and METRICS in evaluator:
        evaluator = evaluator[METRICS]
    if evaluator is None:
        return []
    return list(evaluator) if isinstance(evaluator, (list, tuple)) else [evaluator]


def evaluator_from(evaluator: Any) -> Evaluator:
    """Build the evaluator of a config, as MMEngine's runner does, from a copy of its settings."""
    settings = copy.deepcopy(evaluator)
    if isinstance(settings, Mapping) and METRICS in settings:
        return EVALUATORS.build({'type': 'Evaluator', **settings})
    return Evaluator(settings)

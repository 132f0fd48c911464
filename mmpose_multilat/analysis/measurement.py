"""The predictions of every decoder over a test set, and their times."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Optional

import numpy as np
import torch
from mmengine.structures import InstanceData
from mmpose.models import TopdownPoseEstimator
from torch.utils.data import DataLoader

from mmpose_multilat.evaluation import FaceAlignmentMetric, Predictions
from mmpose_multilat.models.pose_estimators import look

from .flip_test import has_flip_test
from .timing import Timing, measure_time
from .views import Views, look_through

Case = tuple[str, bool]
"""Label of a decoder, and whether with flip test."""


@dataclass(frozen=True)
class Measured:
    """What came out of the network and the decoders.

    Attributes:
        predictions: Predictions of all faces by decoder and flip test.
        network: Time of the network without ('off') and with ('on') flip test.
        decoders: Time of each decoder by label.
        batch_size: Faces in the batch on which times were taken.
        input_size: Size (w, h) of the crops in px.
    """

    predictions: dict[Case, Predictions]
    network: dict[str, Timing]
    decoders: dict[str, Timing]
    batch_size: int
    input_size: tuple[int, int]


def measure(
    model: TopdownPoseEstimator,
    loader: DataLoader,
    decoders: Mapping[str, Any],
    metric: FaceAlignmentMetric,
) -> Measured:
    """Run the network twice on every batch and decode with every decoder.

    Args:
        model: A pose estimator in evaluation mode.
        loader: The test set.
        decoders: Decoders of what its head puts out, by label.
        metric: Says which faces are in which subset; must not have seen samples yet.

    Returns:
        Predictions and times.

    Raises:
        ValueError: If the test set cannot be read, the network does not fit the codec or the
            dataset, or a normaliser is not known for the dataset.
    """
    found: dict[Case, list[InstanceData]] = {
        (label, flip): [] for label in decoders for flip in _flips(model)
    }
    first: Optional[Views] = None
    for views in look_through(model, loader):
        # Without what the network makes of it, which would stay in memory.
        first = first or replace(views)
        for (label, flip), answers in found.items():
            samples = views.predict(decoders[label], flip)
            answers += [sample.pred_instances for sample in samples]
        metric.process(None, [sample.to_dict() for sample in views.samples])
    labelled = metric.gather(metric.results)
    return Measured(
        {case: _with(labelled, answers) for case, answers in found.items()},
        time_network(first),
        {label: time_decoder(first, codec) for label, codec in decoders.items()},
        len(first.samples),
        tuple(reversed(first.inputs.shape[-2:])),
    )


def _flips(model: TopdownPoseEstimator) -> tuple[bool, ...]:
    """Whether to measure without and with flip test.

    Of a head for further landmarks than those of the dataset nobody says are partners in the flip.
    """
    chosen = model.test_cfg.get('output_keypoint_indices')
    return (False,) if chosen is not None and not has_flip_test(model) else (False, True)


def _with(labelled: Predictions, answers: list[InstanceData]) -> Predictions:
    """The same faces with what one decoder found."""
    return replace(
        labelled,
        predicted=np.concatenate([each.keypoints for each in answers]),
        scores=np.concatenate([each.keypoint_scores for each in answers]),
    )


@torch.no_grad()
def time_network(views: Views) -> dict[str, Timing]:
    """Time of the network without ('off') and with ('on') flip test, without decoding."""
    model, inputs = views.estimator, views.inputs

    def pass_twice() -> None:
        look(model, inputs)
        look(model, inputs.flip(-1))

    return dict(
        off=measure_time(lambda: look(model, inputs), len(inputs)),
        on=measure_time(pass_twice, len(inputs)),
    )


def time_decoder(views: Views, codec: Any) -> Timing:
    """Time from the network's output to landmarks on the host, without flip test.

    Of heads of MMPose without heatmaps, whose output is landmarks only after their `predict`, the
    head itself is included.
    """

    def decode() -> None:  # the first call, which warms up, passes the crops through the network
        found = views.locate(codec)
        found.coordinates.cpu(), found.scores.cpu()

    return measure_time(decode, len(views.samples))

"""Running the network once over a test set and decoding its heatmaps with every decoder."""

import logging
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Optional

import numpy as np
from mmengine.logging import MMLogger
from mmpose.models import TopdownPoseEstimator
from mmpose.registry import METRICS
from torch import Tensor
from torch.utils.data import DataLoader

from mmpose_multilat.evaluation import FaceAlignmentMetric, Predictions
from mmpose_multilat.tools.command_line import UserError
from mmpose_multilat.tools.decoder_comparison import decode

from .loading import read_batches
from .passes import FLIPS, check_sizes, heatmaps_by_flip, plain_heatmaps, prepare
from .timing import Timing, decode_once, measure_time

Case = tuple[str, bool]
"""Label of a decoder, and whether with flip test."""


@dataclass
class Measured:
    """What came out of the network and the decoders.

    Attributes:
        predictions: Predictions of all faces by decoder and flip test.
        network: Time of the network without ('off') and with ('on') flip test.
        decoders: Time of each decoder by label.
        batch_size: Faces in the batch on which times were taken.
    """

    predictions: dict[Case, Predictions]
    network: dict[str, Timing]
    decoders: dict[str, Timing]
    batch_size: int


def metric_settings(evaluator: Any) -> dict[str, Any]:
    """Settings of the FaceAlignmentMetric of an evaluator, none if it has no such metric.

    Args:
        evaluator: `test_evaluator` of a config, a metric or a list of metrics.

    Returns:
        Arguments of `FaceAlignmentMetric` that say what is measured.
    """
    metrics = evaluator if isinstance(evaluator, (list, tuple)) else [evaluator]
    about_output = ('type', 'outfile', 'prefix', 'collect_device', 'collect_dir')
    for metric in metrics:
        kind = metric.get('type')
        kind = METRICS.get(kind) if isinstance(kind, str) else kind
        if kind is FaceAlignmentMetric:
            return {name: value for name, value in metric.items() if name not in about_output}
    return {}


def measure(
    model: TopdownPoseEstimator,
    loader: DataLoader,
    decoders: Mapping[str, Any],
    metric: FaceAlignmentMetric,
) -> Measured:
    """Run the network twice on every batch and decode with every decoder.

    Args:
        model: A pose estimator with a heatmap head, in evaluation mode.
        loader: The test set.
        decoders: Decoders by label.
        metric: Says which faces are in which subset; must not have seen samples yet.

    Returns:
        Predictions and times.

    Raises:
        UserError: If sizes do not fit, a normaliser is not known for the data set, or predictions
            are not finite.
    """
    found: dict[Case, list[tuple[np.ndarray, np.ndarray]]] = {
        (label, flip): [] for label in decoders for flip in FLIPS
    }
    first: Optional[Tensor] = None
    for batch in read_batches(loader):
        inputs, samples = prepare(model, batch)
        heatmaps = heatmaps_by_flip(model, inputs, samples)
        if first is None:
            first = inputs
            check_sizes(model.head.decoder, heatmaps[False], _landmarks(loader))
        for (label, flip), answers in found.items():
            decoded = decode(model, decoders[label], heatmaps[flip], samples)
            answers += [
                (each.pred_instances.keypoints, each.pred_instances.keypoint_scores)
                for each in decoded
            ]
        _keep(metric, [each.to_dict() for each in decoded])
    labelled = collect(metric, len(loader.dataset))
    return Measured(
        {case: _with(labelled, answers) for case, answers in found.items()},
        *_times(model, first, decoders),
        batch_size=len(first),
    )


def _keep(metric: FaceAlignmentMetric, samples: list[dict[str, Any]]) -> None:
    """Let the metric take labels, boxes and pictures of a batch."""
    try:
        metric.process(None, samples)
    except ValueError as error:
        raise UserError(f'{error}; --normalisers chooses others') from error


def _landmarks(loader: DataLoader) -> int:
    return loader.dataset.metainfo['num_keypoints']


def collect(metric: FaceAlignmentMetric, faces: int) -> Predictions:
    """Labels, boxes, pictures and subsets of all faces that a metric has seen.

    Args:
        metric: The metric after its last batch.
        faces: Number of faces of the test set.

    Returns:
        The predictions that it would write as `outfile`.

    Raises:
        UserError: If it refuses what it has seen.
    """
    with tempfile.TemporaryDirectory() as folder, _quiet():
        metric.outfile = Path(folder) / 'predictions.npz'
        try:
            metric.evaluate(faces)
        except ValueError as error:
            raise UserError(str(error)) from error
        return Predictions.load(metric.outfile)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the metric's own table, which would show one decoder of many."""
    logger = MMLogger.get_current_instance()
    kept = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(kept)


def _with(labelled: Predictions, answers: list[tuple[np.ndarray, np.ndarray]]) -> Predictions:
    """The same faces with what one decoder found."""
    predicted, scores = (np.concatenate(each) for each in zip(*answers))
    return replace(labelled, predicted=predicted[..., :2], scores=scores)


def _times(
    model: TopdownPoseEstimator, inputs: Tensor, decoders: Mapping[str, Any]
) -> tuple[dict[str, Timing], dict[str, Timing]]:
    """Time of the network without and with flip test, and of each decoder, on one batch."""
    heatmaps = plain_heatmaps(model, inputs)
    faces = len(inputs)

    def both_passes() -> None:
        plain_heatmaps(model, inputs)
        plain_heatmaps(model, inputs.flip(-1))

    network = dict(
        off=measure_time(lambda: plain_heatmaps(model, inputs), faces),
        on=measure_time(both_passes, faces),
    )
    return network, {
        label: measure_time(lambda codec=codec: decode_once(codec, heatmaps), faces)
        for label, codec in decoders.items()
    }

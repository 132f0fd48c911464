"""The same pass of a network decoded by every decoder: error by the config's evaluator, time."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Optional

import numpy as np
from mmengine.evaluator import Evaluator
from mmpose.models import TopdownPoseEstimator
from mmpose.structures import PoseDataSample
from torch.utils.data import DataLoader

from mmpose_multilat.settings import evaluator_from

from .flip_test import has_flip_test
from .labels import labelled_landmarks
from .measurement import time_decoder
from .views import Views, look_through


@dataclass
class Face:
    """A face of the test set.

    Attributes:
        path: Of its image.
        true: (K, 2) true landmarks in px; those that are not labelled lie anywhere.
        predicted: (K, 2) predictions by decoder.
        labelled: (K,) bool, whether a landmark is labelled; None where all are.
    """

    path: str
    true: np.ndarray
    predicted: dict[str, np.ndarray] = field(default_factory=dict)
    labelled: Optional[np.ndarray] = None


@dataclass
class DecoderResult:
    """What a decoder reached.

    Attributes:
        metrics: Those of the config's evaluator.
        ms_per_face: Decoding time in ms per face, None where it was not measured.
    """

    metrics: dict[str, float]
    ms_per_face: Optional[float]


def compare_decoders(
    model: TopdownPoseEstimator,
    loader: DataLoader,
    evaluator: Any,
    decoders: Mapping[str, Any],
    num_faces: int = 0,
    timed: bool = True,
) -> tuple[dict[str, DecoderResult], list[Face]]:
    """Run the network once over a test set and decode its output with every decoder.

    Args:
        model: A pose estimator in evaluation mode; flip test as it is set.
        loader: The test set.
        evaluator: Config of its evaluator.
        decoders: Decoders of what its head puts out, by label.
        num_faces: How many faces, spread over the test set, to return with their predictions.
        timed: Whether to measure the decoders' times too, which takes seconds for each.

    Returns:
        Results by label, and the faces.

    Raises:
        ValueError: If the test set cannot be read, or the network does not fit the codec or the
            dataset.
    """
    evaluators = {label: build_evaluator(evaluator, loader) for label in decoders}
    wanted = set(np.linspace(0, len(loader.dataset) - 1, num_faces).round().astype(int))
    flip_test, faces, seen = has_flip_test(model), [], 0
    first: Optional[Views] = None
    for views in look_through(model, loader):
        first = first or replace(views)
        shown = {i: _face(each) for i, each in enumerate(views.samples) if seen + i in wanted}
        for label, codec in decoders.items():
            samples = views.predict(codec, flip_test)
            batch = dict(inputs=views.inputs, data_samples=views.samples)
            evaluators[label].process([sample.to_dict() for sample in samples], batch)
            for i, face in shown.items():
                face.predicted[label] = samples[i].pred_instances.keypoints[0]
        faces += shown.values()
        seen += len(views.samples)
    results = {
        label: DecoderResult(
            metrics=_numbers(evaluators[label].evaluate(len(loader.dataset))),
            ms_per_face=time_decoder(first, codec).ms_per_face if timed else None,
        )
        for label, codec in decoders.items()
    }
    return results, faces


def build_evaluator(evaluator: Any, loader: DataLoader) -> Evaluator:
    """Build the evaluator of a config for its test set."""
    built = evaluator_from(evaluator)
    built.dataset_meta = loader.dataset.metainfo
    return built


def _numbers(metrics: Mapping[str, Any]) -> dict[str, float]:
    """The metrics as numbers of Python; MMPose gives some of NumPy, which JSON does not know."""
    return {name: float(value) for name, value in metrics.items()}


def _face(sample: PoseDataSample) -> Face:
    """The image and the true landmarks of a sample."""
    places, labelled = sample.gt_instances.keypoints[0], labelled_landmarks(sample)
    return Face(sample.get('img_path', ''), places, labelled=labelled)


def main_nme(metrics: Mapping[str, float]) -> float:
    """Return the first NME of an evaluator: MMPose's, or by the first normaliser of our metric.

    Args:
        metrics: Numbers by key; before the last slash of a key stand prefix and subset.

    Raises:
        ValueError: If there is none.
    """
    found = [value for key, value in metrics.items() if key.split('/')[-1].startswith('NME')]
    if not found:
        raise ValueError('the evaluator gives no NME: no face has a defined normaliser')
    return found[0]

"""The same heatmaps decoded by every decoder: error by the config's evaluator, time per face."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Optional

import cv2
import numpy as np
import torch
from mmengine.evaluator import Evaluator
from mmpose.models import TopdownPoseEstimator
from mmpose.structures import PoseDataSample
from torch import Tensor
from torch.utils.benchmark import Timer
from torch.utils.data import DataLoader

from mmpose_multilat.codecs import HeatmapCodec
from mmpose_multilat.models.pose_estimators import average_mirrored
from mmpose_multilat.tools.benchmarking.loading import read_batches
from mmpose_multilat.tools.benchmarking.passes import (
    Heatmaps,
    heatmaps_by_flip,
    plain_heatmaps,
    prepare,
)
from mmpose_multilat.tools.command_line import UserError
from mmpose_multilat.visualization import draw_landmarks, face_sheet

SECONDS_PER_TIMING = 0.5


@dataclass
class Face:
    """A face of the test set: its picture, (K, 2) true landmarks in px, predictions by decoder."""

    path: str
    true: np.ndarray
    predicted: dict[str, np.ndarray] = field(default_factory=dict)


@dataclass
class DecoderResult:
    """What a decoder reached: metrics of the config's evaluator, decoding time in ms per face."""

    metrics: dict[str, float]
    ms_per_face: float


def main_nme(metrics: Mapping[str, float]) -> float:
    """The first NME of an evaluator: MMPose's, or by the first normaliser of our metric.

    Args:
        metrics: Numbers by key; before the last slash of a key stand prefix and subset.

    Raises:
        UserError: If there is none.
    """
    found = [value for key, value in metrics.items() if key.split('/')[-1].startswith('NME')]
    if not found:
        raise UserError('the evaluator gives no NME: no face has a defined normaliser')
    return found[0]


def compare_decoders(
    model: TopdownPoseEstimator,
    loader: DataLoader,
    evaluator: Any,
    decoders: Mapping[str, HeatmapCodec],
    num_faces: int = 0,
) -> tuple[dict[str, DecoderResult], list[Face]]:
    """Run the network once over a test set and decode its heatmaps with every decoder.

    Args:
        model: A pose estimator with a heatmap head, in evaluation mode; flip test as it is set.
        loader: The test set.
        evaluator: Config of its evaluator.
        decoders: Decoders by label.
        num_faces: How many faces, spread over the test set, to return with their predictions.

    Returns:
        Results by label, and the faces.
    """
    evaluators = {label: Evaluator(copy.deepcopy(evaluator)) for label in decoders}
    for each in evaluators.values():
        each.dataset_meta = loader.dataset.metainfo
    first, faces, seen = None, [], 0
    wanted = set(np.linspace(0, len(loader.dataset) - 1, num_faces).round().astype(int))
    for batch in read_batches(loader):
        inputs, samples = prepare(model, batch)
        heatmaps = own_heatmaps(model, inputs, samples)
        if first is None:
            first = heatmaps[0] if isinstance(heatmaps, tuple) else heatmaps
        shown = {i: new_face(sample) for i, sample in enumerate(samples) if seen + i in wanted}
        for label, codec in decoders.items():
            decoded = decode(model, codec, heatmaps, samples)
            evaluators[label].process([sample.to_dict() for sample in decoded])
            for i, face in shown.items():
                face.predicted[label] = decoded[i].pred_instances.keypoints[0]
        faces += shown.values()
        seen += len(samples)
    results = {
        label: DecoderResult(
            metrics=evaluators[label].evaluate(len(loader.dataset)),
            ms_per_face=milliseconds_per_face(codec, first),
        )
        for label, codec in decoders.items()
    }
    return results, faces


def own_heatmaps(
    model: TopdownPoseEstimator, inputs: Tensor, samples: list[PoseDataSample]
) -> Heatmaps:
    """The heatmaps of a batch that the model's own settings would decode."""
    if model.test_cfg.get('flip_test', False):
        return heatmaps_by_flip(model, inputs, samples)[True]
    return plain_heatmaps(model, inputs)


def decode(
    model: TopdownPoseEstimator,
    codec: HeatmapCodec,
    heatmaps: Heatmaps,
    samples: list[PoseDataSample],
) -> list[PoseDataSample]:
    """Copies of the samples with the landmarks that a codec finds, in px of the picture."""
    pair = heatmaps if isinstance(heatmaps, tuple) else (heatmaps,)
    kept, model.head.decoder = model.head.decoder, codec
    try:
        predictions = [model.head.decode(each) for each in pair]
    finally:
        model.head.decoder = kept
    if len(pair) == 2:
        width, flip_indices = codec.input_size[0], samples[0].metainfo['flip_indices']
        found = [average_mirrored(*both, width, flip_indices) for both in zip(*predictions)]
    else:
        (found,) = predictions
    copies = [copy.copy(sample) for sample in samples]
    return model.add_pred_to_datasample(found, None, copies)


def new_face(sample: PoseDataSample) -> Face:
    """The picture and the true landmarks of a sample."""
    return Face(sample.img_path, sample.gt_instances.keypoints[0])


def milliseconds_per_face(codec: HeatmapCodec, heatmaps: Tensor) -> float:
    """Median time of `batch_decode`, the copy of the coordinates to the host included, in ms."""
    timer = Timer(
        'codec.batch_decode(heatmaps)',
        globals=dict(codec=codec, heatmaps=heatmaps),
        num_threads=torch.get_num_threads(),
    )
    measured = timer.blocked_autorange(min_run_time=SECONDS_PER_TIMING)
    return 1000 * measured.median / len(heatmaps)


def faces_by_decoder(faces: list[Face]) -> Optional[np.ndarray]:
    """A picture with one face a row and one decoder a column, None without faces."""
    rows = []
    for face in faces:
        image = cv2.imread(face.path)
        rows.append([draw_landmarks(image, each, face.true) for each in face.predicted.values()])
    return face_sheet(rows, list(faces[0].predicted)) if rows else None

"""One look of a network at a test set, read by many decoders."""

import copy
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from mmpose.models import TopdownPoseEstimator

from mmpose_multilat.analysis import look_through
from mmpose_multilat.analysis.loading import build_loader
from mmpose_multilat.evaluation import Predictions, landmark_errors
from mmpose_multilat.models.heads import as_encoded
from mmpose_multilat.settings import crop_settings, pipelines_of

from .changes import with_padding


@dataclass(frozen=True)
class Look:
    """What decoders found in a test set of N faces with K landmarks.

    Attributes:
        errors: (N, K) distances as fractions of the inter-ocular distance, by decoder; NaN where a
            landmark does not count.
        outside: (N, K) bool, whether the true landmark lies outside the image that the network
            sees.
        height: Mean over all landmarks of the largest response.
    """

    errors: dict[Hashable, np.ndarray]
    outside: np.ndarray
    height: float


def padding_of(config: Config) -> float:
    """Side of the crop of the test faces in sides of the annotated box."""
    (crop,) = map(crop_settings, pipelines_of(config).values())
    return crop.padding


def look(
    model: TopdownPoseEstimator, config: Config, padding: float, codecs: Mapping[Hashable, Any]
) -> Look:
    """Run the network over the test faces and decode, without flip test.

    Args:
        model: The network in evaluation mode.
        config: Its config.
        padding: Side of the crop in sides of the annotated box.
        codecs: Codecs of what the network puts out, by whatever tells them apart.
    """
    loader = build_loader(cropped(config, padding))
    predicted: dict[Hashable, list[np.ndarray]] = {key: [] for key in codecs}
    places, heights = [], []
    for views in look_through(model, loader):
        for key, codec in codecs.items():
            predicted[key].append(views.locate(codec).coordinates.cpu().numpy())
        places.append(views.true)
        output = as_encoded(views.plain.outputs)  # vectors come in pairs
        heights.append(torch.stack([each.flatten(2).amax(-1) for each in output]).mean(0))
    true, name = np.concatenate(places), loader.dataset.metainfo['dataset_name']
    errors = {
        key: landmark_errors(predictions(np.concatenate(found), true, name), 'ocular')
        for key, found in predicted.items()
    }
    side = np.array(views.samples[0].metainfo['input_size'])
    outside = ((true < 0) | (true > side - 1)).any(-1)
    return Look(errors, outside, float(torch.cat(heights).mean()))


def cropped(config: Config, padding: float) -> Config:
    """A copy of a config whose test faces are cropped otherwise."""
    changed = copy.deepcopy(config)
    dataset = changed.test_dataloader.dataset
    dataset.pipeline = with_padding(dataset.pipeline, padding)
    return changed


def predictions(predicted: np.ndarray, true: np.ndarray, dataset: str) -> Predictions:
    """What the metrics of the package read; nothing but landmarks is known."""
    labelled = np.isfinite(true).all(-1)
    faces, landmarks = labelled.shape
    return Predictions(
        predicted=predicted,
        true=true,
        labelled=labelled,
        occluded=None,
        scores=np.full((faces, landmarks), np.nan),
        boxes=np.full((faces, 4), np.nan),
        images=[''] * faces,
        ids=list(range(faces)),
        dataset=dataset,
    )

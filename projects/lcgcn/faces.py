"""What a network finds in the faces of a test set, as they are or occluded.

Coordinates are px of the crops, without flip test.
"""

import copy
from typing import Any, NamedTuple

import numpy as np
import torch
from mmengine.config import Config
from mmpose.datasets.transforms import PackPoseInputs

from mmpose_multilat.analysis.loading import build_loader
from mmpose_multilat.landmarks import SCHEMES
from mmpose_multilat.models.pose_estimators import locate
from projects.lcgcn.occluders import HIDDEN

EYES = [corner for (corner,) in SCHEMES['ibug'].eyes]
"""Outer eye corners of the 68 landmarks."""


class Faces(NamedTuple):
    """What a network finds in N faces, and what is true.

    Attributes:
        found: (N, K, 2) landmarks (x, y) in px of the crops.
        scores: (N, K) their scores.
        true: (N, K, 2) labels.
        hidden: (N, K) whether an occluder lies over a landmark.
    """

    found: np.ndarray
    scores: np.ndarray
    true: np.ndarray
    hidden: np.ndarray


def with_transforms(config: Config, *transforms: dict[str, Any]) -> Config:
    """A config whose test pipeline has further transforms, and packs what `faces_of` reads."""
    config = copy.deepcopy(config)
    pipeline = list(config.test_dataloader.dataset.pipeline)
    keys = (*PackPoseInputs.__init__.__defaults__[0], *([HIDDEN] if transforms else ()))
    pack = dict(type='PackPoseInputs', pack_transformed=True, meta_keys=keys)
    config.test_dataloader.dataset.pipeline = [*pipeline[:-1], *transforms, pack]
    return config


@torch.no_grad()
def faces_of(model: Any, config: Config) -> Faces:
    """Find the landmarks of all faces of a test set."""
    parts = []
    for batch in build_loader(config):
        given = model.data_preprocessor(batch, training=False)
        found = locate(model, given['inputs'])
        samples = given['data_samples']
        true = np.concatenate([each.gt_instances.transformed_keypoints for each in samples])
        nothing = np.zeros(true.shape[1], bool)
        hidden = np.stack([each.metainfo.get(HIDDEN, nothing) for each in samples])
        parts.append(Faces(found.coordinates.numpy(), found.scores.numpy(), true, hidden))
    return Faces(*map(np.concatenate, zip(*parts)))


def errors_of(faces: Faces) -> np.ndarray:
    """(N, K) distances from the labels as fractions of that of the outer eye corners."""
    eyes = np.linalg.norm(faces.true[:, EYES[0]] - faces.true[:, EYES[1]], axis=-1)
    errors = np.linalg.norm(faces.found - faces.true, axis=-1) / eyes[:, None]
    return errors.astype(float)  # which JSON can write

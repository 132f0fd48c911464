"""One pass over a test set: what a network makes of each batch, located by any decoder."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from mmpose.models import TopdownPoseEstimator
from mmpose.structures import PoseDataSample
from torch import Tensor
from torch.utils.data import DataLoader

from mmpose_multilat.landmarks import Located
from mmpose_multilat.models.heads import decoding_with, flip_indices_of, to_instances
from mmpose_multilat.models.pose_estimators import (
    COORDINATES,
    View,
    average_views,
    check_receives_predictions,
    locate_view,
    locate_views,
    look,
)

from .batches import read_batches
from .labels import true_landmarks


@dataclass(frozen=True)
class Views:
    """What a network makes of a batch of B faces; nothing is calculated before it is asked for.

    The landmarks are those that the estimator itself finds with the same decoder and flip test,
    whatever its head.

    Args:
        estimator: A pose estimator in evaluation mode.
        inputs: (B, C, h, w) normalised crops on its device.
        samples: B samples with labels.
    """

    estimator: TopdownPoseEstimator
    inputs: Tensor
    samples: list[PoseDataSample]

    @cached_property
    @torch.no_grad()
    def plain(self) -> View:
        """The crops, passed through the network once."""
        return look(self.estimator, self.inputs, self.samples)

    @cached_property
    @torch.no_grad()
    def flipped(self) -> View:
        """The flipped crops, passed through the network once."""
        return look(self.estimator, self.inputs.flip(-1), self.samples)

    @cached_property
    @torch.no_grad()
    def averaged(self) -> View:
        """Both averaged by one of MMPose's flip modes."""
        return average_views(self.estimator, self.plain, self.flipped, self.partners)

    @property
    def partners(self) -> list[int]:
        """Index of the landmark on the other side, for each landmark."""
        return flip_indices_of(self.samples[0])

    @property
    def true(self) -> np.ndarray:
        """(B, K, 2) labelled landmarks (x, y) in input px, NaN where there is no label."""
        return np.stack([true_landmarks(sample) for sample in self.samples])

    def locate(self, codec: Any, flip_test: bool = False, covariances: bool = False) -> Located:
        """Find the landmarks of the dataset in input px.

        Args:
            codec: What the head decodes with.
            flip_test: Whether to use the flipped crops too, as the estimator's `flip_mode` says.
            covariances: Whether to estimate covariances too.

        Raises:
            ValueError: If the network does not fit the codec or the dataset.
        """
        found = self._locate(codec, flip_test, covariances)
        chosen = self._chosen
        if chosen is None:
            return found
        return Located(*(part if part is None else part[:, chosen] for part in found))

    def predict(self, codec: Any, flip_test: bool = False) -> list[PoseDataSample]:
        """Put the landmarks into the samples, in px of the images, as MMPose's test loop does.

        Args:
            codec: What the head decodes with.
            flip_test: Whether to use the flipped crops too, as the estimator's `flip_mode` says.

        Returns:
            The samples, whose `pred_instances` are replaced.

        Raises:
            ValueError: If the network does not fit the codec or the dataset, or a sample lacks a
                field.
        """
        for sample in self.samples:
            check_receives_predictions(sample)
        instances = to_instances(self._locate(codec, flip_test), codec)
        return self.estimator.add_pred_to_datasample(instances, None, self.samples)

    @torch.no_grad()
    def _locate(self, codec: Any, flip_test: bool, covariances: bool = False) -> Located:
        """All landmarks of the head."""
        model = self.estimator
        with decoding_with(model.head, codec):
            if not flip_test:
                found = locate_view(model, self.plain, covariances)
            elif model.test_cfg.get('flip_mode') == COORDINATES:
                both = self.plain, self.flipped
                found = locate_views(model, *both, self.partners, covariances)
            else:
                found = locate_view(model, self.averaged, covariances)
        self._check_landmarks(found.scores.shape[1])
        return found

    @property
    def _chosen(self) -> list[int] | None:
        """Which landmarks of the head are those of the dataset, None for all."""
        chosen = self.estimator.test_cfg.get('output_keypoint_indices')
        return None if chosen is None else list(chosen)

    def _check_landmarks(self, found: int) -> None:
        """Refuse a network for faces with other landmarks."""
        landmarks = self.samples[0].gt_instances.keypoints.shape[1]
        count = found if self._chosen is None else len(self._chosen)
        if count != landmarks:
            raise ValueError(
                f'the network puts out {count} landmarks, the dataset has {landmarks}; take the '
                'config with which the checkpoint was trained'
            )


def look_through(estimator: TopdownPoseEstimator, loader: DataLoader) -> Iterator[Views]:
    """Pass over a test set once, with a progress bar.

    Args:
        estimator: A pose estimator in evaluation mode.
        loader: The test set.

    Raises:
        ValueError: If the test set cannot be read, see `read_batches`.
    """
    for batch in read_batches(loader):
        data = estimator.data_preprocessor(batch, False)
        if estimator.metainfo is not None:  # as the estimator's own `forward` does
            for sample in data['data_samples']:
                sample.set_metainfo(estimator.metainfo)
        yield Views(estimator, data['inputs'], data['data_samples'])

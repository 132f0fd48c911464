"""The network behind one small interface, whether PyTorch or ONNX Runtime calculates it."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Optional, Protocol

import numpy as np

from mmpose_multilat.landmarks import CropGeometry


class Answer(NamedTuple):
    """Landmarks that a network found in B crops.

    Attributes:
        coordinates: (B, K, 2) landmarks (x, y) in px of the crops.
        scores: (B, K), 0 where a landmark is not to be trusted.
        covariances: (B, K, 2, 2) in squared px of the crops, NaN where the score is 0; None where
            they were not asked for.
        edges: (B, K, K) how much the landmarks of a `GraphRefinementHead` listen to each other,
            without flip test, see `LandmarkEdges`; None where they were not asked for.
    """

    coordinates: np.ndarray
    scores: np.ndarray
    covariances: Optional[np.ndarray] = None
    edges: Optional[np.ndarray] = None

    def to_image(self, regions: CropGeometry) -> 'Answer':
        """The same landmarks in px of the images.

        Args:
            regions: Where the B crops lie, NumPy.
        """
        covariances = self.covariances
        if covariances is not None:
            covariances = regions.covariance_to_image(covariances)
        coordinates = regions.to_image(self.coordinates)
        return self._replace(coordinates=coordinates, covariances=covariances)


class LandmarkNetwork(Protocol):
    """Finds landmarks in crops.

    Attributes:
        input_size: Size (w, h) of the crops in px.
        metainfo: What is known of the landmarks, with `dataset_name` and `flip_indices` as in
            MMPose's metainfo.
    """

    input_size: tuple[int, int]
    metainfo: Mapping[str, Any]

    def __call__(self, crops: np.ndarray) -> Answer:
        """Find landmarks.

        Args:
            crops: (B, h, w, C) as the test pipeline cuts them, mostly uint8 BGR.
        """

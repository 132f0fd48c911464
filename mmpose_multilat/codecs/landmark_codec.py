"""What codecs of heatmaps and of vectors share: decoding, and MMPose's ways to call a codec."""

from abc import abstractmethod
from dataclasses import KW_ONLY, dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from mmpose_multilat.landmarks import Located
from mmpose_multilat.landmarks.checks import check_flag
from mmpose_multilat.multilateration import without_autocast

from .grid_codec import GridCodec


@dataclass(eq=False)
class LandmarkCodec(GridCodec):
    """Base of the codecs of heatmaps and of vectors.

    Sizes are written as in MMPose: `input_size` is (w, h) in px, `heatmap_size` is (W, H) in cells.
    K is the number of landmarks, B of faces; MMPose's number of instances is always 1. All decoding
    is batched torch on the device of the network's output; float16 and bfloat16 are calculated in
    float32, under autocast too (but for `locate` itself, which is what autocast makes of it).

    Args:
        input_size: See `GridCodec`, also for `heatmap_size`, `sigma` and `alignment`.
        beyond_box: Whether landmarks are sought beyond the cells too, for boxes that cut faces off.
            Labels of landmarks up to 3 sigma outside are encoded in any case.

    Raises:
        ValueError: If an argument is out of its range; the message lists what is allowed.
    """

    tells_covariances = False
    """Whether `locate` takes `covariances=True`."""

    encoded_names: ClassVar[tuple[str, ...]]
    """Names in what `encode` gives of the tensors that `locate` takes, in their order."""

    _: KW_ONLY
    beyond_box: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self.beyond_box = check_flag('beyond_box', self.beyond_box)

    @abstractmethod
    def locate(self, *encoded: Tensor, covariances: bool = False) -> Located:
        """Find the landmarks in what a network puts out, in heatmap px.

        Args:
            *encoded: Tensors of any floating dtype, leading shape and content.
            covariances: Whether to estimate covariances too.
        """

    @abstractmethod
    def check_encoded(self, *encoded: Tensor) -> None:
        """Do nothing if a batch is what the codec decodes.

        Raises:
            ValueError: If it is not; the message names the setting to change.
        """

    def locate_in_input(self, *encoded: Tensor, covariances: bool = False) -> Located:
        """Like `locate`, for a batch of B faces and in input px.

        Raises:
            ValueError: If the batch is not of the codec's size, or covariances are asked of a
                codec or size that cannot tell them.
        """
        self.check_encoded(*encoded)
        with without_autocast(encoded[0]):
            found = self.locate(*encoded, covariances=covariances)
        if found.covariances is not None:
            found = found._replace(covariances=self.geometry.covariance_to_input(found.covariances))
        return found._replace(coordinates=self.geometry.to_input(found.coordinates))

    def decode(self, *encoded: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Decode what `encode` gives for one face.

        Returns:
            keypoints: (1, K, 2) landmarks (x, y) in input px.
            scores: (1, K) as in `Located`.
        """
        keypoints, scores = self.batch_decode(*(torch.as_tensor(each)[None] for each in encoded))
        return keypoints[0], scores[0]

    def batch_decode(self, *batch_encoded: Tensor) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Decode a batch of B faces in one call, on the device where it is.

        Returns:
            B arrays (1, K, 2) of landmarks (x, y) in input px, and B arrays (1, K) of scores.

        Raises:
            ValueError: If the batch is not of the codec's size.
        """
        found = self.locate_in_input(*(each.detach() for each in batch_encoded))
        answer = torch.cat((found.coordinates, found.scores.unsqueeze(-1)), -1).unsqueeze(1)
        answer = answer.cpu().numpy()  # (B, 1, K, 3), one copy from the device
        return list(answer[..., :2]), list(answer[..., 2])

"""Landmarks from the output of any head: the one place that knows how heads of MMPose answer.

A head of this package answers for itself, see `LocatingHead`. A head of MMPose answers by its
codec, one of this package or of MMPose.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from mmengine.structures import InstanceData
from mmpose.models.utils.tta import flip_heatmaps
from mmpose.structures import PoseDataSample
from torch import Tensor, nn

from mmpose_multilat.codecs import LandmarkCodec, expects_udp_crops
from mmpose_multilat.landmarks import Located

COVARIANCES = 'keypoint_covariances'
"""Field of `pred_instances`. MMPose's `output_keypoint_indices` selects from every field of an
instance whose name begins with 'keypoint'."""


def locate_outputs(head: nn.Module, outputs: Any, feats: Any, covariances: bool = False) -> Located:
    """Find the landmarks in what the `forward` of a head has put out.

    Args:
        head: A head of this package or of MMPose, for one face per image.
        outputs: What `head.forward(feats)` returns: heatmaps (B, K, H, W), or something else.
        feats: Features of the backbone or neck.
        covariances: Whether to estimate covariances too.

    Returns:
        B faces with K landmarks in input px.

    Raises:
        ValueError: If the output does not fit the codec, or covariances are asked of a head that
            cannot tell them.
    """
    if hasattr(head, 'locate_outputs'):
        return head.locate_outputs(outputs, feats, covariances)
    if isinstance(head.decoder, LandmarkCodec):
        return head.decoder.locate_in_input(*as_encoded(outputs), covariances=covariances)
    if covariances:
        raise ValueError(f'{type(head.decoder).__name__} tells no covariances')
    (encoded, *others) = as_encoded(outputs)
    is_heatmap = not others and encoded.ndim == 4
    # Heads of coordinates shape their output in `predict`, those of heatmaps need nothing else.
    found = head.decode(encoded) if is_heatmap else head.predict(feats, [], test_cfg={})
    return _from_instances(found, head.decoder, encoded)


def as_encoded(outputs: Any) -> tuple[Tensor, ...]:
    """Return what a codec decodes of a head's output; of several stages (a list) the last."""
    if isinstance(outputs, list):
        outputs = outputs[-1]
    return tuple(outputs) if isinstance(outputs, tuple) else (outputs,)


def with_encoded(outputs: Any, encoded: Sequence[Tensor]) -> Any:
    """Put other tensors in the place of the first of those that `as_encoded` returns.

    Args:
        outputs: What `head.forward(feats)` returns.
        encoded: One or more tensors; what the head puts out besides stays as it is.

    Returns:
        The same kind of output.
    """
    if isinstance(outputs, list):
        return [*outputs[:-1], with_encoded(outputs[-1], encoded)]
    if not isinstance(outputs, tuple):
        return encoded[0]
    make = getattr(outputs, '_make', tuple)  # a named tuple stays one
    return make((*encoded, *outputs[len(encoded) :]))


def _from_instances(found: Sequence[InstanceData], codec: Any, like: Tensor) -> Located:
    """What MMPose's codecs decode, in input px and on the device of a tensor."""
    keypoints = np.concatenate([each.keypoints[..., :2] for each in found]).astype(np.float32)
    scores = np.concatenate([each.keypoint_scores for each in found]).astype(np.float32)
    return Located(
        torch.from_numpy(keypoints / stretch_of(codec)).to(like.device),
        torch.from_numpy(scores).to(like.device),
    )


def to_instances(found: Located, codec: Any) -> list[InstanceData]:
    """The same landmarks as MMPose's heads give them: NumPy, one face an instance.

    Args:
        found: B faces in input px.
        codec: The head's codec, whose own px MMPose expects, see `stretch_of`.

    Returns:
        B instances with `keypoints` (1, K, 2), `keypoint_scores` (1, K) and, where there are some,
        `keypoint_covariances` (1, K, 2, 2).
    """
    parts = {'keypoints': found.coordinates, 'keypoint_scores': found.scores}
    if found.covariances is not None:
        parts[COVARIANCES] = found.covariances
    arrays = {name: each.detach().cpu().numpy()[:, None] for name, each in parts.items()}
    arrays['keypoints'] = arrays['keypoints'] * stretch_of(codec)
    count = len(found.scores)
    return [InstanceData(**{name: each[i] for name, each in arrays.items()}) for i in range(count)]


def stretch_of(codec: Any) -> np.ndarray:
    """(2,) factors of x and y from input px to what a codec's `decode` gives to MMPose.

    1 for all codecs but MMPose's `UDPHeatmap`, see `expects_udp_crops`.
    """
    if not expects_udp_crops(codec):
        return np.ones(2, np.float32)
    size = np.asarray(codec.input_size, np.float32)
    return size / (size - 1)


@contextmanager
def decoding_with(head: nn.Module, codec: Any) -> Iterator[None]:
    """Let a head decode with another codec for a while, to compare decoders of its output."""
    kept, head.decoder = head.decoder, codec
    try:
        yield
    finally:
        head.decoder = kept


def averaged_outputs(
    head: nn.Module, feats: Sequence[Any], flip_indices: Sequence[int], test_cfg: dict[str, Any]
) -> Any:
    """Average what a head puts out for images and for flipped images, as MMPose does.

    Args:
        head: A head of this package or of MMPose.
        feats: Features of the images, and of the flipped images.
        flip_indices: Index of the landmark on the other side for each landmark.
        test_cfg: `flip_mode` and `shift_heatmap`, with MMPose's defaults.

    Raises:
        ValueError: If the head puts out something else than heatmaps.
    """
    average = getattr(head, 'averaged_outputs', None)
    if average is not None:
        return average(feats, flip_indices, test_cfg)
    (plain, *others), (flipped, *_) = (as_encoded(head.forward(each)) for each in feats)
    if others or plain.ndim != 4:
        raise ValueError(
            f'{type(head).__name__} puts out no heatmaps to average; use '
            "MultilaterationPoseEstimator with test_cfg=dict(flip_mode='coordinates')"
        )
    return average_heatmaps(plain, flipped, flip_indices, test_cfg)


def average_heatmaps(
    plain: Tensor, flipped: Tensor, flip_indices: Sequence[int], test_cfg: dict[str, Any]
) -> Tensor:
    """Mean of the heatmaps (B, K, H, W) of images and flipped images, see `averaged_outputs`."""
    flipped = flip_heatmaps(
        flipped,
        flip_mode=test_cfg.get('flip_mode', 'heatmap'),
        flip_indices=list(flip_indices),
        shift_heatmap=test_cfg.get('shift_heatmap', False),
    )
    return (plain + flipped) * 0.5


def flip_indices_of(sample: PoseDataSample) -> list[int]:
    """Index of the landmark on the other side, for each landmark of a sample.

    Raises:
        ValueError: If the sample does not say.
    """
    if 'flip_indices' not in sample.metainfo:
        raise ValueError(
            "the flip test needs flip_indices in the samples; add 'flip_indices' to the meta_keys "
            'of PackPoseInputs, where it is by default'
        )
    return list(sample.metainfo['flip_indices'])

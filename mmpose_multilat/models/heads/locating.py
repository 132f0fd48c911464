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
from torch import Tensor, nn

from mmpose_multilat.codecs import LandmarkCodec, expects_udp_crops, geometry_of
from mmpose_multilat.landmarks import Located

from .averaging import PredictCall
from .outputs import as_encoded, is_heatmap, landmark_head

COVARIANCES = 'keypoint_covariances'
"""Field of `pred_instances`. MMPose's `output_keypoint_indices` selects from every field of an
instance whose name begins with 'keypoint'."""


def locate_outputs(head: nn.Module, outputs: Any, feats: Any, covariances: bool = False) -> Located:
    """Find the landmarks in what the `forward` of a head has put out.

    Args:
        head: A head of this package or of MMPose, for one face per image.
        outputs: What `head.forward(feats)` returns: heatmaps (B, K, H, W), or something else; or
            what `averaged_outputs` does.
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
    return locate_by_codec(head, outputs, feats, covariances)


def locate_by_codec(
    head: nn.Module, outputs: Any, feats: Any, covariances: bool = False
) -> Located:
    """Find the landmarks that a head's codec decodes of its output, see `locate_outputs`."""
    codec = head.decoder
    if isinstance(codec, LandmarkCodec) and not isinstance(outputs, PredictCall):
        return codec.locate_in_input(*as_encoded(outputs), covariances=covariances)
    if covariances:
        raise ValueError(f'{type(codec).__name__} tells no covariances')
    return _from_instances(_decode(head, outputs, feats), codec, _device_of(feats))


def _decode(head: nn.Module, outputs: Any, feats: Any) -> list[InstanceData]:
    """What a head of MMPose makes of its own output."""
    if isinstance(outputs, PredictCall):
        return head.predict(outputs.feats, outputs.samples, outputs.test_cfg)
    if not is_heatmap(outputs):  # heads of coordinates and of vectors shape them in `predict`
        return head.predict(feats, [], {})
    heatmaps = as_encoded(outputs)[0]
    _check_size(head.decoder, heatmaps)
    return head.decode(heatmaps)


def _check_size(codec: Any, heatmaps: Tensor) -> None:
    """Refuse heatmaps of another size than that of a codec of MMPose, which does not look."""
    geometry, size = geometry_of(codec), (heatmaps.shape[-1], heatmaps.shape[-2])
    if geometry is not None and geometry.heatmap_size != size:
        raise ValueError(
            f'{type(codec).__name__} was built for heatmap_size={geometry.heatmap_size} (W, H), '
            f'the network puts out {size}; set the heatmap_size of the codec to that'
        )


def _device_of(feats: Any) -> torch.device:
    """Where features lie, a tensor or sequences of them."""
    return feats.device if isinstance(feats, Tensor) else _device_of(feats[-1])


def _from_instances(found: Sequence[InstanceData], codec: Any, device: torch.device) -> Located:
    """What MMPose's codecs decode, in input px and on a device."""
    keypoints = np.concatenate([each.keypoints[..., :2] for each in found]).astype(np.float32)
    scores = np.concatenate([each.keypoint_scores for each in found]).astype(np.float32)
    return Located(
        torch.from_numpy(keypoints / stretch_of(codec)).to(device),
        torch.from_numpy(scores).to(device),
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
    head = landmark_head(head)
    kept, head.decoder = head.decoder, codec
    try:
        yield
    finally:
        head.decoder = kept

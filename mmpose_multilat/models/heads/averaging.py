"""The flip test that averages what a head puts out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mmpose.models.utils.tta import flip_heatmaps
from mmpose.structures import PoseDataSample
from torch import Tensor, nn

from mmpose_multilat.codecs import LandmarkCodec

from .outputs import as_encoded, is_heatmap


@dataclass(frozen=True)
class PredictCall:
    """Stands for the averaged output of a head of MMPose that averages in its `predict` alone.

    Attributes:
        feats: Features of the images, and of the flipped images.
        samples: A sample that says which landmarks mirror each other, and the size of the input.
        test_cfg: How to average.
    """

    feats: list[Any]
    samples: list[PoseDataSample]
    test_cfg: dict[str, Any]


def averaged_outputs(
    head: nn.Module,
    outputs: Sequence[Any],
    feats: Sequence[Any],
    flip_indices: Sequence[int],
    test_cfg: dict[str, Any],
) -> Any:
    """Average what a head puts out for images and for flipped images, as MMPose does.

    Args:
        head: A head of this package or of MMPose.
        outputs: What its `forward` returns for the images, and for the flipped images.
        feats: Features of both.
        flip_indices: Index of the landmark on the other side for each landmark.
        test_cfg: `flip_mode` and `shift_heatmap`, with MMPose's defaults.

    Returns:
        Outputs for `locate_outputs`.

    Raises:
        ValueError: If they do not fit a codec of this package.
    """
    average = getattr(head, 'averaged_outputs', None)
    if average is not None:
        return average(outputs, feats, flip_indices, test_cfg)
    if not is_heatmap(outputs[0]):
        if isinstance(head.decoder, LandmarkCodec):
            head.decoder.check_encoded(*as_encoded(outputs[0]))
        return _call(head.decoder, feats, flip_indices, test_cfg)
    plain, flipped = (as_encoded(each)[0] for each in outputs)
    return average_heatmaps(plain, flipped, flip_indices, test_cfg)


def _call(
    codec: Any, feats: Sequence[Any], flip_indices: Sequence[int], test_cfg: dict[str, Any]
) -> PredictCall:
    """The flip test of heads of coordinates and of vectors."""
    codec = getattr(codec, 'keypoint_codec', codec)  # within MMPose's IntegralRegressionLabel
    about = dict(flip_indices=list(flip_indices), input_size=codec.input_size)
    changes = dict(flip_test=True, output_heatmaps=False)
    return PredictCall(list(feats), [PoseDataSample(metainfo=about)], {**test_cfg, **changes})


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

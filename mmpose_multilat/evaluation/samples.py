"""What MMPose's test loop hands to a metric, as arrays."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Optional

import numpy as np
from torch import Tensor

from mmpose_multilat.landmarks.sample_fields import KNOWN, require_fields

UNKNOWN_ID = -1
"""Id of a face whose id does not reach the metric."""


@dataclass(frozen=True)
class Sample:
    """The M faces of one sample of the dataset, one with top-down methods; see `Predictions`.

    The samples of several processes are put into order and cut to the length of the dataset, so
    the faces of a sample must stay together.

    Attributes:
        predicted: (M, K, 2) px.
        true: (M, K, 2) px.
        labelled: (M, K) bool.
        scores: (M, K); 0 where they are not finite, NaN where the head gives none.
        boxes: (M, 4) x1, y1, x2, y2 in px; NaN where there is none.
        images: Path of the image, M times.
        ids: Annotation ids, M.
        annotations: Annotations as read from the file, None where they do not reach the metric.
        datasets: Name of the dataset that a face comes from, M; '' where it is not told. Several
            can be tested as one.
    """

    predicted: np.ndarray
    true: np.ndarray
    labelled: np.ndarray
    scores: np.ndarray
    boxes: np.ndarray
    images: list[str]
    ids: list[int]
    annotations: list[Optional[dict[str, Any]]]
    datasets: list[str]


def read_sample(sample: Mapping[str, Any], with_annotation: bool = True) -> Sample:
    """Take what counts from a data sample.

    Args:
        sample: A `PoseDataSample` as a dictionary, with predictions and annotation in px of the
            original image.
        with_annotation: Whether to keep the annotation as read from the file.

    Returns:
        Its faces.

    Raises:
        ValueError: If there is not one prediction of K landmarks for each annotated face, or a
            field is missing.
    """
    known, found = known_and_found(sample)
    true, predicted = (_decimals(each['keypoints']) for each in (known, found))
    predicted = predicted[..., :2]
    image = str(sample.get('img_path', ''))
    if predicted.shape != true.shape:
        raise ValueError(
            f'{image}: the predictions have shape {predicted.shape}, the annotation {true.shape} '
            '(faces, landmarks, 2). FaceAlignmentMetric needs one prediction for each annotated '
            'face (top-down), with the landmarks of the dataset.'
        )
    visible = _array(known['keypoints_visible'])
    visible = visible[..., 0] if visible.ndim > true.ndim - 1 else visible
    faces = len(true)
    return Sample(
        predicted=predicted,
        true=true,
        labelled=(visible > 0) & np.isfinite(true).all(axis=-1),
        scores=_scores(found.get('keypoint_scores'), true.shape[:2]),
        boxes=_or_nan(known.get('bboxes'), (faces, 4)),
        images=[image] * faces,
        ids=[UNKNOWN_ID if each is None else int(each) for each in _each(sample.get('id'), faces)],
        annotations=_each(sample.get('raw_ann_info') if with_annotation else None, faces),
        datasets=[str(sample.get('dataset_name') or '')] * faces,
    )


def known_and_found(sample: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """`gt_instances` and `pred_instances` of a data sample as a dictionary.

    Raises:
        ValueError: If one is missing, or its landmarks.
    """
    require_fields(sample, ('gt_instances', 'pred_instances'), 'a sample')
    known, found = sample['gt_instances'], sample['pred_instances']
    require_fields(known, KNOWN, 'gt_instances of a sample')
    require_fields(found, ['keypoints'], 'pred_instances of a sample')
    return known, found


def _array(value: Any) -> np.ndarray:
    """An array of NumPy from one of NumPy or PyTorch."""
    return value.detach().cpu().numpy() if isinstance(value, Tensor) else np.asarray(value)


def _decimals(value: Any) -> np.ndarray:
    """An array of floating point numbers; whole numbers become float32."""
    array = _array(value)
    return array if array.dtype.kind == 'f' else array.astype(np.float32)


def _or_nan(value: Any, shape: tuple[int, ...]) -> np.ndarray:
    """A value as array of a shape, all NaN if there is none."""
    if value is None:
        return np.full(shape, np.nan, dtype=np.float32)
    return _decimals(value).reshape(shape)


def _scores(value: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Scores, 0 where they are not finite: such a landmark is not to be trusted either."""
    scores = _or_nan(value, shape)
    return scores if value is None else np.where(np.isfinite(scores), scores, 0)


def _each(value: Any, faces: int) -> list[Any]:
    """A list with a value for each face: as given, or the only one again."""
    values = list(value) if isinstance(value, (list, tuple, np.ndarray)) else [value] * faces
    return values if len(values) == faces else [None] * faces

"""The batches of a test set; what cannot be read is a clear error."""

import traceback
from collections.abc import Iterator, Mapping
from typing import Any

from mmengine.utils import track_iter_progress
from mmpose.structures import PoseDataSample
from torch.utils.data import DataLoader

from mmpose_multilat.landmarks.sample_fields import require_fields


def read_batches(loader: DataLoader) -> Iterator[dict[str, Any]]:
    """Read the batches of a test set, with a progress bar.

    Args:
        loader: The test set.

    Yields:
        What the loader hands out.

    Raises:
        ValueError: If there is no face, an image or an annotation cannot be read, or a face has
            no landmarks, or more or fewer than the others.
    """
    if not len(loader):
        raise ValueError('the test set has no face; `check_data` names what is wrong with it')
    batches, expected = iter(loader), None
    try:
        for _ in track_iter_progress((range(len(loader)), len(loader))):
            batch = _next_batch(batches)
            expected = expected or _expected_landmarks(batch, loader.dataset.metainfo)
            _check_landmarks(batch, expected)
            yield batch
    finally:
        print()  # the progress bar does not end its line


def _next_batch(batches: Iterator[dict[str, Any]]) -> dict[str, Any]:
    """The next batch; apart from the work on it, so that only reading is blamed for its errors."""
    try:
        return next(batches)
    except Exception as error:  # transforms may raise anything
        # A worker process hands over its whole traceback, which ends with the cause.
        cause = traceback.format_exception_only(type(error), error)[-1].strip().splitlines()[-1]
        raise ValueError(
            f'the test set cannot be read: {cause}; `check_data` names what is wrong with it'
        ) from error


def _expected_landmarks(batch: dict[str, Any], metainfo: Mapping[str, Any]) -> int:
    """Number of landmarks of a test set, from its first batch.

    Its metainfo says it, unless its pipeline converts the landmarks into those of another scheme.
    """
    found = list(map(_count_landmarks, batch['data_samples']))
    told = metainfo.get('num_keypoints')
    return told if told in found else found[0]


def _check_landmarks(batch: dict[str, Any], expected: int) -> None:
    """Refuse a face that has no landmarks, or more or fewer than the others."""
    for sample in batch['data_samples']:
        found = _count_landmarks(sample)
        if found != expected:
            raise ValueError(
                f'{getattr(sample, "img_path", "a face")} is annotated with {found} landmarks, the '
                f'dataset has {expected}; `check_data` names what is wrong with it'
            )


def _count_landmarks(sample: PoseDataSample) -> int:
    """Number of annotated landmarks of a sample."""
    require_fields(sample, ['gt_instances'], 'a sample of the test set')
    require_fields(sample.gt_instances, ['keypoints'], 'gt_instances of a sample')
    return sample.gt_instances.keypoints.shape[1]

"""The batches of a test set; what cannot be read is a clear error."""

import traceback
from collections.abc import Iterator
from typing import Any

from mmengine.utils import track_iter_progress
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
            no landmarks, or more or fewer than the dataset.
    """
    if not len(loader):
        raise ValueError('the test set has no face; `check_data` names what is wrong with it')
    batches = iter(loader)
    try:
        for _ in track_iter_progress((range(len(loader)), len(loader))):
            batch = _next_batch(batches)
            _check_landmarks(batch, loader.dataset.metainfo['num_keypoints'])
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


def _check_landmarks(batch: dict[str, Any], landmarks: int) -> None:
    """Refuse a face that has more or fewer landmarks than its dataset."""
    for sample in batch['data_samples']:
        require_fields(sample, ['gt_instances'], 'a sample of the test set')
        require_fields(sample.gt_instances, ['keypoints'], 'gt_instances of a sample')
        found = sample.gt_instances.keypoints.shape[1]
        if found != landmarks:
            raise ValueError(
                f'{getattr(sample, "img_path", "a face")} is annotated with {found} landmarks, the '
                f'data set has {landmarks}; `check_data` names what is wrong with it'
            )

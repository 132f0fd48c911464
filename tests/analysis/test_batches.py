from types import SimpleNamespace

import numpy as np
import pytest

from mmpose_multilat.analysis import read_batches


class Batches:
    """A loader of faces with two landmarks; what is an error is raised."""

    dataset = SimpleNamespace(metainfo=dict(num_keypoints=2))

    def __init__(self, *batches):
        self.batches = batches

    def __len__(self):
        return len(self.batches)

    def __iter__(self):
        for batch in self.batches:
            if isinstance(batch, Exception):
                raise batch
            yield batch


def face(landmarks):
    known = SimpleNamespace(keypoints=np.zeros((1, landmarks, 2)))
    return SimpleNamespace(img_path='face.jpg', gt_instances=known)


GOOD = dict(data_samples=[face(2), face(2)])


def test_batches_are_handed_on():
    assert list(read_batches(Batches(GOOD, GOOD))) == [GOOD, GOOD]


@pytest.mark.parametrize(
    'bad, message',
    [
        (KeyError('bbox'), "cannot be read: KeyError: 'bbox'; `check_data` names"),
        (
            FileNotFoundError('Caught FileNotFoundError in worker.\nTraceback:\nOSError: a.jpg\n'),
            'cannot be read: OSError: a.jpg; `check_data`',
        ),
        (
            dict(data_samples=[face(1)]),
            'face.jpg is annotated with 1 landmarks, the dataset has 2',
        ),
    ],
)
def test_faces_that_cannot_be_read_are_explained(bad, message):
    with pytest.raises(ValueError, match=message):
        list(read_batches(Batches(GOOD, bad)))


def test_errors_in_the_work_on_a_batch_are_not_blamed_on_reading():
    with pytest.raises(ZeroDivisionError):
        for _ in read_batches(Batches(GOOD)):
            raise ZeroDivisionError


def test_an_empty_test_set_is_refused():
    with pytest.raises(ValueError, match='the test set has no face'):
        next(read_batches(Batches()))

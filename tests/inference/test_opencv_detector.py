import numpy as np
import pytest

from mmpose_multilat.datasets.synthetic import generate
from mmpose_multilat.inference import opencv_detector
from mmpose_multilat.inference.opencv_detector import OpenCVDetector

SIZE = 160


@pytest.fixture(scope='module')
def detector():
    return OpenCVDetector()


@pytest.fixture(scope='module')
def faces():
    """Synthetic faces that look to the front."""
    return [generate(0, index, 'test', SIZE) for index in (3, 7)]


def overlap(box, landmarks):
    """Intersection over union of a box and the box of landmarks."""
    low, high = landmarks.min(0), landmarks.max(0)
    left, top, right, bottom = box.corners
    inner = np.minimum((right, bottom), high) - np.maximum((left, top), low)
    shared = np.clip(inner, 0, None).prod()
    return shared / (box.width * box.height + (high - low).prod() - shared)


def test_boxes_lie_round_the_landmarks_from_left_to_right(detector, faces):
    boxes = detector(np.hstack([face.image for face in faces]))
    assert len(boxes) == 2
    for place, (box, face) in enumerate(zip(boxes, faces)):
        assert overlap(box, face.landmarks['ibug'] + (place * SIZE, 0)) > 0.6
        assert box.score > 0
    assert detector(np.hstack([face.image for face in faces])) == boxes


def test_large_images_are_searched_reduced(detector, faces, monkeypatch):
    (expected,) = detector(faces[0].image)
    monkeypatch.setattr(opencv_detector, 'LONGEST_SIDE', SIZE)
    (box,) = detector(faces[0].image.repeat(3, 0).repeat(3, 1))
    np.testing.assert_allclose(np.divide(box.corners, 3), expected.corners, atol=4)


@pytest.mark.parametrize('shape', [(1, 1), (1, 500), (5000, 2), (64, 64)])
def test_images_without_faces(detector, shape):
    assert detector(np.zeros((*shape, 3), np.uint8)) == []

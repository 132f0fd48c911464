import numpy as np
import pytest

from mmpose_multilat.inference.boxes import Box
from mmpose_multilat.inference.faces import Face, FrameFaces
from mmpose_multilat.inference.frames import Frame
from mmpose_multilat.inference.inputs import Source
from mmpose_multilat.inference.smoothing import OneEuroSettings
from mmpose_multilat.inference.tracking import FaceSmoother, box_overlaps, match_boxes

IMAGE = np.zeros((4, 4, 3), np.uint8)
FILM = Source('video', 'film.mp4')


def face(x, y=0.0, side=100.0):
    return Face(Box(x, y, side, side), np.array([[x, y]]), np.ones(1))


def frame(index, *faces, source=FILM, rate=10.0):
    return FrameFaces(Frame(source, IMAGE, index, index / rate, rate), list(faces))


def tracks(*frames):
    smoothed = FaceSmoother(OneEuroSettings())(frames)
    return [[face.track for face in each.faces] for each in smoothed]


def test_overlaps_by_hand():
    first = np.array([[0.0, 0, 2, 2], [0, 0, 4, 4]])
    second = np.array([[1.0, 1, 3, 3], [0, 0, 2, 2], [9, 9, 9, 9]])
    np.testing.assert_allclose(box_overlaps(first, second), [[1 / 7, 1, 0], [4 / 16, 4 / 16, 0]])
    assert box_overlaps(np.zeros((0, 4)), second).shape == (0, 3)
    assert box_overlaps(np.zeros((1, 4)), np.zeros((1, 4))) == 0


def test_the_largest_overlap_is_served_first():
    first = np.array([[0.0, 0, 10, 10], [2, 0, 12, 10]])
    second = np.array([[3.0, 0, 13, 10], [50, 50, 60, 60], [0, 0, 10, 10]])
    assert sorted(match_boxes(first, second)) == [(0, 2), (1, 0)]
    assert match_boxes(first, np.zeros((0, 4))) == []


def test_faces_keep_their_number_in_any_order():
    assert tracks(
        frame(0, face(0), face(200)),
        frame(1, face(210), face(10)),
        frame(2, face(20), face(500), face(220)),
    ) == [[0, 1], [1, 0], [0, 2, 1]]


@pytest.mark.parametrize('missed, number', [(4, 0), (5, 1)])
def test_a_face_may_be_missed_for_half_a_second(missed, number):
    frames = [frame(0, face(0)), *(frame(1 + each) for each in range(missed))]
    assert tracks(*frames, frame(missed + 1, face(0)))[-1] == [number]


def test_every_video_begins_anew_and_images_stay():
    other = Source('video', 'other.mp4')
    image = FrameFaces(Frame(Source('image', 'a.jpg'), IMAGE), [face(0)])
    assert tracks(
        frame(0, face(300), face(0)), frame(1, face(0)), image, frame(0, face(0), source=other)
    ) == [[0, 1], [1], [None], [0]]
    assert image.faces[0].smoothed is None


def test_landmarks_lag_and_the_others_stay():
    frames = [frame(index, face(5.0 * index)) for index in range(4)]
    for index, result in enumerate(FaceSmoother(OneEuroSettings())(frames)):
        np.testing.assert_array_equal(result.faces[0].landmarks, [[5.0 * index, 0]])
        x, y = result.faces[0].smoothed[0]
        assert y == 0
        assert x == 0 if index == 0 else 5.0 * (index - 1) < x < 5.0 * index

"""Occluders: the same for every network, of the size they say, over the landmarks they name."""

import cv2
import numpy as np
import pytest

from projects.lcgcn.occluders import HIDDEN, OccludeFace, draw_rectangle

SIDE = 256


def sample(number=0, seed=3):
    numbers = np.random.default_rng(seed)
    landmarks = numbers.uniform(40, 210, size=(1, 68, 2))
    image = np.full((SIDE, SIDE, 3), 7, np.uint8)
    return dict(img=image, id=number, transformed_keypoints=landmarks)


def test_the_same_face_has_the_same_occluder_and_others_have_others():
    one, again = (OccludeFace().transform(sample(5)) for _ in range(2))
    assert np.array_equal(one['img'], again['img'])
    for other in (OccludeFace().transform(sample(6)), OccludeFace(seed=1).transform(sample(5))):
        assert not np.array_equal(one['img'], other['img'])


@pytest.mark.parametrize('number', range(20))
def test_area_place_and_hidden_landmarks(number):
    given = sample(number)
    before, landmarks = given['img'].copy(), given['transformed_keypoints'][0]
    found = OccludeFace().transform(given)
    assert np.array_equal(given['transformed_keypoints'][0], landmarks)
    changed = (found['img'] != before).any(-1)
    left, top, width, height = cv2.boundingRect(changed.astype(np.uint8))
    box = np.prod(np.ptp(landmarks, axis=0))
    assert 0.18 < width * height / box < 0.42
    assert (landmarks.min(0) - 1 <= (left, top)).all()
    assert ((left + width, top + height) <= landmarks.max(0) + 1).all()
    inner = (landmarks > (left + 1, top + 1)) & (landmarks < (left + width - 1, top + height - 1))
    outer = (landmarks > (left - 1, top - 1)) & (landmarks < (left + width + 1, top + height + 1))
    assert (found[HIDDEN] >= inner.all(-1)).all() and (found[HIDDEN] <= outer.all(-1)).all()


def test_a_rectangle_longer_than_the_face_keeps_its_area():
    flat = np.array([[0.0, 0], [100, 20]])
    for seed in range(50):
        left, top, right, bottom = draw_rectangle(flat, (0.4, 0.4), np.random.default_rng(seed))
        assert (right - left) * (bottom - top) == pytest.approx(0.4 * 2000)
        assert 0 <= left < right <= 100 and 0 <= top < bottom <= 20


def test_faces_partly_outside_the_crop_are_occluded_inside():
    given = sample()
    given['transformed_keypoints'] = given['transformed_keypoints'] - 150
    assert OccludeFace().transform(given)['img'].shape == (SIDE, SIDE, 3)

import numpy as np
import pytest

from mmpose_multilat.landmarks import LandmarkScheme
from mmpose_multilat.landmarks.schemes import COFW, IBUG, WFLW
from mmpose_multilat.visualization import draw_face
from mmpose_multilat.visualization.pictures import (
    BOX_COLOUR,
    CURVE_COLOUR,
    POINT_COLOUR,
    UNTRUSTED_COLOUR,
)

GREY = 40


def canvas(width=400, height=400):
    return np.full((height, width, 3), GREY, np.uint8)


def centre(picture, colour):
    """Mean place (x, y) of the pixels of nearly a colour, weighed by how much they have changed."""
    distance = np.abs(picture.astype(int) - colour).sum(-1)
    weight = np.where(distance < 200, 1 - distance / 200, 0)
    y, x = np.mgrid[: picture.shape[0], : picture.shape[1]]
    return (x * weight).sum() / weight.sum(), (y * weight).sum() / weight.sum()


def has(picture, colour):
    return (np.abs(picture.astype(int) - colour).max(-1) < 40).any()


@pytest.mark.parametrize('side', [40, 150, 350])
def test_points_lie_where_they_are(side):
    picture, point = canvas(), np.array([[200.25, 101.5]])
    draw_face(picture, point, box=(20, 20, side, side))
    picture[:, :30] = picture[:20] = GREY  # the box
    picture[:, 190 + 80 :] = GREY
    assert centre(picture[90:115, 190:212], POINT_COLOUR) == pytest.approx((10.25, 11.5), abs=0.25)


def test_only_the_surroundings_of_a_face_change():
    picture = np.random.default_rng(0).integers(0, 255, (300, 300, 3), np.uint8)
    before = picture.copy()
    draw_face(picture, np.array([[100.0, 100], [140, 130]]))
    changed = (picture != before).any(-1)
    rows, columns = np.nonzero(changed)
    assert columns.min() > 95 and columns.max() < 145
    assert rows.min() > 95 and rows.max() < 135
    assert changed.sum() < 60


def test_untrusted_points_are_red():
    picture = canvas()
    draw_face(picture, np.array([[100.0, 100], [300, 300]]), scores=np.array([0.9, 0.0]))
    assert has(picture[:200], POINT_COLOUR) and not has(picture[:200], UNTRUSTED_COLOUR)
    assert has(picture[200:], UNTRUSTED_COLOUR) and not has(picture[200:], POINT_COLOUR)


def face(count, side):
    """Landmarks on a spiral as wide as a face."""
    angle = np.linspace(0, 6, count)
    spread = side / 2 * np.linspace(0.5, 1, count)
    return 200 + np.stack((spread * np.cos(angle), spread * np.sin(angle)), -1)


@pytest.mark.parametrize(
    'scheme, side, drawn',
    [(IBUG, 200, 1), (WFLW, 200, 1), (COFW, 200, 1), (IBUG, 50, 0), (LandmarkScheme(68), 200, 0)],
)
def test_curves_of_large_faces_of_a_known_scheme(scheme, side, drawn):
    picture = canvas()
    draw_face(picture, face(scheme.num_landmarks, side), scheme=scheme)
    assert has(picture, CURVE_COLOUR) == drawn


def test_box_and_label():
    picture = canvas()
    draw_face(picture, np.array([[200.0, 200]]), box=(100, 100, 200, 200), label='7')
    for side in (picture[100, 100:300], picture[299, 100:300], picture[100:300, 299]):
        assert (np.abs(side.astype(int) - BOX_COLOUR) < 60).all()
    assert (picture[:98] != GREY).any()
    draw_face(canvas(), np.array([[2.0, 2]]), box=(-1e9, -1e9, 2e9, 2e9), label='7')


@pytest.mark.parametrize(
    'keypoints',
    [
        np.full((68, 2), np.nan),
        np.full((68, 2), 1e12),
        np.full((68, 2), -500.0),
        np.concatenate((face(67, 200), [[np.inf, 0]])),
        np.zeros((0, 2)),
    ],
)
def test_wild_landmarks_do_no_harm(keypoints):
    for picture in (canvas(), canvas(1, 1)):
        draw_face(picture, keypoints, np.ones(len(keypoints)), (0, 0, 10, 10))

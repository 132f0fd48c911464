import numpy as np
import pytest

from mmpose_multilat.visualization import DRAWN_DEVIATIONS, DRAWN_SHARE, draw_covariances
from mmpose_multilat.visualization.ellipses import ellipse_outlines

GREY = 40
TILTED = np.array([[90.0, 40.0], [40.0, 60.0]])


def canvas(width=200, height=160):
    return np.full((height, width, 3), GREY, np.uint8)


def changed(picture):
    """Places (x, y) of the pixels that are drawn on."""
    rows, columns = np.nonzero((picture != GREY).any(-1))
    return np.stack((columns, rows), -1)


def mahalanobis(points, centre, covariance):
    """Distance of points (N, 2) from a centre in standard deviations."""
    apart = points - centre
    return np.sqrt((apart @ np.linalg.inv(covariance) * apart).sum(-1))


def test_an_ellipse_holds_its_share_of_the_errors():
    errors = np.random.default_rng(0).multivariate_normal((0, 0), TILTED, 100_000)
    inside = mahalanobis(errors, (0, 0), TILTED) < DRAWN_DEVIATIONS
    assert inside.mean() == pytest.approx(DRAWN_SHARE, abs=0.003)
    assert pytest.approx(2.4477, abs=1e-4) == DRAWN_DEVIATIONS


@pytest.mark.parametrize('covariance', [TILTED, TILTED * [[1, -1], [-1, 1]], np.diag([1e-4, 50])])
def test_outlines_lie_where_the_deviations_say(covariance):
    keypoints = np.array([[10.0, 20.0], [-3.0, 4.0]], dtype=np.float32)
    outlines = ellipse_outlines(keypoints, np.stack((covariance, np.eye(2))), 1.5)
    assert outlines.shape == (2, 64, 2)
    distances = mahalanobis(outlines[0], keypoints[0], covariance)
    np.testing.assert_allclose(distances, 1.5, rtol=1e-4)
    np.testing.assert_allclose(mahalanobis(outlines[1], keypoints[1], np.eye(2)), 1.5, rtol=1e-4)


@pytest.mark.parametrize('deviations', [1.0, DRAWN_DEVIATIONS])
def test_the_drawn_line_is_the_ellipse(deviations):
    picture, centre = canvas(), np.array([[100.3, 80.6]])
    draw_covariances(picture, centre, TILTED[None], deviations)
    distances = mahalanobis(changed(picture), centre[0], TILTED)
    np.testing.assert_allclose(distances, deviations, atol=1.5 / 5)  # 1.5 px of 5 px at least
    angles = np.arctan2(*(changed(picture) - centre[0]).T)
    assert len(np.unique((angles * 6).round())) > 36  # all round


def test_lines_can_be_faint():
    pictures = [canvas() for _ in range(3)]
    for picture, opacity in zip(pictures, (0.0, 0.5, 1.0)):
        draw_covariances(picture, np.array([[100.0, 80.0]]), TILTED[None], opacity=opacity)
    none, half, full = (picture.astype(int) - GREY for picture in pictures)
    assert not none.any() and full.max() > 150
    np.testing.assert_allclose(half, full / 2, atol=1)


def test_landmarks_without_finite_covariance_are_left_out():
    keypoints = np.array([[50.0, 40], [100, 40], [np.nan, 40], [150, 40]])
    covariances = np.tile(4 * np.eye(2), (4, 1, 1))
    covariances[1] = np.nan
    covariances[3, 0, 0] = np.inf
    picture = canvas()
    draw_covariances(picture, keypoints, covariances)
    places = changed(picture)
    assert np.abs(places - [50, 40]).max() < 8 and len(places) > 10


@pytest.mark.parametrize(
    'keypoints, covariances',
    [
        (np.zeros((0, 2)), np.zeros((0, 2, 2))),
        (np.full((2, 2), 20.0), np.full((2, 2, 2), np.nan)),
        (np.full((1, 2), 1e12), np.eye(2)[None]),
        (np.full((1, 2), -500.0), np.eye(2)[None]),
        (np.full((1, 2), 20.0), 1e30 * np.eye(2)[None]),
    ],
)
def test_nothing_to_be_seen_changes_nothing(keypoints, covariances):
    for picture in (canvas(), canvas(1, 1)):
        draw_covariances(picture, keypoints, covariances)
        assert not len(changed(picture))


def test_a_line_is_the_ellipse_of_errors_in_one_direction():
    picture = canvas()
    thin = np.array([[[100.0, 100.0], [100.0, 100.0 - 1e-12]]])  # rounding has made it negative
    draw_covariances(picture, np.array([[100.0, 80.0]]), thin, 2.0)
    places = changed(picture) - [100, 80]
    assert np.abs(places[:, 0] - places[:, 1]).max() <= 2
    assert np.abs(places).max() == pytest.approx(20, abs=2)

import numpy as np
import pytest

from mmpose_multilat.datasets.synthetic.canvas import Canvas, Mask


def test_rectangle_covers_the_area_that_it_has():
    """Pixel i reaches from i - 1/2 to i + 1/2; OpenCV also fills the rim, half a fine pixel."""
    points = np.array([(2.25, 3.0), (6.75, 3.0), (6.75, 8.5), (2.25, 8.5)])
    values = Canvas(12).polygon(points).full((0, 0), (12, 12))
    rim = 1 / 8
    assert values.sum() == pytest.approx((4.5 + rim) * (5.5 + rim), rel=0.02)
    assert values[5, 4] == 1
    assert values[5, 2] == pytest.approx(0.25, abs=rim)
    assert values[3, 4] == pytest.approx(0.5, abs=rim)
    assert values[5, 8] == 0


@pytest.mark.parametrize('shift', [(0.0, 0.0), (0.3, -0.4), (7.77, 5.13)])
def test_centroid_of_a_disc_is_its_centre(shift):
    angle = np.linspace(0, 2 * np.pi, 100, endpoint=False)
    centre = np.array([20.0, 22.0]) + shift
    mask = Canvas(48).polygon(centre + 3.3 * np.stack([np.cos(angle), np.sin(angle)], axis=1))
    x, y = mask.grid()
    weight = mask.values / mask.values.sum()
    found = [(weight * x).sum(), (weight * y).sum()]
    np.testing.assert_allclose(found, centre, atol=0.02)


def test_line_width():
    mask = Canvas(32).line(np.array([(4.0, 16.0), (28.0, 16.0)]), 3.0)
    assert mask.full((0, 0), (32, 32))[:, 16].sum() == pytest.approx(3.0, abs=0.15)


def test_part_outside_of_the_picture_is_cut_off():
    canvas = Canvas(8)
    assert canvas.polygon(np.array([(20.0, 20.0), (30.0, 20.0), (25.0, 30.0)])) is None
    mask = canvas.polygon(np.array([(-5.0, -5.0), (3.5, -5.0), (3.5, 3.5), (-5.0, 3.5)]))
    np.testing.assert_allclose(mask.full((0, 0), (8, 8))[:3, :3], 1)


def test_paint_and_shade_blend_by_coverage():
    canvas = Canvas(4)
    canvas.image[:] = 100
    canvas.paint(Mask(np.full((1, 2), 0.25), (1, 2)), (200, 100, 0))
    np.testing.assert_allclose(canvas.image[2, 1], (125, 100, 75))
    np.testing.assert_allclose(canvas.image[2, 3], 100)
    canvas.shade(Mask(np.full((1, 1), 0.5), (3, 3)), 0.5)
    np.testing.assert_allclose(canvas.image[3, 3], 75)


def test_mask_times_mask_meets_in_the_overlap_only():
    first = Mask(np.ones((2, 3)), (1, 1))
    second = Mask(np.full((4, 4), 0.5), (2, 2))
    np.testing.assert_allclose(first.times(second).values, [[0, 0, 0], [0, 0.5, 0.5]])

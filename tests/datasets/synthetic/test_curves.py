import numpy as np

from mmpose_multilat.datasets.synthetic.curves import mirror, resample, smoothstep, spline

CONTROL = np.array([(0.0, 0.0), (1.0, 2.0), (3.0, 1.0), (4.0, 4.0)])


def test_spline_passes_through_its_control_points():
    curve = spline(CONTROL, 5)
    assert curve.shape == (16, 2)
    np.testing.assert_allclose(curve[::5], CONTROL)


def test_spline_of_points_on_a_line_stays_on_it():
    line = np.array([(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)])
    curve = spline(line, 4)
    np.testing.assert_allclose(curve[:, 1], 1 + 2 * curve[:, 0])
    np.testing.assert_allclose(np.diff(curve[:, 0]), 0.25)


def test_reversed_spline_is_the_same_curve():
    np.testing.assert_allclose(spline(CONTROL[::-1], 6), spline(CONTROL, 6)[::-1], atol=1e-12)


def test_mirrored_spline_is_the_spline_of_mirrored_points():
    np.testing.assert_allclose(spline(mirror(CONTROL), 3), mirror(spline(CONTROL, 3)))


def test_resample_gives_equal_steps_by_hand():
    path = np.array([(0.0, 0.0), (3.0, 0.0), (3.0, 1.0)])
    np.testing.assert_allclose(resample(path, 5), [(0, 0), (1, 0), (2, 0), (3, 0), (3, 1)])


def test_smoothstep_ends_and_middle():
    np.testing.assert_allclose(
        smoothstep(1.0, 3.0, np.array([0.0, 1.0, 2.0, 3.0, 9.0])), [0, 0, 0.5, 1, 1]
    )

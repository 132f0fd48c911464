import numpy as np
import pytest
from fitting_samples import FACES, FACTOR, LANDMARKS, fit, samples


def test_the_factor_is_found_and_holds_for_the_other_half():
    found = fit(*samples())
    for way in ('mean_square', 'median'):
        assert found.scales[way] == pytest.approx(FACTOR, rel=0.1)
        assert [half.seed for half in found.halves[way]] == [0, 1]
        for half in found.halves[way]:
            assert half.faces == FACES / 2 and half.variance == pytest.approx(1, abs=0.15)
            assert half.coverage[0.9] == pytest.approx(0.9, abs=0.04)
    assert found.rank_correlation > 0.3
    np.testing.assert_allclose(found.reliability.actual, found.reliability.predicted, rtol=0.25)
    assert (found.landmarks, found.left_out) == (FACES * LANDMARKS, 0)


def test_a_factor_that_is_already_set_is_part_of_the_new_one():
    errors, covariances = samples()
    plain, scaled = fit(errors, covariances), fit(errors, 4 * covariances, present=4.0)
    for way, scale in plain.scales.items():
        assert scaled.scales[way] == pytest.approx(scale)
        assert scaled.halves[way][0].scale == pytest.approx(plain.halves[way][0].scale)
        assert scaled.halves[way][0].variance == pytest.approx(plain.halves[way][0].variance)


def test_landmarks_without_label_or_covariance_are_left_out():
    errors, covariances = samples()
    errors[0, :4] = np.nan
    covariances[1, :5] = np.nan
    found = fit(errors, covariances)
    assert (found.landmarks, found.left_out) == (FACES * LANDMARKS - 9, 5)


def test_no_covariance_at_all():
    errors, covariances = samples()
    with pytest.raises(ValueError, match='my decoder gives no landmark of this test set a cov'):
        fit(errors, np.full_like(covariances, np.nan))


@pytest.mark.parametrize('only', [slice(0, 3), slice(3, 6)])
def test_a_half_without_covariance(only):
    errors, covariances = samples()
    known = np.full_like(covariances, np.nan)
    known[only] = covariances[only]  # one person is in one of the halves only
    with pytest.raises(ValueError, match='my decoder: a half of the faces has no .*use more faces'):
        fit(errors, known)

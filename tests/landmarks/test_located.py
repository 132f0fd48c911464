import numpy as np
import pytest
import torch

from mmpose_multilat.landmarks import CropGeometry, Located

nan = float('nan')
FLIP_INDICES = [0, 2, 1]  # nose, left eye, right eye
PLAIN = [[10, 5], [2, 3], [16, 4]]
FLIPPED = [[11, 7], [5, 4], [19, 5]]  # of the flipped image of 21 px: x = 20 - x
COVARIANCES = [[[4, 1], [1, 2]], [[8, 0], [0, 6]], [[2, -1], [-1, 2]]]
FLIPPED_COVARIANCES = [[[6, 3], [3, 2]], [[4, 1], [1, 2]], [[2, 2], [2, 4]]]
UNKNOWN = [[nan, nan], [nan, nan]]


def found(coordinates, scores=(1.0, 1.0, 1.0), covariances=None):
    """One face, with a leading dimension."""
    given = coordinates, scores, covariances
    parts = (None if each is None else torch.tensor([each], dtype=torch.float32) for each in given)
    return Located(*parts)


def average(plain, flipped, flip_indices=FLIP_INDICES):
    return plain.averaged(flipped.mirrored(21, flip_indices))


def assert_equal(tensor, expected):
    np.testing.assert_array_equal(tensor.numpy(), np.array(expected, np.float32))


def test_mirroring_swaps_sides_and_leaves_its_input():
    flipped = found(FLIPPED, (0.25, 0.5, 1))
    mirrored = flipped.mirrored(21, FLIP_INDICES)
    assert_equal(mirrored.coordinates, [[[9, 7], [1, 5], [15, 4]]])
    assert_equal(mirrored.scores, [[0.25, 1, 0.5]])
    assert mirrored.covariances is None
    assert_equal(flipped.coordinates, [FLIPPED])
    assert_equal(mirrored.mirrored(21, FLIP_INDICES).coordinates, [FLIPPED])


@pytest.mark.parametrize('shape', [(), (2, 4), (0,)])
def test_every_leading_shape_is_mirrored_and_averaged(shape):
    parts = (PLAIN, (1.0, 1.0, 1.0), COVARIANCES)
    many = Located(*(torch.tensor(each).expand(*shape, *np.shape(each)).float() for each in parts))
    both = average(many, many)
    one = average(found(*parts), found(*parts))
    for got, expected in zip(both, one):
        torch.testing.assert_close(got, expected[0].expand_as(got))


def test_partners_may_be_a_tensor():
    """As a graph that is exported keeps them."""
    plain = found(FLIPPED, covariances=FLIPPED_COVARIANCES)
    for got, expected in zip(
        plain.mirrored(21, torch.tensor(FLIP_INDICES)), plain.mirrored(21, FLIP_INDICES)
    ):
        assert torch.equal(got, expected)


def test_landmarks_and_scores_are_averaged():
    plain, flipped = found(PLAIN, (0.5, 1, 0.75)), found(FLIPPED, (1, 0.25, 0.5))
    both = average(plain, flipped)
    assert_equal(both.coordinates, [[[9.5, 6], [1.5, 4], [15.5, 4]]])
    assert_equal(both.scores, [[0.75, 0.75, 0.5]])
    assert both.coordinates.dtype == both.scores.dtype == torch.float32
    assert_equal(plain.coordinates, [PLAIN])


@pytest.mark.parametrize('lost', [0, -1, nan])
def test_a_landmark_without_trust_is_taken_from_the_other(lost):
    """The flipped image's left eye (score and landmark 1) is the right eye of the image."""
    both = average(found(PLAIN, (lost, 1, 1)), found(FLIPPED, (1, lost, 1)))
    assert_equal(both.coordinates, [[[9, 7], [1.5, 4], [16, 4]]])


def test_the_score_of_a_landmark_that_is_trusted_once_is_halved():
    both = average(found(PLAIN, (0, 1, 1)), found(FLIPPED, (0.5, 1, 1)))
    assert_equal(both.scores, [[0.25, 1, 1]])


def test_a_landmark_that_is_not_finite_is_taken_from_the_other():
    both = average(found([[nan, 5], [2, 3], [16, 4]]), found(FLIPPED))
    assert_equal(both.coordinates[0, 0], [9, 7])


def test_a_landmark_without_any_trust_is_averaged_with_score_0():
    both = average(found(PLAIN, (0, 1, 1)), found(FLIPPED, (0, 1, 1)))
    assert_equal(both.coordinates[0, 0], [9.5, 6])
    assert_equal(both.scores, [[0, 1, 1]])


@pytest.mark.parametrize('flip_indices', [[0, 1], [0, 2, 2], [1, 2, 3], (0, 0, 0)])
def test_wrong_pairs_are_refused(flip_indices):
    with pytest.raises(ValueError, match=r'each of the 3 landmarks of the head once'):
        average(found(PLAIN), found(FLIPPED), flip_indices)


def test_covariances_are_averaged_with_those_of_the_other_side():
    plain = found(PLAIN, covariances=COVARIANCES)
    both = average(plain, found(FLIPPED, covariances=FLIPPED_COVARIANCES)).covariances
    assert_equal(both, [[[[5, -1], [-1, 2]], [[5, -1], [-1, 5]], [[3, -1], [-1, 2]]]])
    assert both.dtype == torch.float32
    assert_equal(plain.covariances, [COVARIANCES])


def test_a_landmark_brings_its_covariance_along():
    both = average(
        found(PLAIN, (0, 1, 1), [UNKNOWN, *COVARIANCES[1:]]),
        found(FLIPPED, (1, 0, 1), [FLIPPED_COVARIANCES[0], UNKNOWN, FLIPPED_COVARIANCES[2]]),
    )
    assert_equal(both.covariances, [[[[6, -3], [-3, 2]], [[5, -1], [-1, 5]], COVARIANCES[2]]])


def test_a_landmark_without_any_trust_has_no_covariance():
    plain, flipped = (
        found(each, (0, 1, 1), [UNKNOWN, *COVARIANCES[1:]]) for each in (PLAIN, FLIPPED)
    )
    both = average(plain, flipped).covariances
    assert both[0, 0].isnan().all() and both[0, 1:].isfinite().all()


def test_covariances_of_one_view_alone_are_none_of_the_average():
    both = average(found(PLAIN, covariances=COVARIANCES), found(FLIPPED))
    assert both.covariances is None


def test_a_mirrored_covariance_is_that_of_mirrored_landmarks():
    covariances = np.array([[[4.0, 1.5], [1.5, 2.0]], [[1.0, -0.5], [-0.5, 3.0]]])
    given = Located(torch.zeros(2, 2), torch.ones(2), torch.from_numpy(covariances))
    mirrored = given.mirrored(100, [1, 0])
    for place, source in ((0, 1), (1, 0)):
        points = np.random.default_rng(0).multivariate_normal(
            (30, 40), covariances[source], 200_000
        )
        points = points * [-1, 1] + [99, 0]
        np.testing.assert_allclose(mirrored.covariances[place], np.cov(points.T), atol=0.05)
    torch.testing.assert_close(mirrored.mirrored(100, [1, 0]).covariances, given.covariances)


@pytest.mark.parametrize('correlation', [-0.9, 0.0, 0.5, 1.0])
def test_the_mean_of_covariances_bounds_that_of_the_average(correlation):
    """Whatever two estimates have in common, in every direction."""
    first, second = np.array([[[4.0, 1.0], [1.0, 2.0]], [[3.0, -0.5], [-0.5, 5.0]]])
    spread, other = np.linalg.cholesky(first), np.linalg.cholesky(second)
    together = correlation * spread @ other.T
    truth = (first + second + together + together.T) / 4
    one, two = (
        Located(torch.zeros(1, 2), torch.ones(1), torch.tensor(each[None]))
        for each in (first, second)
    )
    bound = one.averaged(two).covariances[0].numpy()
    assert np.linalg.eigvalsh(bound - truth).min() > -1e-9


def test_some_landmarks_in_another_order():
    given = found(PLAIN, (0.5, 1, 0.75), COVARIANCES)
    chosen = given.selected((2, 0))
    assert_equal(chosen.coordinates, [[PLAIN[2], PLAIN[0]]])
    assert_equal(chosen.scores, [[0.75, 0.5]])
    assert_equal(chosen.covariances, [[COVARIANCES[2], COVARIANCES[0]]])
    assert given._replace(covariances=None).selected([1]).covariances is None


def test_landmarks_of_crops_in_their_images():
    """Two faces: 2 px of the image for one along x and 0.5 along y, and the same moved."""
    given = found(PLAIN, (0.5, 1, 0), COVARIANCES)
    both = Located(*(torch.cat((each, each)) for each in given))
    centre, size = torch.tensor([[100.0, 50], [0, 0]]), torch.tensor([[64.0, 8], [64, 8]])
    moved = both.to_image(CropGeometry(centre, size, (32, 16)))
    expected = np.array(PLAIN) * [2, 0.5] + [100 - 32, 50 - 4]
    assert_equal(moved.coordinates, [expected, expected - [100, 50]])
    factors = np.array([[4, 1], [1, 0.25]])
    assert_equal(moved.covariances, [np.array(COVARIANCES) * factors] * 2)
    assert torch.equal(moved.scores, both.scores)
    assert (
        both._replace(covariances=None).to_image(CropGeometry(centre, size, (32, 16))).covariances
        is None
    )

import numpy as np
import pytest
from mmengine.structures import InstanceData
from mmpose.codecs import MSRAHeatmap, UDPHeatmap

from mmpose_multilat.codecs import KeyPosS
from mmpose_multilat.models.pose_estimators import average_mirrored, mirror_landmarks, mirror_width

nan = float('nan')
FLIP_INDICES = [0, 2, 1]  # nose, left eye, right eye
PLAIN = [[[10, 5], [2, 3], [16, 4]]]
MIRRORED = [[[11, 7], [5, 4], [19, 5]]]  # of the mirror image of 21 px: x = 20 - x


def found(keypoints, scores=(1.0, 1.0, 1.0), **fields):
    keypoints = np.array(keypoints, dtype=np.float32)
    return InstanceData(
        keypoints=keypoints, keypoint_scores=np.array([scores], dtype=np.float32), **fields
    )


def test_mirroring_swaps_sides_and_leaves_its_input():
    keypoints = np.array(MIRRORED, dtype=np.float32)
    mirrored = mirror_landmarks(keypoints, 21, FLIP_INDICES)
    np.testing.assert_array_equal(mirrored, [[[9, 7], [1, 5], [15, 4]]])
    np.testing.assert_array_equal(keypoints, MIRRORED)
    np.testing.assert_array_equal(mirror_landmarks(mirrored, 21, FLIP_INDICES), MIRRORED)


def test_further_components_stay():
    deep = np.array([[[3, 4, 0.5], [1, 2, 0.25]]])
    mirrored = mirror_landmarks(deep, 10, [1, 0])
    np.testing.assert_array_equal(mirrored, [[[8, 2, 0.25], [6, 4, 0.5]]])


def test_landmarks_of_mmposes_udp_codec_are_mirrored_at_their_own_last_pixel():
    """A peak in a cell and in its mirror cell are one landmark, whose side is swapped twice."""
    sizes = dict(input_size=(64, 32), heatmap_size=(16, 8), sigma=2)
    heatmaps = np.zeros((1, 8, 16), dtype=np.float32)
    heatmaps[0, 4, 3] = 1
    for codec in (UDPHeatmap(**sizes), KeyPosS(**sizes, alignment='udp')):
        plain, mirrored = (codec.decode(each)[0] for each in (heatmaps, heatmaps[..., ::-1].copy()))
        found = mirror_landmarks(mirrored, mirror_width(codec, 64), [0])
        np.testing.assert_allclose(found, plain, atol=1e-3)


def test_landmarks_of_other_codecs_are_mirrored_in_the_input():
    sizes = dict(input_size=(64, 32), heatmap_size=(16, 8), sigma=2)
    assert [mirror_width(each, 64) for each in (None, MSRAHeatmap(**sizes))] == [64, 64]


def test_landmarks_and_scores_are_averaged():
    plain, mirrored = found(PLAIN, (0.5, 1, 0.75)), found(MIRRORED, (1, 0.25, 0.5))
    average = average_mirrored(plain, mirrored, 21, FLIP_INDICES)
    np.testing.assert_array_equal(average.keypoints, [[[9.5, 6], [1.5, 4], [15.5, 4]]])
    np.testing.assert_array_equal(average.keypoint_scores, [[0.75, 0.75, 0.5]])
    assert average.keypoints.dtype == average.keypoint_scores.dtype == np.float32
    np.testing.assert_array_equal(plain.keypoints, PLAIN)


@pytest.mark.parametrize('lost', [0, -1, nan])
def test_a_landmark_without_trust_is_taken_from_the_other(lost):
    """The mirror image's left eye (score and landmark 1) is the right eye of the picture."""
    average = average_mirrored(
        found(PLAIN, (lost, 1, 1)), found(MIRRORED, (1, lost, 1)), 21, FLIP_INDICES
    )
    np.testing.assert_array_equal(average.keypoints, [[[9, 7], [1.5, 4], [16, 4]]])


def test_a_landmark_that_is_not_finite_is_taken_from_the_other():
    plain = found([[[nan, 5], [2, 3], [16, 4]]])
    average = average_mirrored(plain, found(MIRRORED), 21, FLIP_INDICES)
    np.testing.assert_array_equal(average.keypoints[0, 0], [9, 7])


def test_a_landmark_without_any_trust_is_averaged_with_score_0():
    average = average_mirrored(
        found(PLAIN, (0, 1, 1)), found(MIRRORED, (0, 1, 1)), 21, FLIP_INDICES
    )
    np.testing.assert_array_equal(average.keypoints[0, 0], [9.5, 6])
    np.testing.assert_array_equal(average.keypoint_scores, [[0, 1, 1]])


def test_visibilities_are_averaged_and_other_fields_kept():
    plain = found(PLAIN, keypoints_visible=np.array([[1, 1, 0.5]]), labels=np.array([7]))
    mirrored = found(MIRRORED, keypoints_visible=np.array([[0, 1, 0]]), labels=np.array([8]))
    average = average_mirrored(plain, mirrored, 21, FLIP_INDICES)
    np.testing.assert_array_equal(average.keypoints_visible, [[0.5, 0.5, 0.75]])
    np.testing.assert_array_equal(average.labels, [7])


@pytest.mark.parametrize('flip_indices', [[0, 1], [0, 2, 2], [1, 2, 3]])
def test_wrong_pairs_are_refused(flip_indices):
    with pytest.raises(ValueError, match=r'each of the 3 landmarks of the head once'):
        average_mirrored(found(PLAIN), found(MIRRORED), 21, flip_indices)


COVARIANCES = [[[4, 1], [1, 2]], [[8, 0], [0, 6]], [[2, -1], [-1, 2]]]
MIRRORED_COVARIANCES = [[[6, 3], [3, 2]], [[4, 1], [1, 2]], [[2, 2], [2, 4]]]


def found_with_covariances(keypoints, covariances, scores=(1.0, 1.0, 1.0)):
    return found(keypoints, scores, keypoint_covariances=np.array([covariances], dtype=np.float32))


def test_covariances_are_averaged_with_those_of_the_other_side():
    plain = found_with_covariances(PLAIN, COVARIANCES)
    mirrored = found_with_covariances(MIRRORED, MIRRORED_COVARIANCES)
    average = average_mirrored(plain, mirrored, 21, FLIP_INDICES).keypoint_covariances
    expected = [[[5, -1], [-1, 2]], [[5, -1], [-1, 5]], [[3, -1], [-1, 2]]]
    np.testing.assert_array_equal(average, [expected])
    assert average.dtype == np.float32
    np.testing.assert_array_equal(plain.keypoint_covariances, [COVARIANCES])


def test_a_landmark_brings_its_covariance_along():
    unknown = np.full((2, 2), np.nan)
    plain = found_with_covariances(PLAIN, [unknown, *COVARIANCES[1:]], (0, 1, 1))
    mirrored = found_with_covariances(
        MIRRORED, [MIRRORED_COVARIANCES[0], unknown, MIRRORED_COVARIANCES[2]], (1, 0, 1)
    )
    average = average_mirrored(plain, mirrored, 21, FLIP_INDICES)
    expected = [[[6, -3], [-3, 2]], [[5, -1], [-1, 5]], COVARIANCES[2]]
    np.testing.assert_array_equal(average.keypoint_covariances, [expected])


def test_a_landmark_without_any_trust_has_no_covariance():
    covariances = [np.full((2, 2), np.nan), *COVARIANCES[1:]]
    plain = found_with_covariances(PLAIN, covariances, (0, 1, 1))
    mirrored = found_with_covariances(MIRRORED, covariances, (0, 1, 1))
    average = average_mirrored(plain, mirrored, 21, FLIP_INDICES).keypoint_covariances
    assert np.isnan(average[0, 0]).all() and np.isfinite(average[0, 1:]).all()


@pytest.mark.parametrize('correlation', [-0.9, 0.0, 0.5, 1.0])
def test_the_mean_of_covariances_bounds_that_of_the_average(correlation):
    """Whatever two estimates have in common, in every direction."""
    spread = np.linalg.cholesky(np.array([[4.0, 1.0], [1.0, 2.0]]))
    other = np.linalg.cholesky(np.array([[3.0, -0.5], [-0.5, 5.0]]))
    together = correlation * spread @ other.T
    average = (spread @ spread.T + other @ other.T + together + together.T) / 4
    bound = (spread @ spread.T + other @ other.T) / 2
    assert np.linalg.eigvalsh(bound - average).min() > -1e-9

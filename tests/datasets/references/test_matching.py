"""Matching features against OpenCV's brute-force matcher."""

import cv2
import numpy as np
import pytest
from reference_samples import TRAIN, dataset_of

from mmpose_multilat.datasets.references import ReferenceFaces
from mmpose_multilat.datasets.references.matching import FEATURES, RATIO, correlations, describe


@pytest.fixture(scope='module')
def features(drawn_faces):
    faces = ReferenceFaces(dataset_of(drawn_faces))
    return np.stack([describe(faces[index].image) for index in range(TRAIN)])


def brute_force(one, other):
    """Mutual matches by Lowe's ratio test and the mean cosine of the nearest, one by one."""
    one, other = (each[each.any(1)] for each in (one, other))
    pairs = cv2.BFMatcher(cv2.NORM_L2).knnMatch(one, other, k=2)
    mutual = {
        (match.queryIdx, match.trainIdx)
        for match in cv2.BFMatcher(cv2.NORM_L2, crossCheck=True).match(one, other)
    }
    matches = sum(
        first.distance < RATIO * second.distance and (first.queryIdx, first.trainIdx) in mutual
        for first, second in pairs
    )
    return matches + np.mean([1 - first.distance**2 / 2 for first, _ in pairs])


def test_correlations_are_those_of_a_brute_force_matcher(features):
    for target in (0, 5):
        found = correlations(features[target], features)
        expected = [brute_force(features[target], other) for other in features]
        np.testing.assert_allclose(found, expected, atol=1e-4)


def test_a_face_has_most_in_common_with_itself(features):
    for target in range(TRAIN):
        assert correlations(features[target], features).argmax() == target


def test_few_features_match_few(features):
    """However many features of the face are nearest to the same one."""
    sparse = features[1:2].copy()
    sparse[0, 3:] = 0
    assert correlations(features[0], sparse)[0] < 4


def test_features_have_length_one_and_the_strongest_come_first(features, drawn_faces):
    assert features.shape == (TRAIN, FEATURES, 128)
    used = features.any(-1)
    np.testing.assert_allclose(np.linalg.norm(features[used], axis=1), 1, atol=1e-5)
    assert (used[:, :-1] >= used[:, 1:]).all()


def test_an_image_without_features_cannot_be_compared(features):
    empty = describe(np.full((3, 64, 64), 100, np.uint8))
    assert not empty.any()
    found = correlations(features[0], np.stack([empty, features[1]]))
    assert np.isnan(found).tolist() == [True, False]
    single = features[:1].copy()
    single[0, 1:] = 0
    assert np.isnan(correlations(features[0], single)).all()
    assert correlations(single[0], features).tolist() == [0] * TRAIN

import re

import numpy as np
import pytest
from mmpose.codecs import MSRAHeatmap, UDPHeatmap

from mmpose_multilat.codecs import OneHot


def random_keypoints(count=40, seed=0):
    """(1, count, 2) landmarks in input px, some of them outside the 256 x 192 input."""
    return np.random.default_rng(seed).uniform(-60, 320, (1, count, 2)).astype(np.float32)


@pytest.mark.parametrize('size', [(64, 48), (16, 12), (4, 3)])
def test_unbiased_encoding_equals_mmpose(size):
    keypoints = random_keypoints()
    ours = OneHot((256, 192), size, sigma=2).encode(keypoints)
    theirs = MSRAHeatmap((256, 192), size, sigma=2, unbiased=True).encode(keypoints)
    np.testing.assert_array_equal(ours['keypoint_weights'], theirs['keypoint_weights'])
    np.testing.assert_allclose(ours['heatmaps'], theirs['heatmaps'], atol=1e-6)
    assert ours['heatmaps'].dtype == ours['keypoint_weights'].dtype == np.float32


def test_biased_encoding_equals_mmpose_within_its_cut():
    keypoints = random_keypoints() * 0.5 + 60
    ours = OneHot((256, 192), (64, 48), sigma=2, unbiased=False).encode(keypoints)['heatmaps']
    theirs = MSRAHeatmap((256, 192), (64, 48), sigma=2).encode(keypoints)['heatmaps']
    inside = theirs > 0
    assert inside.sum() > 1000
    np.testing.assert_allclose(ours[inside], theirs[inside], atol=1e-6)
    assert ours[~inside].max() < np.exp(-(3**2) / 2)  # nothing but what MMPose cuts off


def test_biased_encoding_puts_the_peak_on_a_cell():
    encoded = OneHot((16, 16), (4, 4), sigma=2, unbiased=False).encode(np.array([[[5.9, 6.1]]]))
    assert encoded['heatmaps'][0, 2, 1] == 1  # 1.475 and 1.525 cells round to 1 and 2


def test_udp_encoding_equals_mmpose_within_its_cut():
    keypoints = random_keypoints()
    ours = OneHot((256, 192), (64, 48), sigma=2, alignment='udp').encode(keypoints)['heatmaps']
    theirs = UDPHeatmap((256, 192), (64, 48), sigma=2).encode(keypoints)['heatmaps']
    inside = theirs > 0
    assert inside.sum() > 1000
    np.testing.assert_allclose(ours[inside], theirs[inside], atol=1e-5)


def test_invisible_landmarks_have_no_heatmap_and_their_visibility_as_weight():
    keypoints = np.full((1, 3, 2), 100.0)
    visible = np.array([[1.0, 0.0, 0.3]])
    encoded = OneHot((256, 256), (16, 16)).encode(keypoints, visible)
    assert encoded['heatmaps'].max((1, 2)).round(3).tolist()[1:] == [0, 0]
    assert encoded['heatmaps'][0].max() > 0.9
    np.testing.assert_allclose(encoded['keypoint_weights'], visible)


def test_half_visible_landmarks_have_a_heatmap_as_in_mmpose():
    keypoints, visible = np.full((1, 3, 2), 100.0), np.array([[0.49, 0.5, 0.51]])
    sizes = dict(input_size=(256, 256), heatmap_size=(16, 16), sigma=2)
    ours = OneHot(**sizes).encode(keypoints, visible)['heatmaps']
    theirs = MSRAHeatmap(**sizes, unbiased=True).encode(keypoints, visible)['heatmaps']
    assert ours.any((1, 2)).tolist() == theirs.any((1, 2)).tolist() == [False, True, True]


def test_halves_of_a_cell_are_rounded_as_in_mmpose():
    keypoints = np.array([[[2.0, 6.0], [10.0, 2.0]]])  # cells (0.5, 1.5) and (2.5, 0.5)
    encoders = OneHot((16, 16), (4, 4), unbiased=False), MSRAHeatmap((16, 16), (4, 4), 2)
    for heatmaps in (encoder.encode(keypoints)['heatmaps'] for encoder in encoders):
        assert np.argwhere(heatmaps == 1).tolist() == [[0, 2, 1], [1, 1, 3]]


def test_further_components_of_keypoints_are_passed_over():
    keypoints = random_keypoints()
    deep = np.concatenate([keypoints, np.full((1, 40, 1), np.nan, dtype=np.float32)], axis=2)
    flat = OneHot((256, 192), (16, 12)).encode(keypoints)
    for name, values in OneHot((256, 192), (16, 12)).encode(deep).items():
        np.testing.assert_array_equal(values, flat[name])


@pytest.mark.parametrize('bad', [np.nan, np.inf, -np.inf, 1e20])
def test_unusable_landmarks_get_no_label(bad):
    keypoints = np.array([[[bad, 100.0], [100.0, 100.0]]], dtype=np.float32)
    encoded = OneHot((256, 256), (16, 16)).encode(keypoints)
    assert encoded['keypoint_weights'].tolist() == [[0, 1]]
    expected = 0 if not np.isfinite(bad) else np.float32(bad)
    assert encoded['keypoint_labels'].tolist() == [[[expected, 100], [100, 100]]]
    assert (encoded['heatmaps'][0] == 0).all() and np.isfinite(encoded['heatmaps']).all()


def test_labels_are_the_landmarks_in_input_px():
    keypoints = random_keypoints()
    for settings in (dict(alignment='udp'), dict(unbiased=False)):
        encoded = OneHot((256, 192), (16, 12), **settings).encode(keypoints)
        np.testing.assert_array_equal(encoded['keypoint_labels'], keypoints)


def test_no_landmarks():
    encoded = OneHot((256, 256), (16, 16)).encode(np.zeros((1, 0, 2)))
    assert encoded['heatmaps'].shape == (0, 16, 16)
    assert encoded['keypoint_weights'].shape == (1, 0)


@pytest.mark.parametrize('shape', [(2, 5, 2), (5, 2), (1, 2), (1, 5, 1), (1, 5, 2, 2)])
def test_wrong_keypoints_are_refused(shape):
    with pytest.raises(ValueError, match=r'OneHot encodes one face, keypoints \(1, K, 2\)'):
        OneHot((256, 256), (16, 16)).encode(np.zeros(shape))


@pytest.mark.parametrize('shape', [(1, 4), (2, 5), (5,), (1, 5, 2)])
def test_wrong_visibility_is_refused(shape):
    message = f'keypoints_visible must be (1, 5), got {shape}'
    with pytest.raises(ValueError, match=re.escape(message)):
        OneHot((256, 256), (16, 16)).encode(np.zeros((1, 5, 2)), np.ones(shape))


def test_arguments_are_not_changed():
    keypoints, visible = random_keypoints(), np.ones((1, 40), dtype=np.float32)
    before = keypoints.copy()
    OneHot((256, 192), (16, 12)).encode(keypoints, visible)
    assert np.array_equal(keypoints, before) and (visible == 1).all()


def test_a_visibility_that_is_negative_or_not_finite_is_no_weight():
    visible = np.array([[1.0, 0.3, -1.0, np.nan, np.inf]])
    encoded = OneHot((256, 256), (16, 16)).encode(np.full((1, 5, 2), 100.0), visible)
    np.testing.assert_array_equal(encoded['keypoint_weights'], np.float32([[1, 0.3, 0, 0, 0]]))
    assert encoded['heatmaps'].any((1, 2)).tolist() == [True] + [False] * 4

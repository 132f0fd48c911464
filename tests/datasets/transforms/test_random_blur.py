"""Random blur: how wide, how often, and what stays."""

import numpy as np
import pytest
from mmcv.transforms.utils import cache_random_params
from mmpose.registry import TRANSFORMS

import mmpose_multilat  # noqa: F401
from mmpose_multilat.datasets import RandomBlur

PEAK = 255


@pytest.fixture(autouse=True)
def seed():
    np.random.seed(0)


def dot(size=41, middle=20):
    image = np.zeros((size, size, 3), np.uint8)
    image[middle, middle] = PEAK
    return image


def test_a_step_becomes_a_gaussian_edge():
    """Its slope in the middle is that of a Gaussian of the width asked for."""
    image = np.zeros((9, 80, 3), np.uint8)
    image[:, 40:] = PEAK
    found = RandomBlur(prob=1, sigma=(3, 3))(dict(img=image))['img'][4, :, 0].astype(float)
    slope = np.diff(found)
    places = np.arange(79) + 0.5
    mean = (slope * places).sum() / slope.sum()
    assert mean == pytest.approx(39.5, abs=0.1)
    assert np.sqrt((slope * (places - mean) ** 2).sum() / slope.sum()) == pytest.approx(3, rel=0.05)


def test_only_the_image_changes_and_the_given_one_stays():
    image = dot()
    before = dict(img=image, keypoints=np.ones((1, 2, 2)))
    found = RandomBlur(prob=1)(dict(before))
    assert found.keys() == before.keys() and found['keypoints'] is before['keypoints']
    assert found['img'].shape == image.shape and found['img'].dtype == np.uint8
    np.testing.assert_array_equal(image, dot())
    assert found['img'].max() < PEAK


@pytest.mark.parametrize(('prob', 'low', 'high'), [(0, 0, 0), (0.3, 120, 180), (1, 500, 500)])
def test_probability(prob, low, high):
    blur = RandomBlur(prob=prob)
    assert low <= sum(blur(dict(img=dot()))['img'].max() < PEAK for _ in range(500)) <= high


def test_widths_are_drawn_from_the_whole_range():
    blur = RandomBlur(prob=1, sigma=(0.5, 2))
    heights = [blur(dict(img=dot()))['img'].max() / PEAK for _ in range(200)]
    narrowest, widest = (1 / (2 * np.pi * sigma**2) for sigma in (0.6, 2))
    assert max(heights) > narrowest and min(heights) == pytest.approx(widest, abs=0.005)


def test_the_seed_of_numpy_decides():
    images = []
    for number in (7, 7, 8):
        np.random.seed(number)
        images.append(RandomBlur(prob=1)(dict(img=dot()))['img'])
    np.testing.assert_array_equal(images[0], images[1])
    assert (images[2] != images[0]).any()


def test_it_cannot_be_shared_between_images():
    shared = cache_random_params(RandomBlur())
    with pytest.raises(RuntimeError, match='RandomBlur'), shared:
        pass


def test_it_is_registered_and_says_what_it_does():
    blur = TRANSFORMS.build(dict(type='RandomBlur', prob=0.25, sigma=[1, 2]))
    assert repr(blur) == 'RandomBlur(prob=0.25, sigma=(1.0, 2.0))'


@pytest.mark.parametrize(
    ('argument', 'value'), [('prob', 1.1), ('sigma', 2), ('sigma', (0, 1)), ('sigma', (2, 1))]
)
def test_bad_arguments_are_refused_when_it_is_built(argument, value):
    with pytest.raises(ValueError, match=f'^{argument}='):
        RandomBlur(**{argument: value})

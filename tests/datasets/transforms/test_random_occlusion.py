"""Random occlusion: what is covered, with what, how often, and what stays."""

import numpy as np
import pytest
from mmcv.transforms.utils import cache_random_params
from mmpose.registry import TRANSFORMS

import mmpose_multilat  # noqa: F401
from mmpose_multilat.datasets.transforms import RandomOcclusion
from mmpose_multilat.datasets.transforms.random_occlusion import draw_box, occlude

GREY = 77


@pytest.fixture(autouse=True)
def seed():
    np.random.seed(0)


def image(height=4, width=5, channels=3):
    return np.full((height, width, channels), GREY, np.uint8)


def sample():
    return dict(img=image(40, 50), keypoints=np.ones((1, 3, 2)), keypoints_visible=np.ones((1, 3)))


def covered(picture):
    """First and last row and column that are not grey any more."""
    rows, columns = np.nonzero((picture != GREY).any(-1))
    return rows.min(), rows.max(), columns.min(), columns.max()


def test_mean_colour_fills_exactly_the_box():
    picture = np.arange(24, dtype=np.uint8).reshape(3, 4, 2)
    found = occlude(picture, (1, 0, 2, 2), 'mean')
    expected = picture.copy()
    expected[0:2, 1:3] = (11, 12)  # the channels are 0, 2, ... 22 and 1, 3, ... 23
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == np.uint8


def test_a_colour_is_the_same_in_the_whole_box_and_noise_is_not():
    box = (2, 1, 3, 3)
    colour = occlude(image(), box, 'colour')[1:4, 2:5].reshape(-1, 3)
    noise = occlude(image(), box, 'noise')[1:4, 2:5].reshape(-1, 3)
    assert len(np.unique(colour, axis=0)) == 1
    assert len(np.unique(noise, axis=0)) == 9


@pytest.mark.parametrize('fill', ['colour', 'noise', 'mean'])
@pytest.mark.parametrize('shape', [(6, 5), (6, 5, 1), (6, 5, 3)])
def test_nothing_outside_the_box_changes_whatever_the_channels(fill, shape):
    picture = np.random.randint(0, 256, shape).astype(np.uint8)
    before = picture.copy()
    found = occlude(picture, (1, 2, 3, 2), fill)
    np.testing.assert_array_equal(picture, before)  # it is a copy
    outside = np.ones(shape[:2], bool)
    outside[2:4, 1:4] = False
    np.testing.assert_array_equal(found[outside], before[outside])


def test_boxes_have_the_sizes_asked_for_and_reach_every_pixel():
    boxes = np.array([draw_box(50, 40, (0.2, 0.5)) for _ in range(2000)])
    left, top, width, height = boxes.T
    assert (width.min(), width.max()) == (10, 25)
    assert (height.min(), height.max()) == (8, 20)
    assert (left.min(), (left + width).max()) == (0, 50)
    assert (top.min(), (top + height).max()) == (0, 40)
    assert abs(np.corrcoef(width, height)[0, 1]) < 0.1


def test_smallest_and_largest_box():
    assert draw_box(3, 3, (0.01, 0.01))[2:] == (1, 1)
    assert draw_box(7, 5, (1, 1)) == (0, 0, 7, 5)


def test_only_the_picture_changes():
    before = sample()
    results = RandomOcclusion(prob=1, size=(0.5, 0.5), fill='noise')(sample())
    assert results.keys() == before.keys()
    for name in ('keypoints', 'keypoints_visible'):
        np.testing.assert_array_equal(results[name], before[name])
    top, bottom, left, right = covered(results['img'])
    assert (bottom - top + 1, right - left + 1) == (20, 25)


@pytest.mark.parametrize(('prob', 'low', 'high'), [(0, 0, 0), (0.3, 250, 350), (1, 1000, 1000)])
def test_probability(prob, low, high):
    occlusion = RandomOcclusion(prob=prob, size=(0.5, 0.5), fill='noise')
    changed = sum((occlusion(dict(img=image()))['img'] != GREY).any() for _ in range(1000))
    assert low <= changed <= high


def test_one_of_several_fills_is_drawn():
    occlusion = RandomOcclusion(prob=1, size=(1, 1), fill=['noise', 'mean'])
    kinds = {len(np.unique(occlusion(dict(img=image()))['img'])) == 1 for _ in range(50)}
    assert kinds == {True, False}


def test_the_seed_of_numpy_decides():
    """MMEngine seeds it in every worker."""
    pictures = []
    for _ in range(2):
        np.random.seed(7)
        pictures.append(RandomOcclusion(prob=1)(sample())['img'])
    np.testing.assert_array_equal(*pictures)
    assert (RandomOcclusion(prob=1)(sample())['img'] != pictures[0]).any()


def test_it_cannot_be_shared_between_pictures():
    shared = cache_random_params(RandomOcclusion())
    with pytest.raises(RuntimeError, match='RandomOcclusion'), shared:
        pass


def test_it_is_registered_and_says_what_it_does():
    settings = dict(type='RandomOcclusion', prob=0.25, size=[0.1, 1], fill='mean')
    occlusion = TRANSFORMS.build(settings)
    assert repr(occlusion) == "RandomOcclusion(prob=0.25, size=(0.1, 1.0), fill=('mean',))"


@pytest.mark.parametrize(
    ('argument', 'value', 'message'),
    [
        ('prob', -0.1, 'from 0 to 1'),
        ('prob', 1.1, 'from 0 to 1'),
        ('prob', float('nan'), 'from 0 to 1'),
        ('prob', True, 'from 0 to 1'),
        ('prob', '0.5', 'from 0 to 1'),
        ('size', 0.3, 'smallest, largest'),
        ('size', (0, 0.3), 'smallest, largest'),
        ('size', (0.3, 0.2), 'smallest, largest'),
        ('size', (0.3, 1.2), 'smallest, largest'),
        ('size', (0.1, 0.2, 0.3), 'smallest, largest'),
        ('size', ('a', 'b'), 'smallest, largest'),
        ('fill', 'black', "'colour', 'noise', 'mean'"),
        ('fill', [], "'colour', 'noise', 'mean'"),
        ('fill', ['mean', 'black'], "'colour', 'noise', 'mean'"),
        ('fill', None, "'colour', 'noise', 'mean'"),
        ('fill', [['mean']], "'colour', 'noise', 'mean'"),
    ],
)
def test_bad_arguments_are_refused_when_it_is_built(argument, value, message):
    with pytest.raises(ValueError, match=message) as raised:
        RandomOcclusion(**{argument: value})
    assert str(raised.value).startswith(f'{argument}={value!r}')

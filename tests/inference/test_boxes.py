import numpy as np
import pytest
import torch

from mmpose_multilat.errors import UserError
from mmpose_multilat.inference.boxes import Box, as_boxes, check_box, whole_image

IMAGE = np.zeros((30, 40, 3), np.uint8)


def test_whole_image():
    assert whole_image(IMAGE) == [Box(0, 0, 40, 30)]


def test_corners():
    assert Box(10, 20, 3, 4).corners == (10, 20, 13, 24)


@pytest.mark.parametrize(
    'box, reason',
    [
        (Box(0, 0, 0, 10), 'is empty'),
        (Box(0, 0, 10, 0.5), 'is empty'),
        (Box(20, 20, -10, 10), 'is empty'),
        (Box(40, 0, 10, 10), 'lies outside the image of 40 x 30 px'),
        (Box(0, 30, 10, 10), 'lies outside'),
        (Box(-10, 0, 10, 10), 'lies outside'),
        (Box(0, -10, 10, 10), 'lies outside'),
        (Box(0, 0, 1e30, 10), 'is larger than 1000000 px'),
        (Box(0, 0, np.nan, 10), 'is empty'),
        (Box(np.nan, 0, 9, 9), 'lies outside'),
    ],
)
def test_boxes_that_cannot_be_used(box, reason):
    assert reason in check_box(box, IMAGE) and check_box(box, IMAGE).startswith('[')


@pytest.mark.parametrize('box', [Box(-5, -5, 1000, 1000), Box(39, 29, 1, 1)])
def test_boxes_that_can_be_used(box):
    assert check_box(box, IMAGE) == ''


def test_boxes_are_written_in_many_ways():
    expected = [Box(1, 2, 3, 4), Box(5, 6, 7, 8, 0.5)]
    assert as_boxes([(1, 2, 3, 4), [5, 6, 7, 8, 0.5]]) == as_boxes(expected) == expected
    rows = np.array([[5, 6, 7, 8, 0.5]], np.float32)
    assert as_boxes(rows) == expected[1:] and isinstance(as_boxes(rows)[0].x, float)
    assert as_boxes(torch.tensor([[1.0, 2, 3, 4]])) == expected[:1]
    assert as_boxes(np.zeros((0, 4))) == []


@pytest.mark.parametrize('box', [[1, 2, 3], 'abcd', 5, [1, 2, 3, None], [0, 0, np.inf, 1]])
def test_other_things_are_no_boxes(box):
    with pytest.raises(UserError, match='`boxes`: .* is no box; it must be \\[x, y, w, h\\]'):
        as_boxes([box])

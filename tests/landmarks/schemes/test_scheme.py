"""A scheme written by hand."""

import pytest

from mmpose_multilat.landmarks.schemes.scheme import LandmarkScheme, pairs, span


def test_flip_indices_are_the_pairs_and_everything_else_itself():
    scheme = LandmarkScheme(5, flip_pairs=((0, 4), (1, 3)))
    assert scheme.flip_indices == (4, 3, 2, 1, 0)
    assert LandmarkScheme(3, flip_pairs=()).flip_indices == (0, 1, 2)
    assert LandmarkScheme(3).flip_indices is None


def test_an_upper_and_a_lower_edge_make_one_closed_outline():
    curves = dict(bridge=(9, 8), eye_upper=(0, 1, 2), eye_lower=(0, 4, 3, 2), jaw_lower=(5, 6))
    assert LandmarkScheme(10, curves=curves).outlines == (
        ((9, 8), False),
        ((0, 1, 2, 3, 4), True),
        ((5, 6), False),
    )


def test_edges_need_not_meet():
    curves = dict(brow_lower=(3, 2), brow_upper=(0, 1))
    assert LandmarkScheme(4, curves=curves).outlines == (((0, 1, 2, 3), True),)


def test_an_upper_edge_alone_stays_open():
    assert LandmarkScheme(2, curves=dict(brow_upper=(0, 1))).outlines == (((0, 1), False),)
    assert LandmarkScheme(2).outlines == ()


@pytest.mark.parametrize(
    ('first', 'last', 'expected'), [(2, 4, (2, 3, 4)), (4, 2, (4, 3, 2)), (3, 3, (3,))]
)
def test_spans_go_both_ways(first, last, expected):
    assert span(first, last) == expected


def test_partners_count_downwards():
    assert pairs((0, 2, 9), (4, 4, 5)) == ((0, 9), (1, 8), (2, 7), (4, 5))

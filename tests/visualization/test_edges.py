"""Edges between landmarks in an image."""

import numpy as np

from mmpose_multilat.visualization import draw_edges
from mmpose_multilat.visualization.edges import COLOUR, strongest_edges

CORNERS = np.array([[10.0, 10], [50, 10], [50, 40]])
EDGES = np.array([[0, 0.8, 0.2], [0.4, 0, 0.6], [0.5, 0.5, 0]])

CLOSE = 30
"""Smooth lines are a little darker."""


def canvas():
    return np.zeros((60, 80, 3), np.uint8)


def test_the_strongest_of_each_landmark_are_chosen():
    assert strongest_edges(CORNERS, EDGES, 1)[1:] == [(1, 2, 0.6), (0, 1, 0.8)]
    assert len(strongest_edges(CORNERS, EDGES, 2)) == 6
    assert strongest_edges(CORNERS, EDGES, 0) == []


def test_a_line_runs_between_the_landmarks_and_nowhere_else():
    picture = canvas()
    draw_edges(picture, CORNERS, np.array([[0, 1.0, 0], [0, 0, 0], [0, 0, 0]]), strongest=1)
    assert np.abs(picture[10, 12:49] - np.array(COLOUR)).max() < CLOSE
    picture[8:13, 8:53] = 0
    assert not picture.any()


def test_weaker_edges_are_fainter():
    picture = canvas()
    edges = np.array([[0, 1.0, 0], [0, 0, 0.5], [0, 0, 0]])
    draw_edges(picture, CORNERS, edges, strongest=1)
    np.testing.assert_allclose(picture[25, 50], np.array(COLOUR) / 2, atol=CLOSE)
    assert np.abs(picture[10, 30] - np.array(COLOUR)).max() < CLOSE


def test_landmarks_that_are_not_finite_or_outside_do_no_harm():
    picture, edges = canvas(), np.full((3, 3), 0.5)
    draw_edges(picture, np.full((3, 2), np.nan), edges)
    draw_edges(picture, CORNERS + 500, edges)
    draw_edges(picture, CORNERS, np.zeros((3, 3)))
    assert not picture.any()
    draw_edges(picture, np.array([[-1e9, 5], [1e9, 5], [5, 5]]), edges)
    assert picture.any()

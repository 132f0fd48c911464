"""Distances to polylines against densely sampled ones and against values worked out by hand."""

import math

import pytest
import torch

from mmpose_multilat.landmarks import SCHEMES
from mmpose_multilat.multilateration import (
    drawn_share,
    encode_polylines,
    segments_of,
    squared_distance_to_polylines,
)
from mmpose_multilat.multilateration.polylines import squared_distance_to_segments

nan, inf = float('nan'), float('inf')
CURVES = ((0, 1, 2), (2, 3))


def random_points(*batch, seed=0, dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(*batch, 2, generator=generator, dtype=dtype) * 20 - 4


def sampled_distance(points, curves, size, steps=2000):
    """The slow twin: the nearest of many points along every curve, one curve after the other."""
    width, height = size
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing='ij')
    cells = torch.stack((x, y), -1).to(points).reshape(-1, 2)
    shares = torch.linspace(0, 1, steps, dtype=points.dtype)[:, None]
    maps = []
    for curve in curves:
        dots = [points[a] + shares * (points[b] - points[a]) for a, b in zip(curve, curve[1:])]
        maps.append(torch.cdist(cells, torch.cat(dots)).amin(1).view(height, width))
    return torch.stack(maps)


def test_distances_are_those_to_a_densely_sampled_curve():
    points, size = random_points(4), (9, 7)
    found = squared_distance_to_polylines(points, segments_of(CURVES), size).sqrt()
    assert found.shape == (2, 7, 9)
    torch.testing.assert_close(found, sampled_distance(points, CURVES, size), atol=2e-3, rtol=0)


@pytest.mark.parametrize('scheme', ['wflw', 'ibug', 'cofw', 'aflw', 'lapa'])
def test_boundaries_of_every_scheme(scheme):
    facts = SCHEMES[scheme]
    curves = list(facts.curves.values())
    points = random_points(facts.num_landmarks, dtype=torch.float32)
    found = encode_polylines(points, segments_of(curves), (12, 12), sigma=1.5)
    distances = sampled_distance(points, curves, (12, 12), steps=200)
    expected = torch.exp(-distances.square() / (2 * 1.5**2))
    torch.testing.assert_close(found, expected, atol=5e-3, rtol=0)


def test_a_batch_is_its_faces_one_by_one():
    points, segments = random_points(2, 3, 4), segments_of(CURVES)
    labelled = torch.rand(2, 3, 4, generator=torch.Generator().manual_seed(1)) < 0.7
    together = encode_polylines(points, segments, (8, 8), 1.0, labelled)
    assert together.shape == (2, 3, 2, 8, 8)
    for i in range(2):
        for j in range(3):
            alone = encode_polylines(points[i, j], segments, (8, 8), 1.0, labelled[i, j])
            torch.testing.assert_close(together[i, j], alone)


def test_distance_to_one_segment_by_hand():
    """From (1, 1) to (3, 1), on five columns and three rows."""
    found = squared_distance_to_segments(
        torch.tensor([[1.0, 1.0]]), torch.tensor([[3.0, 1.0]]), (5, 3)
    )
    expected = torch.tensor([[2.0, 1, 1, 1, 2], [1, 0, 0, 0, 1], [2, 1, 1, 1, 2]])
    torch.testing.assert_close(found[0], expected)


def test_a_segment_without_length_is_a_point():
    points = torch.tensor([[1.0, 2.0], [1.0, 2.0]])
    found = squared_distance_to_polylines(points, segments_of([(0, 1)]), (3, 4))
    expected = torch.tensor([[5.0, 4, 5], [2, 1, 2], [1, 0, 1], [2, 1, 2]])
    torch.testing.assert_close(found[0], expected)


def test_the_direction_of_a_curve_does_not_matter():
    points = random_points(4)
    forth, back = (segments_of([curve]) for curve in ((0, 1, 2, 3), (3, 2, 1, 0)))
    torch.testing.assert_close(
        squared_distance_to_polylines(points, forth, (6, 6)),
        squared_distance_to_polylines(points, back, (6, 6)),
    )


@pytest.mark.parametrize('missing', ['unlabelled', 'nan', 'infinite'])
def test_segments_at_a_missing_landmark_are_left_out(missing):
    points = random_points(4)
    labelled = torch.ones(4, dtype=torch.bool)
    if missing == 'unlabelled':
        labelled[0] = False
    else:
        points[0, 1] = nan if missing == 'nan' else inf
    segments = segments_of(CURVES)
    found = encode_polylines(points, segments, (8, 8), 1.0, labelled)
    expected = encode_polylines(points, segments_of([(1, 2), (2, 3)]), (8, 8), 1.0)
    torch.testing.assert_close(found, expected)
    assert drawn_share(points, segments, labelled).tolist() == [0.5, 1.0]


def test_a_curve_without_any_segment_is_empty():
    points, segments = random_points(4), segments_of(CURVES)
    labelled = torch.tensor([True, False, True, True])
    heatmaps = encode_polylines(points, segments, (8, 8), 1.0, labelled)
    assert heatmaps[0].eq(0).all() and heatmaps[1].gt(0).all()
    assert squared_distance_to_polylines(points, segments, (8, 8), labelled)[0].isinf().all()
    assert drawn_share(points, segments, labelled).tolist() == [0.0, 1.0]


def test_the_height_is_one_on_the_line_and_falls_as_a_gaussian():
    points = torch.tensor([[-3.0, 2.0], [9.0, 2.0]])
    heatmap = encode_polylines(points, segments_of([(0, 1)]), (5, 6), 2.0)[0]
    for row in range(6):
        height = math.exp(-((row - 2) ** 2) / 8)
        torch.testing.assert_close(heatmap[row], torch.full((5,), height))


def test_far_cells_are_small_normal_numbers():
    points = torch.tensor([[-1e6, -1e6], [-1e6, -2e6]])
    heatmap = encode_polylines(points, segments_of([(0, 1)]), (4, 4), 1.0)
    assert ((heatmap > 0) & (heatmap < 1e-18)).all()
    assert (heatmap >= torch.finfo(torch.float32).tiny).all()


def test_segments_of_curves():
    segments = segments_of(CURVES)
    assert segments.ends.tolist() == [[0, 1, 2], [1, 2, 3]]
    assert segments.curves.tolist() == [0, 0, 1] and segments.counts.tolist() == [2, 1]


@pytest.mark.parametrize('curves', [[], [(0, 1), (2,)]])
def test_curves_of_less_than_two_points_are_refused(curves):
    with pytest.raises(ValueError, match='two points or more'):
        segments_of(curves)


def test_empty_batch():
    heatmaps = encode_polylines(torch.zeros(0, 4, 2), segments_of(CURVES), (8, 6), 1.0)
    assert heatmaps.shape == (0, 2, 6, 8)

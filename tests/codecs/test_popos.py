import warnings

import numpy as np
import pytest
import torch
from references import gauss_newton, range_cost

from mmpose_multilat.codecs import POPoS
from mmpose_multilat.multilateration import encode_gaussian


def noisy_heatmaps(count, size, noise=0.05, seed=0):
    generator = torch.Generator().manual_seed(seed)
    landmarks = torch.rand(count, 2, generator=generator).double() * (size - 1)
    heatmaps = encode_gaussian(landmarks, (size, size), 2.0)
    return heatmaps + noise * torch.randn(heatmaps.shape, generator=generator).double()


def stations_of(heatmap, count):
    """The strongest cells (x, y) and their squared ranges, by sorting all cells."""
    order = np.argsort(-heatmap, axis=None)[:count]
    cells = np.stack((order % heatmap.shape[1], order // heatmap.shape[1]), -1).astype(float)
    return cells, -2 * 2.0**2 * np.log(np.maximum(heatmap.flat[order], 1e-6))


@pytest.mark.parametrize('num_anchors', [3, 10, 16])
@pytest.mark.parametrize('size', [4, 16])
def test_grid_equals_trying_every_candidate(size, num_anchors):
    codec = POPoS((256, 256), (size, size), num_anchors=num_anchors, solver='grid')
    heatmaps = noisy_heatmaps(8, size)
    coordinates, scores, _ = codec.locate(heatmaps)
    axis = np.linspace(-1, 1, 21)
    for heatmap, found, score in zip(heatmaps.numpy(), coordinates.numpy(), scores):
        cells, squares = stations_of(heatmap, num_anchors)
        costs = [range_cost(cells[0] + (x, y), cells, squares) for x in axis for y in axis]
        assert score > 0
        assert np.abs(found - cells[0]).max() <= 1 + 1e-9
        assert range_cost(found, cells, squares) == pytest.approx(min(costs), rel=1e-6)


@pytest.mark.parametrize('size', [4, 16])
def test_exact_is_a_minimum_and_at_least_as_good_as_the_grid(size):
    heatmaps = noisy_heatmaps(20, size)
    exact, scores, _ = POPoS((256, 256), (size, size)).locate(heatmaps)
    grid, _, _ = POPoS((256, 256), (size, size), solver='grid').locate(heatmaps)
    for heatmap, found, candidate in zip(heatmaps.numpy(), exact.numpy(), grid.numpy()):
        cells, squares = stations_of(heatmap, 10)
        cost = range_cost(found, cells, squares)
        assert cost <= range_cost(candidate, cells, squares) * (1 + 1e-9)
        for step in ((0.01, 0), (-0.01, 0), (0, 0.01), (0, -0.01)):
            assert range_cost(found + step, cells, squares) > cost
    assert (scores > 0).all()


def test_gauss_newton_agrees_with_exact():
    heatmaps = noisy_heatmaps(50, 16, noise=0.02)
    iterated, _, _ = POPoS((256, 256), (16, 16), solver='gauss_newton').locate(heatmaps)
    exact, _, _ = POPoS((256, 256), (16, 16)).locate(heatmaps)
    assert (iterated - exact).norm(dim=-1).median() < 1e-6
    assert (iterated - exact).norm(dim=-1).quantile(0.9) < 1e-3


def test_gauss_newton_takes_twenty_steps_from_the_strongest_cell():
    """On bumps so low that they are not enough."""
    heatmaps = 0.6 * noisy_heatmaps(8, 16, noise=0.02)
    iterated, _, _ = POPoS((256, 256), (16, 16), solver='gauss_newton').locate(heatmaps)
    exact, _, _ = POPoS((256, 256), (16, 16)).locate(heatmaps)
    for heatmap, found in zip(heatmaps.numpy(), iterated.numpy()):
        cells, squares = stations_of(heatmap, 10)
        expected = cells[0] + gauss_newton(cells - cells[0], squares, 20)
        np.testing.assert_allclose(found, expected, atol=1e-3)
    assert (iterated - exact).norm(dim=-1).max() > 0.01


@pytest.mark.parametrize('solver', ['exact', 'gauss_newton'])
def test_landmarks_outside_the_cells_are_reached(solver):
    landmarks = torch.tensor([[3.98, 3.98], [-0.9, 1.2], [4.5, -0.5]])
    coordinates, _, _ = POPoS((256, 256), (4, 4), solver=solver).locate(
        encode_gaussian(landmarks, (4, 4), 2.0)
    )
    torch.testing.assert_close(coordinates, landmarks, atol=1e-3, rtol=0)


@pytest.mark.parametrize('num_anchors', [3, 4, 6, 8])
def test_stations_in_one_line_at_the_border(num_anchors):
    """All strongest cells stand in the border's line: the landmark is outside, not its mirror."""
    distance = {3: 0.3, 4: 2.0, 6: 6.0, 8: 6.0}[num_anchors]
    landmarks = torch.tensor(
        [[-distance, 15.3], [31 + distance, 12.8], [14.2, -distance], [17.4, 31 + distance]]
    )
    codec = POPoS((256, 256), (32, 32), num_anchors=num_anchors)
    coordinates, scores, _ = codec.locate(encode_gaussian(landmarks, (32, 32), 2.0))
    torch.testing.assert_close(coordinates, landmarks, atol=5e-3, rtol=0)
    assert (scores > 0).all()


def test_stations_too_far_to_be_read_are_warned_of():
    with pytest.warns(UserWarning, match='num_anchors=64 .* up to 5.3 px.* Take at most 21'):
        POPoS((32, 32), (8, 8), sigma=1, num_anchors=64)


@pytest.mark.parametrize('settings', [dict(), dict(sigma=1), dict(num_anchors=40)])
def test_usual_stations_are_near_enough(settings):
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        POPoS((256, 256), (16, 16), **settings)


@pytest.mark.parametrize('solver', ['exact', 'gauss_newton'])
def test_gradients_are_finite_where_the_solution_is_none(solver):
    """Noise of an untrained network, read by as few stations as possible."""
    noise = torch.randn(3000, 8, 8, generator=torch.Generator().manual_seed(0))
    heatmaps = (0.001 * noise).requires_grad_()
    coordinates, scores, _ = POPoS((256, 256), (8, 8), num_anchors=3, solver=solver).locate(
        heatmaps
    )
    coordinates[scores == 0].sum().backward()
    assert heatmaps.grad.isfinite().all()


def test_a_hundred_candidates_on_each_side_are_possible():
    codec = POPoS((256, 256), (16, 16), sampling_range=10, solver='grid')
    landmarks = torch.tensor([[4.3, 5.1], [9.8, 7.6]])
    found, _, _ = codec.locate(encode_gaussian(landmarks, (16, 16), 2.0))
    torch.testing.assert_close(found, landmarks, atol=1e-3, rtol=0)


def test_sampling_range_says_how_far_candidates_go():
    """A landmark 3 cells beyond its strongest cell, which is the first of the row."""
    heatmap = encode_gaussian(torch.tensor([-3.0, 7.0]), (16, 16), 2.0)
    for reach in (1.0, 2.0, 3.5):
        codec = POPoS((256, 256), (16, 16), sampling_range=reach, solver='grid')
        offset = codec.locate(heatmap)[0] - torch.tensor([0.0, 7.0])
        assert offset[0] < 0
        assert offset.abs().max().item() == pytest.approx(min(reach, 3), abs=0.01)


@pytest.mark.parametrize('num_anchors', [3, 4, 5, 6, 7, 8])
def test_few_stations_at_the_border_find_landmarks_inside(num_anchors):
    """Stations that do not stand in one line are no reason to look outside."""
    landmarks = torch.tensor([[0.3, 7.2], [14.8, 6.9], [7.3, 0.2], [6.8, 14.7], [0.2, 0.3]])
    coordinates, scores, _ = POPoS((256, 256), (16, 16), num_anchors=num_anchors).locate(
        encode_gaussian(landmarks, (16, 16), 2.0)
    )
    torch.testing.assert_close(coordinates, landmarks, atol=5e-3, rtol=0)
    assert (scores > 0).all()


@pytest.mark.parametrize('rate', [2, 10])
def test_sampling_rate_sets_the_grid(rate):
    codec = POPoS((256, 256), (16, 16), sampling_rate=rate, solver='grid')
    coordinates, _, _ = codec.locate(noisy_heatmaps(20, 16, noise=0))
    steps = coordinates * rate
    assert (steps - steps.round()).abs().max() < 1e-5


@pytest.mark.parametrize(
    'wrong, message',
    [
        (dict(num_anchors=2), 'num_anchors=2 must be a whole number from 3 to 16'),
        (dict(num_anchors=17), r'from 3 to 16: three stations fix a position'),
        (dict(solver='newton'), r"use one of \('grid', 'exact', 'gauss_newton'\)"),
        (dict(sampling_range=0), 'sampling_range=0 must be a finite number above 0'),
        (dict(sampling_rate=-1), 'sampling_rate=-1 must be a finite number above 0'),
        (dict(sampling_range=0.04), 'gives 0 candidates on each side .* 1 to 100 are possible'),
        (dict(sampling_range=1e308), 'gives inf candidates on each side'),
        (dict(sampling_range=50), 'gives 500 candidates on each side'),
        (dict(sampling_range=10.1), 'gives 101 candidates on each side'),
    ],
)
def test_wrong_arguments_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        POPoS((256, 256), (4, 4), **wrong)

import pytest
import torch

from mmpose_multilat.landmarks import HeatmapGeometry

SIZES = (64, 32), (16, 4)  # input, heatmap


@pytest.mark.parametrize(
    'alignment, last',
    [('msra', [15 * 4, 3 * 8]), ('udp', [63, 31])],
)
def test_the_last_cell_by_hand(alignment, last):
    geometry = HeatmapGeometry(*SIZES, alignment)
    cells = torch.tensor([[0.0, 0.0], [15.0, 3.0]])
    torch.testing.assert_close(geometry.to_input(cells), torch.tensor([[0.0, 0.0], last]))


@pytest.mark.parametrize('alignment', ['msra', 'udp'])
def test_there_and_back(alignment):
    geometry = HeatmapGeometry(*SIZES, alignment)
    places = torch.rand(2, 5, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(geometry.to_input(geometry.to_heatmap(64 * places)), 64 * places)


@pytest.mark.parametrize('alignment', ['msra', 'udp'])
def test_pitch_is_the_distance_of_neighbouring_cells(alignment):
    geometry = HeatmapGeometry(*SIZES, alignment)
    first, second = geometry.to_input(torch.tensor([[3.0, 1.0], [4.0, 2.0]]))
    torch.testing.assert_close(torch.tensor(geometry.pitch), second - first)


@pytest.mark.parametrize('alignment', ['msra', 'udp'])
@pytest.mark.parametrize('shape', [(), (3,), (2, 3), (0, 3)])
def test_covariances_follow_the_slope_of_the_coordinates(alignment, shape):
    geometry = HeatmapGeometry(*SIZES, alignment)
    factor = torch.randn(*shape, 2, 2, generator=torch.Generator().manual_seed(0))
    covariances = factor @ factor.mT
    slope = torch.autograd.functional.jacobian(geometry.to_input, torch.zeros(2))
    expected = slope @ covariances @ slope.T
    torch.testing.assert_close(geometry.covariance_to_input(covariances), expected)


def test_equal_settings_are_one_value():
    assert HeatmapGeometry(*SIZES) == HeatmapGeometry(*SIZES, 'msra')
    assert HeatmapGeometry(*SIZES) != HeatmapGeometry(*SIZES, 'udp')

import numpy as np
import pytest
import torch
from references import range_cost

from mmpose_multilat.multilateration import RangeCost
from mmpose_multilat.multilateration.range_cost import position_factors


@pytest.fixture
def problem():
    generator = torch.Generator().manual_seed(0)
    stations = torch.randint(-4, 5, (5, 8, 2), generator=generator).double()
    ranges = torch.rand(5, 8, generator=generator, dtype=torch.float64) * 9 - 1
    position = torch.rand(5, 2, generator=generator, dtype=torch.float64) * 4 - 2
    return stations, ranges, position


def test_value_equals_the_sum_over_stations(problem):
    stations, ranges, position = problem
    expected = [
        range_cost(*each) for each in zip(position.numpy(), stations.numpy(), ranges.numpy())
    ]
    np.testing.assert_allclose(RangeCost.from_stations(stations, ranges).value(position), expected)


def test_position_factors_by_hand():
    factors = position_factors(torch.tensor([[3.0, -4.0], [0.0, 0.5]]))
    assert factors.tolist() == [[25, -6, 8, 1], [0.25, 0, -1, 1]]

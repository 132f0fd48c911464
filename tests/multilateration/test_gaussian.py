import math

import numpy as np
import pytest
import torch
from references import gaussian

from mmpose_multilat.multilateration import encode_gaussian, has_label, squared_range


@pytest.mark.parametrize('batch', [(), (3,), (2, 3)])
def test_encoding_equals_the_definition(batch):
    generator = torch.Generator().manual_seed(0)
    landmarks = torch.rand(*batch, 2, generator=generator, dtype=torch.float64) * 12 - 3
    heatmaps = encode_gaussian(landmarks, (7, 5), 1.5)
    assert heatmaps.shape == (*batch, 5, 7)
    for heatmap, landmark in zip(heatmaps.reshape(-1, 5, 7), landmarks.reshape(-1, 2)):
        np.testing.assert_allclose(heatmap, gaussian(landmark.numpy(), 7, 5, 1.5), rtol=1e-12)


def test_encoding_by_hand():
    heatmap = encode_gaussian(torch.tensor([1.0, 0.0]), (3, 2), math.sqrt(0.5))
    e = math.exp(-1)
    torch.testing.assert_close(heatmap, torch.tensor([[e, 1, e], [e * e, e, e * e]]))


def test_squared_range_inverts_the_gaussian():
    distances = torch.linspace(0, 8, 9, dtype=torch.float64)
    responses = torch.exp(-distances.square() / (2 * 2.0**2))
    torch.testing.assert_close(squared_range(responses, 2.0), distances.square())


def test_squared_range_of_a_higher_peak_differs_by_a_constant():
    responses = torch.tensor([0.3, 0.9, 1.0], dtype=torch.float64)
    difference = squared_range(1.7 * responses, 2.0) - squared_range(responses, 2.0)
    torch.testing.assert_close(difference, difference[:1].expand(3))
    assert difference[0] < 0


def test_squared_range_of_nothing_is_finite():
    assert squared_range(torch.tensor([0.0, -1.0, -torch.inf]), 2.0).isfinite().all()


@pytest.mark.parametrize(
    'x, expected',
    [(-7.01, False), (-6.99, True), (4.0, True), (13.99, True), (14.01, False), (math.nan, False)],
)
def test_label_reaches_three_sigma_beyond_eight_cells(x, expected):
    # MMPose asks x + 3 sigma + 1 >= 0 on the left and x - 3 sigma < W on the right.
    assert has_label(torch.tensor([x, 4.0]), (8, 8), 2.0).item() is expected
    assert has_label(torch.tensor([4.0, x]), (8, 8), 2.0).item() is expected

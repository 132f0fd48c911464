import cv2
import numpy as np
import pytest
import torch

from mmpose_multilat.multilateration import blurred_neighbourhood, taylor_shift


@pytest.mark.parametrize('kernel_size', [1, 3, 5, 7, 9, 11, 13])
@pytest.mark.parametrize('cell', [(0, 0), (5, 3), (8, 6)])
def test_neighbourhood_equals_opencv_blur_of_the_padded_heatmap(kernel_size, cell):
    heatmap = np.random.default_rng(0).random((7, 9))
    padded = np.pad(heatmap, 20)
    blurred = cv2.GaussianBlur(padded, (kernel_size, kernel_size), 0)
    x, y = cell[0] + 20, cell[1] + 20
    expected = blurred[y - 2 : y + 3, x - 2 : x + 3]
    found = blurred_neighbourhood(torch.from_numpy(heatmap), torch.tensor(cell), kernel_size)
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_shift_of_a_gaussian_is_exact():
    # The stencils of a parabola are exact: log h = -((x - 0.3)^2 + (y + 0.2)^2) / 2.
    axis = torch.arange(-2.0, 3.0, dtype=torch.float64)
    log = -((axis - 0.3).square() + (axis[:, None] + 0.2).square()) / 2
    expected = torch.tensor([0.3, -0.2], dtype=torch.float64)
    torch.testing.assert_close(taylor_shift(log.exp()), expected)


def test_shift_of_a_turned_bump_is_exact():
    """Of log h = -(dx^2 + 0.8 dx dy + 0.6 dy^2) / 2, whose axes are not those of the cells."""
    axis = torch.arange(-2.0, 3.0, dtype=torch.float64)
    x, y = axis - 0.3, axis[:, None] + 0.2
    responses = (-(x.square() + 0.8 * x * y + 0.6 * y.square()) / 2).exp()
    expected = torch.tensor([0.3, -0.2], dtype=torch.float64)
    torch.testing.assert_close(taylor_shift(responses), expected)


def test_the_smallest_response_that_counts():
    responses = torch.full((5, 5), 0.5, dtype=torch.float64)
    responses[2, 1:4], responses[1:4, 2] = torch.tensor([0.6, 1, 0.7]), torch.tensor([0.8, 1, 0.7])
    shifts = []
    for smallest in (0.0, -1.0, 1e-12, 1e-10, 1e-9):
        responses[2, 4] = smallest
        shifts.append(taylor_shift(responses))
    assert shifts[-1].isfinite().all()
    assert all(torch.equal(shift, shifts[3]) for shift in shifts[:3])
    assert (shifts[3] - shifts[4]).abs().max() > 1e-3


def test_singular_hessian_leaves_gradients_finite():
    responses = torch.ones(5, 5, requires_grad=True)
    (gradient,) = torch.autograd.grad(taylor_shift(responses).nan_to_num().sum(), responses)
    assert gradient.isfinite().all()


def test_singular_hessian_is_not_finite():
    assert not taylor_shift(torch.ones(5, 5)).isfinite().any()

"""Vector labels against the paper's formula, cell by cell."""

import math

import pytest
import torch

from mmpose_multilat.multilateration import encode_vectors

nan, inf = float('nan'), float('inf')


def papers_label(position, length, sigma, theta):
    """Equation (2) with the square that its exponent lacks."""
    centre, label = math.floor(position + 0.5), []
    for cell in range(length):
        distance = abs(cell - centre)
        if distance == 0:
            label.append(1 + theta)
        elif distance < 3 * sigma:
            label.append(math.exp(-(distance**2) / (2 * sigma**2)))
        else:
            label.append(0.0)
    return label


def test_by_hand():
    expected = [0, math.exp(-4 / 2), math.exp(-1 / 2), 4, math.exp(-1 / 2), math.exp(-4 / 2), 0, 0]
    label = encode_vectors(torch.tensor(2.6, dtype=torch.float64), 8, sigma=1.0)
    assert label.tolist() == pytest.approx(expected)


@pytest.mark.parametrize('sigma, theta', [(2.0, 3.0), (1.5, 0.0), (0.7, 1.0)])
def test_rounded_labels_are_the_papers(sigma, theta):
    positions = torch.linspace(-9, 24, 100, dtype=torch.float64).view(4, 25)
    labels = encode_vectors(positions, 16, sigma, theta)
    assert labels.shape == (4, 25, 16)
    for position, label in zip(positions.flatten().tolist(), labels.flatten(0, 1)):
        assert label.tolist() == pytest.approx(papers_label(position, 16, sigma, theta))


def test_labels_without_rounding_are_one_gaussian():
    positions = torch.tensor([5.3, -2.4, 15.0], dtype=torch.float64)
    labels = encode_vectors(positions, 16, sigma=2.0, theta=3.0, rounded=False)
    for position, label in zip(positions.tolist(), labels):
        expected = [4 * math.exp(-((cell - position) ** 2) / 8) for cell in range(16)]
        assert label.tolist() == pytest.approx(expected)


def test_labels_without_rounding_never_jump():
    step = 1e-3
    positions = torch.arange(-5.9, 20.9, step, dtype=torch.float64)
    labels = encode_vectors(positions, 16, sigma=2.0, rounded=False)
    steepest = 4 * math.exp(-0.5) / 2  # of a Gaussian of height 4 and sigma 2
    assert labels.diff(dim=0).abs().max() <= step * steepest
    jumps = encode_vectors(positions, 16, sigma=2.0).diff(dim=0).abs().max()
    assert jumps == pytest.approx(4 - math.exp(-1 / 8))


@pytest.mark.parametrize('rounded', [True, False])
@pytest.mark.parametrize(
    'position, labelled',
    [(-5.4, True), (-6.0, False), (20.4, True), (21.0, False), (-1e20, False), (1e20, False)]
    + [(nan, False), (inf, False), (-inf, False)],
)
def test_labels_end_three_sigma_beyond_the_ends(position, labelled, rounded):
    label = encode_vectors(torch.tensor(position), 16, sigma=2.0, rounded=rounded)
    assert label.isfinite().all() and bool((label > 0).any()) == labelled


@pytest.mark.parametrize('position, cell', [(0.5, 1), (1.5, 2), (2.5, 3), (-0.5, 0)])
def test_halves_are_rounded_up(position, cell):
    """As by int(x + 0.5) in MMPose, where `round` would go to the even cell."""
    label = encode_vectors(torch.tensor(position), 6, sigma=1.0)
    assert label.tolist()[cell] == 4 and (label == 4).sum() == 1


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize('rounded', [True, False])
def test_labels_have_the_dtype_of_the_positions(dtype, rounded):
    positions = torch.tensor([2.0, 3.25], dtype=dtype)
    assert encode_vectors(positions, 8, sigma=2.0, rounded=rounded).dtype == dtype


def test_values_far_away_are_normal_numbers():
    """Numbers below `tiny` are several times slower to calculate with."""
    label = encode_vectors(torch.tensor([3.0]), 64, sigma=2.0, theta=0.0, rounded=False)
    assert label.min() == pytest.approx(math.exp(-43), rel=1e-5)
    assert label.min() > torch.finfo(torch.float32).tiny


@pytest.mark.parametrize('shape', [(0,), (0, 3), (2, 0), ()])
def test_leading_shapes(shape):
    assert encode_vectors(torch.zeros(shape), 7, 2.0).shape == (*shape, 7)

import math

import pytest
import torch

from mmpose_multilat.models.losses import ErrorLikelihoodLoss

GRID = torch.linspace(-60, 60, 1201)


def density(kind, scale):
    """Density of errors in the plane on a fine grid, from the loss alone: exp(-loss)."""
    lengths = torch.cartesian_prod(GRID, GRID).norm(dim=-1)
    loss = ErrorLikelihoodLoss(kind)
    found = [float(loss(lengths[None, :1], torch.full((1, 1), math.log(scale))))]
    log_scales = torch.full_like(lengths, math.log(scale))
    ratios = lengths / scale
    expected = 2 * log_scales + (ratios if kind == 'laplace' else ratios**2 / 2)
    assert found[0] == pytest.approx(float(expected[0]), rel=1e-5)
    return lengths, (-expected.double()).exp() * 0.1**2


@pytest.mark.parametrize('kind', ['laplace', 'gaussian'])
def test_the_variance_is_that_of_the_density(kind):
    """By numerical integration over the plane; the constant does not hang on the scale."""
    masses = []
    for scale in (1.0, 2.5):
        lengths, mass = density(kind, scale)
        masses.append(mass.sum())
        variance = (mass * lengths.double() ** 2).sum() / mass.sum() / 2
        expected = ErrorLikelihoodLoss(kind).variance * scale**2
        assert float(variance) == pytest.approx(expected, rel=1e-2)
    assert float(masses[0]) == pytest.approx(float(masses[1]), rel=1e-2)


@pytest.mark.parametrize('kind, best', [('laplace', 1.5), ('gaussian', 3 / math.sqrt(2))])
def test_the_best_scale_is_that_of_the_error(kind, best):
    """Of an error of 3: half of it, or the root of half of its square."""
    log_scales = torch.full((1, 1), math.log(best), requires_grad=True)
    loss = ErrorLikelihoodLoss(kind)
    least = loss(torch.tensor([[3.0]]), log_scales)
    least.backward()
    assert log_scales.grad.abs() < 1e-5
    for factor in (0.7, 1.4):
        other = torch.full((1, 1), math.log(best * factor))
        assert loss(torch.tensor([[3.0]]), other) > least


def test_weights_and_empty_batches():
    loss = ErrorLikelihoodLoss(loss_weight=2.0)
    errors, log_scales = torch.tensor([[1.0, 5.0]]), torch.zeros(1, 2)
    assert loss(errors, log_scales, torch.tensor([[1.0, 0.0]])).item() == pytest.approx(1.0)
    assert loss(errors[:0], log_scales[:0]) == 0


@pytest.mark.parametrize('settings', [dict(kind='cauchy'), dict(loss_weight=-1)])
def test_unusable_settings_are_refused(settings):
    with pytest.raises(ValueError, match='|'.join(settings)):
        ErrorLikelihoodLoss(**settings)

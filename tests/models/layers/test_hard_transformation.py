import math

import pytest
import torch
from torch.nn import functional as F

from mmpose_multilat.models.layers import HardTransformation, LocalisationNetwork, warp
from mmpose_multilat.models.losses import transformation_error

ANGLE, SCALE = math.radians(15), 0.9
KNOWN = torch.tensor(
    [
        [SCALE * math.cos(ANGLE), -SCALE * math.sin(ANGLE), 0.1],
        [SCALE * math.sin(ANGLE), SCALE * math.cos(ANGLE), -0.15],
    ]
)
IDENTITY = torch.eye(3)[:2]


def blobs(side=32):
    """(1, 3, side, side) smooth maps that have no symmetry."""
    centres = torch.tensor([[-0.4, -0.3], [0.45, -0.2], [0.1, 0.5]])
    steps = (torch.arange(side) + 0.5) / side * 2 - 1
    x, y = (steps - centres[:, :1]), (steps - centres[:, 1:])
    exponents = x.square()[:, None, :] + y.square()[:, :, None]
    return (-exponents / 0.15).exp().unsqueeze(0)


def test_identity_moves_nothing():
    values = torch.randn(2, 3, 8, 8)
    torch.testing.assert_close(warp(values, IDENTITY.expand(2, -1, -1)), values)


def test_map_leads_from_places_of_the_target_to_places_of_the_reference():
    """Equation (4): the target at (x, y) is the reference at (x + 0.5, y), two of eight cells."""
    values = torch.randn(1, 1, 8, 8)
    affine = torch.tensor([[[1.0, 0, 0.5], [0, 1, 0]]])
    found = warp(values, affine)
    torch.testing.assert_close(found[..., :6], values[..., 2:])
    assert torch.equal(found[..., 6:], torch.zeros(1, 1, 8, 2))


def test_one_map_serves_every_scale():
    coarse, fine = blobs(16), blobs(64)
    moved = warp(fine, KNOWN[None])
    small = F.interpolate(moved, size=(16, 16), mode='area')
    torch.testing.assert_close(warp(coarse, KNOWN[None]), small, atol=0.05, rtol=0)
    assert (warp(coarse, KNOWN[None]) - coarse).abs().max() > 0.5


def test_network_begins_at_the_identity_whatever_it_sees():
    network = LocalisationNetwork(4, (16, 16)).eval()
    found = network(torch.randn(3, 4, 16, 16), torch.randn(3, 4, 16, 16))
    assert torch.equal(found, IDENTITY.expand(3, -1, -1))


@pytest.mark.parametrize('size', [(4, 4), (12, 20), (32, 32)])
def test_network_takes_any_size(size):
    network = LocalisationNetwork(4, size, hidden=8)
    assert network(torch.randn(2, 4, *size), torch.randn(2, 4, *size)).shape == (2, 2, 3)


def test_gradient_of_the_loss_points_at_a_known_map():
    """A small step along it comes closer in every element that the map differs by."""
    values = blobs()
    target = warp(values, KNOWN[None])
    affine = IDENTITY[None].clone().requires_grad_()
    transformation_error(warp(values, affine), target, torch.ones(1, 1, 32, 32)).backward()
    towards = (KNOWN - IDENTITY).flatten()
    assert torch.dot(-affine.grad.flatten(), towards) > 0.5 * affine.grad.norm() * towards.norm()


def test_descent_recovers_a_known_map():
    values = blobs()
    target = warp(values, KNOWN[None])
    affine = IDENTITY[None].clone().requires_grad_()
    optimiser = torch.optim.Adam([affine], lr=0.02)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimiser, 0.98)
    for _ in range(300):
        optimiser.zero_grad()
        transformation_error(warp(values, affine), target, torch.ones(1, 1, 32, 32)).backward()
        optimiser.step()
        schedule.step()
    torch.testing.assert_close(affine[0].detach(), KNOWN, atol=5e-3, rtol=0)


def test_module_learns_to_move_the_reference_onto_the_target():
    """From descriptors alone; the values are what equation (8) compares."""
    torch.manual_seed(0)
    module = HardTransformation(3, (16, 16))
    key, values = blobs(16), blobs(32)
    query, target = warp(key, KNOWN[None]), warp(values, KNOWN[None])
    module.eval()  # statistics of a batch of one face are of no use
    optimiser = torch.optim.Adam(module.parameters(), lr=1e-3)
    errors = []
    for _ in range(150):
        (found,) = module(query, key, [values])
        error = transformation_error(found, target, torch.ones(1, 1, 32, 32))
        optimiser.zero_grad()
        error.backward()
        optimiser.step()
        errors.append(float(error.detach()))
    assert errors[-1] < 0.1 * errors[0]


def test_the_map_stays_near_the_identity_whatever_the_weights():
    network = LocalisationNetwork(4, (8, 8)).eval()
    torch.nn.init.constant_(network.affine.weight, 1e4)
    found = network(torch.randn(3, 4, 8, 8), torch.randn(3, 4, 8, 8))
    assert ((found - IDENTITY).abs() <= 1).all()
    assert ((found - IDENTITY).abs() > 0.9).all()

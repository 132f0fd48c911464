"""Gradients from decoded coordinates to heatmaps."""

import pytest
import torch

from mmpose_multilat.codecs import Dark, KeyPosS, OneHot, POPoS, TwoHot
from mmpose_multilat.multilateration import encode_gaussian

CODECS = {
    'keyposs 2x2': KeyPosS((256, 256), (16, 16)),
    'keyposs 3x3': KeyPosS((256, 256), (16, 16), kernel_size=3),
    'popos exact': POPoS((256, 256), (16, 16)),
    'popos gauss_newton': POPoS((256, 256), (16, 16), solver='gauss_newton'),
    'dark': Dark((256, 256), (16, 16)),
}


@pytest.fixture(params=CODECS)
def codec(request):
    return CODECS[request.param]


def noisy_heatmaps(*batch, noise=0.02, seed=0):
    generator = torch.Generator().manual_seed(seed)
    landmarks = 4 + 7 * torch.rand(*batch, 2, generator=generator, dtype=torch.float64)
    heatmaps = encode_gaussian(landmarks, (16, 16), 2.0)
    return heatmaps + noise * torch.randn(heatmaps.shape, generator=generator).double()


def test_gradcheck(codec):
    heatmaps = noisy_heatmaps(3).requires_grad_()
    assert codec.differentiable
    assert torch.autograd.gradcheck(lambda maps: codec.locate(maps)[0], heatmaps)


def test_gradient_moves_the_landmark_toward_the_target(codec):
    heatmaps = noisy_heatmaps(5).requires_grad_()
    target = codec.locate(heatmaps)[0].detach() + 0.2
    before = (codec.locate(heatmaps)[0] - target).square().sum()
    (gradient,) = torch.autograd.grad(before, heatmaps)
    after = (codec.locate(heatmaps - 1e-3 * gradient)[0] - target).square().sum()
    assert after < before


@pytest.mark.parametrize(
    'heatmap',
    [
        torch.zeros(16, 16),
        torch.full((16, 16), 0.4),
        torch.full((16, 16), -1.0),
        torch.eye(16),
        torch.nn.functional.one_hot(torch.tensor(100), 256).reshape(16, 16) * 1e-30,
        torch.cat((torch.ones(1, 16), torch.zeros(15, 16))),
        1e30 * torch.rand(16, 16, generator=torch.Generator().manual_seed(0)),
    ],
    ids=['zero', 'constant', 'negative', 'diagonal', 'tiny', 'one row', 'huge'],
)
def test_degenerate_heatmaps_give_finite_gradients_and_spare_their_neighbours(codec, heatmap):
    clean = noisy_heatmaps(1, noise=0).float()[0]
    both = torch.stack((heatmap.float(), clean)).requires_grad_()
    coordinates, _, _ = codec.locate(both)
    (gradient,) = torch.autograd.grad(coordinates.sum(), both)
    assert gradient.isfinite().all()
    alone = clean.clone().requires_grad_()
    (expected,) = torch.autograd.grad(codec.locate(alone)[0].sum(), alone)
    torch.testing.assert_close(gradient[1], expected)
    assert expected.abs().max() > 0


@pytest.mark.parametrize(
    'codec',
    [
        OneHot((256, 256), (16, 16)),
        TwoHot((256, 256), (16, 16)),
        POPoS((256, 256), (16, 16), solver='grid'),
    ],
    ids=['one-hot', 'two-hot', 'popos grid'],
)
def test_piecewise_constant_decoders_say_so(codec):
    coordinates, _, _ = codec.locate(noisy_heatmaps(2).requires_grad_())
    assert not codec.differentiable
    assert not coordinates.requires_grad

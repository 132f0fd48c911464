"""What is particular to GaussianMLE; what every decoder must do is in test_every_decoder."""

import math

import pytest
import torch

from mmpose_multilat.codecs import GaussianMLE, KeyPosS, POPoS, gaussian_mle
from mmpose_multilat.multilateration import GaussianFit, encode_gaussian

SIZES = dict(input_size=(256, 256), heatmap_size=(16, 16))


def noisy(size, count=400, noise=0.05, seed=0):
    generator = torch.Generator().manual_seed(seed)
    landmarks = torch.rand(count, 2, generator=generator) * (size - 1)
    heatmaps = encode_gaussian(landmarks, (size, size), 2.0)
    return heatmaps + noise * torch.randn(heatmaps.shape, generator=generator), landmarks


@pytest.mark.parametrize('size', [64, 32, 16, 8, 4])
def test_errs_less_than_the_papers_decoders(size):
    heatmaps, landmarks = noisy(size)

    def error(kind):
        codec = kind((256, 256), (size, size))
        return (codec.locate(heatmaps)[0] - landmarks).norm(dim=-1).mean()

    ours = error(GaussianMLE)
    assert ours < 0.8 * error(POPoS) and ours < 0.5 * error(KeyPosS)


def test_landmarks_beside_the_heatmap_are_found():
    landmarks = torch.tensor([[-1.5, 3.0], [16.2, 8.0], [5.0, -2.0], [17.0, 17.0]])
    found, scores, _ = GaussianMLE(**SIZES).locate(encode_gaussian(landmarks, (16, 16), 2.0))
    torch.testing.assert_close(found, landmarks, atol=2e-3, rtol=0)
    assert (scores > 0).all()


@pytest.mark.parametrize('astray', [50.0, float('nan')])
def test_a_fit_that_goes_astray_gives_the_linear_start_and_score_zero(monkeypatch, astray):
    def lost(responses, start, *_):
        return GaussianFit(torch.full_like(start, astray), start[..., 0], torch.ones_like(start))

    monkeypatch.setattr(gaussian_mle, 'fit_gaussian', lost)
    landmarks = torch.tensor([[6.3, 8.4], [0.2, 15.1]])
    found, scores, _ = GaussianMLE(**SIZES).locate(encode_gaussian(landmarks, (16, 16), 2.0))
    torch.testing.assert_close(found, landmarks, atol=1e-3, rtol=0)
    assert scores.tolist() == [0, 0]


@pytest.mark.parametrize(
    'changes, message',
    [
        (dict(window_size=2), 'window_size'),
        (dict(window_size=4.5), 'window_size'),
        (dict(steps=0), 'steps'),
        (dict(fit_sigma='yes'), 'fit_sigma'),
        (dict(heatmap_size=(16, 2)), r'heatmap_size of at least \(3, 3\)'),
    ],
)
def test_wrong_settings_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        GaussianMLE(**{**SIZES, **changes})


def test_a_larger_window_than_the_heatmap_is_the_heatmap():
    heatmaps, _ = noisy(16, count=20)
    whole, larger = (GaussianMLE(**SIZES, window_size=size).locate(heatmaps) for size in (16, 99))
    torch.testing.assert_close(whole, larger)


def test_bumps_of_another_width_at_the_border_need_fit_sigma():
    landmarks = torch.tensor([[0.3, 7.0], [15.2, 0.4], [-0.5, 15.8], [8.2, 7.7]])
    heatmaps = encode_gaussian(landmarks, (16, 16), 2.8)
    fixed, fitted = (
        GaussianMLE(**SIZES, fit_sigma=flag, steps=6).locate(heatmaps)[0] for flag in (False, True)
    )
    assert (fixed - landmarks).norm(dim=-1).max() > 0.3
    torch.testing.assert_close(fitted, landmarks, atol=5e-3, rtol=0)


def test_what_the_unknown_width_costs_is_in_the_covariance():
    heatmaps, landmarks = noisy(4, count=3000)
    codec = GaussianMLE((256, 256), (4, 4), fit_sigma=True, steps=5)
    coordinates, scores, covariances = codec.locate(heatmaps, covariances=True)
    *_, fixed = GaussianMLE((256, 256), (4, 4)).locate(heatmaps, covariances=True)
    near = (scores > 0) & ((landmarks - 1.5).abs() < 1).all(-1)
    errors = (coordinates - landmarks)[near].square().sum(-1)
    said, said_fixed = (
        each[near].diagonal(dim1=-2, dim2=-1).sum(-1) for each in (covariances, fixed)
    )
    # Half of the squared distances in a plane are below ln 2 of their mean.
    assert (errors.median() / said.median()).item() == pytest.approx(math.log(2), abs=0.15)
    assert said.median() > 1.02 * said_fixed.median()

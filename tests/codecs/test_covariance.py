"""What every codec with covariances must do."""

import pytest
import torch
from registered_decoders import registered_decoders
from torch_features import FLOAT16

from mmpose_multilat.codecs import CovarianceCodec, GaussianMLE, KeyPosS, POPoS
from mmpose_multilat.multilateration import encode_gaussian, find_peaks

SIZE = (16, 16)
GEOMETRY = dict(input_size=(256, 256), heatmap_size=SIZE)
CODECS = [GaussianMLE, KeyPosS, POPoS]

# Largest distance from 1 of the variance of normalised errors, for noise up to 0.05. KeyPosS cannot
# err beyond the window it chose at 4x4; POPoS chooses its stations by their noise.
TOLERANCE = {GaussianMLE: 0.06, KeyPosS: 0.2, POPoS: 0.12}


@pytest.fixture(params=CODECS, ids=lambda cls: cls.__name__)
def kind(request):
    return request.param


def noisy(size, noise, count=4000, seed=0):
    """Landmarks inside a heatmap (count, 2) and heatmaps with noise on every cell."""
    generator = torch.Generator().manual_seed(seed)
    landmarks = torch.rand(count, 2, generator=generator) * (torch.tensor(size) - 1)
    heatmaps = encode_gaussian(landmarks, size, 2.0)
    return landmarks, heatmaps + noise * torch.randn(heatmaps.shape, generator=generator)


def normalised_errors(errors, covariances):
    """Errors (N, 2) in units of their deviations, along axes that are not correlated."""
    factors = torch.linalg.cholesky(covariances)
    return torch.linalg.solve_triangular(factors, errors.unsqueeze(-1), upper=False).squeeze(-1)


def test_all_are_here():
    assert registered_decoders(CovarianceCodec) == CODECS


@pytest.mark.parametrize('size', [(32, 32), (16, 8), (4, 4)])
@pytest.mark.parametrize('noise', [0.01, 0.05])
def test_errors_have_the_deviations_that_are_said(kind, size, noise):
    landmarks, heatmaps = noisy(size, noise)
    codec = kind((256, 256), size)
    coordinates, scores, covariances = codec.locate(heatmaps, covariances=True)
    trusted = scores > 0
    errors = normalised_errors((coordinates - landmarks)[trusted], covariances[trusted])
    assert errors.square().mean().item() == pytest.approx(1, abs=TOLERANCE[kind])


def test_is_the_first_order_propagation_of_noise(kind):
    """On a clean heatmap the covariance for noise of variance 1 is that of the derivatives."""
    heatmap = encode_gaussian(torch.tensor([7.3, 8.1], dtype=torch.float64), SIZE, 2.0)
    codec = kind(**GEOMETRY)
    step = 1e-6 * torch.eye(256, dtype=torch.float64).view(256, 16, 16)
    moved = codec.locate(heatmap + step)[0] - codec.locate(heatmap - step)[0]
    jacobian = moved / 2e-6  # (256, 2)
    dilution = codec.refine(heatmap, find_peaks(heatmap)).dilution()
    torch.testing.assert_close(dilution, jacobian.T @ jacobian, rtol=1e-3, atol=1e-4)


def test_coordinates_and_scores_are_those_without_covariances(kind):
    _, heatmaps = noisy(SIZE, 0.05, count=50)
    codec = kind(**GEOMETRY)
    found = codec.locate(heatmaps, covariances=True)
    torch.testing.assert_close(found._replace(covariances=None), codec.locate(heatmaps))


def test_landmarks_that_are_not_trusted_have_no_covariance(kind):
    heatmaps = noisy(SIZE, 0.05, count=4)[1]
    heatmaps[0, 3, 3] = torch.nan
    heatmaps[1] = 0
    coordinates, scores, covariances = kind(**GEOMETRY).locate(heatmaps, covariances=True)
    assert coordinates.isfinite().all()
    assert (scores > 0).tolist() == [False, False, True, True]
    assert covariances[:2].isnan().all() and covariances[2:].isfinite().all()


@pytest.mark.parametrize('dtype', [FLOAT16, torch.bfloat16, torch.float64])
def test_dtypes(kind, dtype):
    heatmaps = noisy(SIZE, 0.05, count=20)[1]
    *_, expected = kind(**GEOMETRY).locate(heatmaps.to(dtype).double(), covariances=True)
    *_, covariances = kind(**GEOMETRY).locate(heatmaps.to(dtype), covariances=True)
    assert covariances.dtype == (torch.float64 if dtype == torch.float64 else torch.float32)
    torch.testing.assert_close(covariances.double(), expected, rtol=2e-2, atol=1e-5)


@pytest.mark.parametrize('alignment, pitch', [('msra', (16.0, 24.0)), ('udp', (255 / 15, 191 / 7))])
def test_input_px(kind, alignment, pitch):
    heatmaps = noisy((16, 8), 0.05, count=6)[1].view(2, 3, 8, 16)
    codec = kind((256, 192), (16, 8), alignment=alignment)
    coordinates, scores, covariances = codec.locate(heatmaps, covariances=True)
    scale = torch.tensor(pitch)
    decoded = codec.locate_in_input(heatmaps, covariances=True)
    expected = (coordinates * scale, scores, scale.diag() @ covariances @ scale.diag())
    for found, values in zip(decoded, expected):
        torch.testing.assert_close(found, values, rtol=1e-5, atol=0)


@pytest.mark.parametrize('batch', [(0, 5), (3, 0)])
def test_empty_batch(kind, batch):
    found = kind(**GEOMETRY).locate_in_input(torch.zeros(*batch, 16, 16), covariances=True)
    assert found.coordinates.shape == (*batch, 2) and found.scores.shape == batch
    assert found.covariances.shape == (*batch, 2, 2)


def test_scale(kind):
    heatmaps = noisy(SIZE, 0.05, count=5)[1]
    *_, plain = kind(**GEOMETRY).locate(heatmaps, covariances=True)
    *_, larger = kind(**GEOMETRY, covariance_scale=2.5).locate(heatmaps, covariances=True)
    torch.testing.assert_close(larger, 2.5 * plain)
    with pytest.raises(ValueError, match='covariance_scale=-1 must be a finite number above 0'):
        kind(**GEOMETRY, covariance_scale=-1)


def test_the_mesh_of_popos_adds_the_variance_of_its_rounding():
    landmarks, heatmaps = noisy(SIZE, 0.001)
    codec = POPoS(**GEOMETRY, solver='grid', sampling_rate=5)
    coordinates, _, covariances = codec.locate(heatmaps, covariances=True)
    near = ((coordinates - landmarks).abs() < 0.11).all(-1)  # the mesh reaches the minimum
    errors = normalised_errors((coordinates - landmarks)[near], covariances[near])
    assert near.float().mean() > 0.9
    assert errors.square().mean().item() == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize('shape', [(2, 3, 16, 8), (3, 16, 16)])
def test_heatmaps_of_another_size_are_refused(kind, shape):
    with pytest.raises(ValueError, match=r'heatmap_size=\(16, 16\).*needs \(B, K, 16, 16\), got'):
        kind(**GEOMETRY).locate_in_input(torch.rand(shape), covariances=True)


def test_the_noise_is_that_of_nine_by_nine_cells_round_the_landmark(kind):
    """Cells further away may hold anything, another landmark's bump for example."""
    landmarks, clean = torch.tensor([[7.6, 8.4]]), noisy((20, 20), 0.05, count=1)[1]
    clean = clean * 0.05 + encode_gaussian(landmarks, (20, 20), 2.0)
    spoiled = clean.clone()
    spoiled[..., :4, :] = spoiled[..., 13:, :] = 0.5
    spoiled[..., :, :4] = spoiled[..., :, 13:] = 0.5
    codec = kind((256, 256), (20, 20))
    expected = codec.locate(clean, covariances=True)
    torch.testing.assert_close(codec.locate(spoiled, covariances=True), expected)
    clean[..., 4, 12] += 0.3  # a corner of the window
    changed = codec.locate(clean, covariances=True)[2] / expected[2]
    assert (changed.diagonal(dim1=-2, dim2=-1) > 2).all()


def test_heatmaps_that_need_a_gradient_can_be_decoded_with_covariances(kind):
    heatmaps = noisy(SIZE, 0.05, count=3)[1][None].requires_grad_()
    found = kind(**GEOMETRY).locate_in_input(heatmaps, covariances=True)
    assert all(each.isfinite().all() for each in found)


def test_heatmaps_of_a_few_cells_are_refused():
    with pytest.raises(ValueError, match='at least 6 cells'):
        KeyPosS((64, 64), (2, 2)).locate(torch.rand(2, 2), covariances=True)

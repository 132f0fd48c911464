"""What every decoder must do with `beyond_box=True`, on clean bumps and on faces cut off."""

import numpy as np
import pytest
import torch
from registered_decoders import registered_decoders
from torch_features import needs_graphs

from mmpose_multilat.codecs import GaussianMLE, HeatmapCodec, KeyPosS, POPoS, Refinement, base
from mmpose_multilat.datasets.synthetic import generate
from mmpose_multilat.multilateration import encode_gaussian

SIGMA = 2.0
REACH = 2.5 * SIGMA
INPUT_SIZE = (256, 256)
BUILDERS = {
    **{kind.__name__: kind for kind in registered_decoders()},
    'KeyPosS 3x3': lambda *size, **rest: KeyPosS(*size, kernel_size=3, **rest),
    'POPoS grid': lambda *size, **rest: POPoS(*size, solver='grid', **rest),
    'POPoS gauss_newton': lambda *size, **rest: POPoS(*size, solver='gauss_newton', **rest),
    'GaussianMLE fit_sigma': lambda *size, **rest: GaussianMLE(*size, fit_sigma=True, **rest),
}

# Largest error beyond the box on clean Gaussians, in cells; unlisted decoders are exact. Up to
# sqrt(1/2) from its centre the landmark may be in the border cell, where two-hot steps 1/4 aside;
# along the border these decoders look no further than before.
LARGEST_ERROR = {'OneHot': 0.71, 'Dark': 0.71, 'TwoHot': 0.96, 'POPoS grid': 1.0}
EXACT = 2e-3


@pytest.fixture(params=BUILDERS)
def name(request):
    return request.param


def both(name, size):
    """The decoder without and with `beyond_box`."""
    return [BUILDERS[name](INPUT_SIZE, size, beyond_box=flag) for flag in (False, True)]


def ring(size, per_side=60, seed=0):
    """Landmarks up to 2.5 sigma from the nearest cell, on all sides and at all corners."""
    generator = torch.Generator().manual_seed(seed)
    last = torch.tensor(size) - 1
    place = torch.rand(8 * per_side, 2, generator=generator) * (last + 2 * REACH) - REACH
    outside = (place - place.clamp(torch.zeros(2), last)).norm(dim=-1)
    return place[(outside > 0.5) & (outside <= REACH)]


def inside(size, step=0.25):
    """A lattice of landmarks in all cells, those at the border included."""
    axes = (torch.arange(-0.5 + step / 2, length - 0.5, step) for length in size)
    return torch.cartesian_prod(*axes)


@pytest.mark.parametrize('size', [(4, 4), (8, 8), (9, 5), (32, 32)])
def test_clean_landmarks_beyond_the_box_are_found(name, size):
    landmarks = ring(size)
    coordinates, scores, _ = both(name, size)[1].locate(encode_gaussian(landmarks, size, SIGMA))
    errors = (coordinates - landmarks).norm(dim=-1)
    assert len(landmarks) > 50
    assert errors.max() <= LARGEST_ERROR.get(name, EXACT)
    assert (scores > 0).all()


@pytest.mark.parametrize('size', [(4, 4), (9, 5)])
def test_clean_landmarks_inside_are_unchanged(name, size):
    heatmaps = encode_gaussian(inside(size), size, SIGMA)
    without, beyond = (codec.locate(heatmaps)[:2] for codec in both(name, size))
    assert all(map(torch.equal, without, beyond))


@pytest.mark.parametrize('height', [0.7, 0.4])
def test_weak_bumps_between_the_cells_centres_are_unchanged(name, height):
    landmarks = inside((8, 8))
    landmarks = landmarks[((landmarks > 0) & (landmarks < 7)).all(-1)]
    heatmaps = height * encode_gaussian(landmarks, (8, 8), SIGMA)
    without, beyond = (codec.locate(heatmaps)[:2] for codec in both(name, (8, 8)))
    assert all(map(torch.equal, without, beyond))


def test_off_is_the_default_and_costs_nothing(name, monkeypatch):
    monkeypatch.setattr(base, 'locate_beyond_box', None)  # would raise if it were called
    codec = BUILDERS[name](INPUT_SIZE, (8, 8))
    assert codec.beyond_box is False
    codec.locate(encode_gaussian(ring((8, 8)), (8, 8), SIGMA))
    with pytest.raises(TypeError):
        both(name, (8, 8))[1].locate(encode_gaussian(ring((8, 8)), (8, 8), SIGMA))


def test_scores_are_those_without(name):
    generator = torch.Generator().manual_seed(0)
    heatmaps = encode_gaussian(ring((8, 8)), (8, 8), SIGMA)
    heatmaps = heatmaps + 0.05 * torch.randn(heatmaps.shape, generator=generator)
    heatmaps[0, 0, 0] = torch.nan
    (coordinates, scores, _), (found, found_scores, _) = (
        codec.locate(heatmaps) for codec in both(name, (8, 8))
    )
    assert torch.equal(scores, found_scores) and scores[0] == 0
    assert found.isfinite().all() and torch.equal(found[0], coordinates[0])


def test_garbage_stays_within_reach_of_its_strongest_cell(name):
    heatmaps = torch.randn(500, 8, 8, generator=torch.Generator().manual_seed(4)) ** 5
    for factor in (1, 1e-3, 1e-30, 1e30):
        coordinates, scores, _ = both(name, (8, 8))[1].locate(factor * heatmaps)
        index = heatmaps.flatten(1).argmax(1)
        cells = torch.stack((index % 8, index // 8), -1)
        assert scores.isfinite().all()
        assert (coordinates - cells).norm(dim=-1).max() <= 3 * SIGMA + 1 + 1e-4


@pytest.mark.parametrize('alignment', ['msra', 'udp'])
def test_round_trip_in_input_px(name, alignment):
    """Landmarks 60 px above the crop and 45 px to its right: about 4 cells from the border's."""
    keypoints = np.array([[[100.0, -60.0], [300.0, 128.0]]], dtype=np.float32)
    codec = BUILDERS[name](INPUT_SIZE, (16, 16), alignment=alignment, beyond_box=True)
    encoded = codec.encode(keypoints)
    assert (encoded['keypoint_weights'] == 1).all()
    decoded, _ = codec.decode(encoded['heatmaps'])
    largest = 17 * LARGEST_ERROR.get(name, EXACT)
    assert np.linalg.norm(decoded - keypoints, axis=-1).max() <= largest


@pytest.mark.parametrize('wrong', [1, 'yes', None])
def test_wrong_settings_are_refused(name, wrong):
    with pytest.raises(ValueError, match=f'beyond_box={wrong!r} must be True or False'):
        BUILDERS[name](INPUT_SIZE, (8, 8), beyond_box=wrong)


@pytest.mark.parametrize('kind', [KeyPosS, POPoS, GaussianMLE])
def test_covariances_beyond_the_box(kind):
    heatmaps = encode_gaussian(ring((8, 8)), (8, 8), SIGMA)
    generator = torch.Generator().manual_seed(0)
    heatmaps = heatmaps + 0.02 * torch.randn(heatmaps.shape, generator=generator)
    codec = kind(INPUT_SIZE, (8, 8), beyond_box=True)
    coordinates, scores, covariances = codec.locate(heatmaps, covariances=True)
    torch.testing.assert_close((coordinates, scores, None), tuple(codec.locate(heatmaps)))
    assert covariances[scores > 0].isfinite().all() and covariances[scores == 0].isnan().all()
    assert (scores > 0).float().mean() > 0.8


@pytest.mark.parametrize('kind', [KeyPosS, POPoS])
def test_gradients_reach_landmarks_beyond_the_box(kind):
    heatmaps = encode_gaussian(ring((8, 8)), (8, 8), SIGMA).requires_grad_()
    coordinates, _, _ = kind(INPUT_SIZE, (8, 8), beyond_box=True).locate(heatmaps)
    (gradient,) = torch.autograd.grad(coordinates.sum(), heatmaps)
    assert gradient.isfinite().all() and (gradient.flatten(1).abs().amax(1) > 0).all()


@needs_graphs
def test_one_compiled_graph_gives_the_same():
    codec = BUILDERS['OneHot'](INPUT_SIZE, (8, 8), beyond_box=True)
    torch.compiler.reset()
    compiled = torch.compile(codec.locate, fullgraph=True, dynamic=True, backend='eager')
    for seed in (0, 1):
        heatmaps = encode_gaussian(ring((8, 8), seed=seed), (8, 8), SIGMA)
        with torch.no_grad():
            torch.testing.assert_close(compiled(heatmaps), codec.locate(heatmaps))


def test_a_decoder_that_says_nothing_about_its_reach_has_none():
    class Centre(HeatmapCodec):
        def refine(self, heatmaps, peaks):
            return Refinement(peaks.cells.float())

    assert Centre(INPUT_SIZE, (8, 8), beyond_box=True).reach == 0


# Faces whose box was shrunk by 10 %, so that landmarks lie up to 14 px outside the input.

FACES = 20
SHRUNK = 0.9
NOISE = 0.02
SIZES = (64, 32, 16, 8, 4)

# Largest share of its error outside that a decoder may keep; 1 where it goes there by itself.
REMAINS = {'OneHot': 0.5, 'Dark': 0.5, 'TwoHot': 0.4, 'POPoS grid': 0.9}


@pytest.fixture(scope='module')
def shrunk_faces():
    """(N, 68, 2) landmarks in px of 256 px crops of 0.9 times their box."""
    faces = np.stack([generate(0, i, size=64).landmarks['ibug'] for i in range(FACES)])
    low, high = faces.min(1, keepdims=True), faces.max(1, keepdims=True)
    side = SHRUNK * (high - low).max(-1, keepdims=True)
    return ((faces - (low + high) / 2) / side * 256 + 128).astype(np.float32)


def noisy_labels(faces, size):
    """(N, 68, H, W) heatmaps of the faces; every landmark has a label."""
    codec = BUILDERS['OneHot'](INPUT_SIZE, (size, size))
    encoded = [codec.encode(face[None]) for face in faces]
    assert all((each['keypoint_weights'] == 1).all() for each in encoded)
    heatmaps = torch.from_numpy(np.stack([each['heatmaps'] for each in encoded]))
    generator = torch.Generator().manual_seed(0)
    return heatmaps + NOISE * torch.randn(heatmaps.shape, generator=generator)


@pytest.mark.parametrize('size', SIZES)
def test_faces_cut_off_are_found_better(shrunk_faces, size):
    heatmaps = noisy_labels(shrunk_faces, size)
    outside = ((shrunk_faces < 0) | (shrunk_faces > INPUT_SIZE[0] - 1)).any(-1)
    assert outside.sum() > 2 * FACES
    for name in BUILDERS:
        without, beyond = (
            np.linalg.norm(np.concatenate(codec.batch_decode(heatmaps)[0]) - shrunk_faces, axis=-1)
            for codec in both(name, (size, size))
        )
        share = beyond[outside].mean() / without[outside].mean()
        assert share <= REMAINS.get(name, 1 + 1e-6), name
        if size >= 32 and name not in REMAINS:
            assert share < 0.95, name
        assert beyond[~outside].mean() <= 1.02 * without[~outside].mean(), name

"""Every decoder on the landmarks of generated faces, encoded without noise (KeyPosS table 1)."""

import numpy as np
import pytest

from mmpose_multilat.codecs import Dark, KeyPosS, OneHot, POPoS, TwoHot
from mmpose_multilat.datasets.synthetic import generate

SIZES = (64, 32, 16, 8, 4)
FACES = 60
EYES = 36, 45
EXACT = 1e-4

# Ratios to one-hot's error that the 689 faces of the 300W test set show at each size.
TWO_HOT = (0.583, 0.586, 0.585, 0.583, 0.656)
DARK = (0.0, 0.027, 0.253, 0.808, 1.0)


@pytest.fixture(scope='module')
def landmarks():
    """(N, 68, 2) landmarks in crops of 1.25 x their box at 256 px."""
    faces = np.stack([generate(0, i, size=64).landmarks['ibug'] for i in range(FACES)])
    low, high = faces.min(1, keepdims=True), faces.max(1, keepdims=True)
    side = 1.25 * (high - low).max(-1, keepdims=True)
    return ((faces - (low + high) / 2) / side * 256 + 128).astype(np.float32)


def nme(landmarks, kind, size, **settings):
    codec = kind((256, 256), (size, size), sigma=2, **settings)
    ocular = np.linalg.norm(landmarks[:, EYES[0]] - landmarks[:, EYES[1]], axis=-1)
    decoded = [codec.decode(codec.encode(face[None])['heatmaps'])[0][0] for face in landmarks]
    return (np.linalg.norm(np.stack(decoded) - landmarks, axis=-1) / ocular[:, None]).mean()


@pytest.fixture(scope='module')
def one_hot(landmarks):
    return dict(zip(SIZES, [nme(landmarks, OneHot, size) for size in SIZES]))


@pytest.mark.parametrize('size', SIZES)
@pytest.mark.parametrize(
    'kind, settings',
    [
        (KeyPosS, {}),
        (KeyPosS, dict(kernel_size=3)),
        (POPoS, dict(solver='exact')),
        (POPoS, dict(solver='gauss_newton')),
    ],
)
def test_multilateration_is_exact_at_every_size(landmarks, size, kind, settings):
    assert nme(landmarks, kind, size, **settings) < EXACT


def test_one_hot_errs_by_its_cell(landmarks, one_hot):
    """0.3826 cells on average for evenly spread landmarks; a little more beyond the last cell."""
    ocular = np.linalg.norm(landmarks[:, EYES[0]] - landmarks[:, EYES[1]], axis=-1)
    for size, factor in zip(SIZES, (1, 1, 1, 1, 1.06)):
        cells = 0.3826 * factor * (256 / size / ocular).mean()
        assert one_hot[size] == pytest.approx(cells, rel=0.05)


@pytest.mark.parametrize('size, ratio', list(zip(SIZES, TWO_HOT)))
def test_two_hot(landmarks, one_hot, size, ratio):
    assert nme(landmarks, TwoHot, size) / one_hot[size] == pytest.approx(ratio, abs=0.05)


@pytest.mark.parametrize('size, ratio', list(zip(SIZES, DARK)))
def test_dark(landmarks, one_hot, size, ratio):
    assert nme(landmarks, Dark, size) / one_hot[size] == pytest.approx(ratio, abs=0.08)


@pytest.mark.parametrize('size', SIZES)
def test_popos_grid_errs_by_its_mesh(landmarks, one_hot, size):
    """A mesh of 0.1 cells errs by a tenth of what whole cells do."""
    grid = nme(landmarks, POPoS, size, solver='grid')
    assert grid / one_hot[size] == pytest.approx(0.1, rel=0.1)

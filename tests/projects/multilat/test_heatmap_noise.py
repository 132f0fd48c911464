import numpy as np
import pytest
import torch

from mmpose_multilat.codecs import GaussianMLE
from mmpose_multilat.multilateration import encode_gaussian
from mmpose_multilat.tools.command_line import UserError
from projects.multilat.heatmap_noise import analyse, neighbour_correlation, shares_of_error

PITCH = 16.0
CODEC = GaussianMLE((256, 256), (16, 16), sigma=2.0)


@pytest.fixture(scope='module')
def places():
    generator = torch.Generator().manual_seed(0)
    return 4 + 7 * torch.rand(100, 5, 2, generator=generator)  # heatmap px


def test_independent_noise_is_recognised(places):
    generator = torch.Generator().manual_seed(1)
    cells = 0.05 * torch.randn(100, 5, 16, 16, generator=generator)
    found = analyse(CODEC, 0.9 * encode_gaussian(places, (16, 16), 2.0) + cells, places)
    assert found.landmarks == 500
    assert found.residual == pytest.approx(0.05, rel=0.05)
    assert found.height[0] == pytest.approx(0.9, abs=0.01)
    assert found.width[0] == pytest.approx(2.0, abs=0.03) and found.taught_width == 2.0
    assert found.actual_error == pytest.approx(found.predicted_error, rel=0.1)
    for each in found.correlation.values():
        assert abs(each) < 0.1
    assert abs(found.rank_correlation['residual']) < 0.15


def test_clean_bumps_at_wrong_places_are_recognised(places):
    """A shift of (0.5, 0) cells for all and one of (0, 0.25) for landmark 2."""
    shift = torch.zeros(5, 2)
    shift[:, 0], shift[2, 1] = 0.5, 0.25
    found = analyse(CODEC, encode_gaussian(places + shift, (16, 16), 2.0), places)
    assert found.shape_explained > 0.999
    assert found.bias == pytest.approx((0.5 * PITCH, 0.05 * PITCH), abs=0.01)
    assert found.predicted_error < 0.01 * found.actual_error
    assert found.shares['landmark'] == pytest.approx(1, abs=1e-3)


def test_landmarks_without_label_do_not_count(places):
    unlabelled = places.clone()
    unlabelled[0, 1] = torch.nan
    found = analyse(CODEC, encode_gaussian(places, (16, 16), 2.0), unlabelled)
    assert found.landmarks == 499 and np.isfinite(found.actual_error)
    with pytest.raises(UserError, match='no labelled landmark has a bump'):
        analyse(CODEC, encode_gaussian(places, (16, 16), 2.0), torch.full_like(places, torch.nan))


def test_neighbour_correlation():
    columns = torch.tensor([1.0, -1.0]).repeat(4).expand(3, 6, 8)  # stripes
    assert neighbour_correlation(columns, 0, 1) == pytest.approx(-1)
    assert neighbour_correlation(columns, 1, 0) == pytest.approx(1)
    assert neighbour_correlation(columns, 0, 2) == pytest.approx(1)


def test_shares_of_error_by_hand():
    """Errors are a part of the landmark (1) and one of the face (2), both with mean 0."""
    landmark, face = torch.tensor([1.0, -1.0]), torch.tensor([2.0, -2.0])
    errors = (face[:, None] + landmark)[..., None].expand(2, 2, 2)
    assert shares_of_error(errors) == pytest.approx(dict(landmark=0.2, face=0.8, rest=0.0))

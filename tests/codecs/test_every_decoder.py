"""What every decoder must do. A new one is found here by itself on the day it is registered."""

import numpy as np
import pytest
import torch
from mmpose.registry import KEYPOINT_CODECS
from registered_decoders import registered_decoders
from torch_features import FLOAT16, needs_float16

from mmpose_multilat.multilateration import encode_gaussian, heatmap_to_input

nan, inf = float('nan'), float('inf')

# Largest error on a clean Gaussian away from the border, in cells; unlisted decoders must be exact.
LARGEST_ERROR = dict(OneHot=0.71, TwoHot=0.54, Dark=0.01)
EXACT = 2e-3
PROPERTIES = dict(input_size=(256, 256), heatmap_size=(16, 16), sigma=2.0)


@pytest.fixture(params=registered_decoders(), ids=lambda cls: cls.__name__)
def decoder(request):
    return request.param


def inner_landmarks(*batch, size=(16, 16), margin=5.0, seed=0, dtype=torch.float32):
    """Random landmarks (x, y) in heatmap px, at least `margin` cells from the border."""
    generator = torch.Generator().manual_seed(seed)
    room = torch.tensor(size, dtype=torch.float64) - 1 - 2 * margin
    place = torch.rand(*batch, 2, generator=generator, dtype=torch.float64)
    return (margin + place * room).to(dtype)


def error(coordinates, landmarks):
    return (coordinates - landmarks).norm(dim=-1).max().item()


def test_is_registered_under_its_name(decoder):
    assert KEYPOINT_CODECS.get(decoder.__name__) is decoder


@pytest.mark.parametrize('alignment', ['msra', 'udp'])
@pytest.mark.parametrize('batch', [(), (7,), (2, 3)])
def test_finds_the_landmark(decoder, batch, alignment):
    codec = decoder(**PROPERTIES, alignment=alignment)
    landmarks = inner_landmarks(*batch)
    coordinates, scores, _ = codec.locate(encode_gaussian(landmarks, (16, 16), 2.0))
    assert coordinates.shape == (*batch, 2) and scores.shape == batch
    assert error(coordinates, landmarks) <= LARGEST_ERROR.get(decoder.__name__, EXACT)
    assert (scores > 0.9).all() and (scores <= 1).all()


@pytest.mark.parametrize('alignment', ['msra', 'udp'])
def test_round_trip_through_mmpose_interfaces(decoder, alignment):
    codec = decoder((256, 192), (32, 16), sigma=2.0, alignment=alignment)
    cells = inner_landmarks(1, 9, size=(32, 16))
    keypoints = heatmap_to_input(cells, (256, 192), (32, 16), alignment).numpy()
    encoded = codec.encode(keypoints)
    assert encoded['heatmaps'].shape == (9, 16, 32)
    decoded, scores = codec.decode(encoded['heatmaps'])
    assert decoded.shape == (1, 9, 2) and scores.shape == (1, 9)
    largest_pitch = 255 / 31 if alignment == 'udp' else 12  # heights: 191 / 15 = 12.7, 192 / 16
    tolerance = LARGEST_ERROR.get(decoder.__name__, EXACT) * max(largest_pitch, 191 / 15)
    assert np.linalg.norm(decoded - keypoints, axis=-1).max() <= tolerance


@pytest.mark.parametrize('half', [FLOAT16, torch.bfloat16])
def test_autocast_changes_nothing(decoder, half):
    codec = decoder(**PROPERTIES)
    heatmaps = noisy_heatmaps(3, 5)
    for covariances in {False, codec.tells_covariances}:
        expected = codec.locate_in_input(heatmaps, covariances=covariances)
        with torch.autocast('cpu', dtype=half):
            found = codec.locate_in_input(heatmaps, covariances=covariances)
        for one, other in list(zip(found, expected))[: 2 + covariances]:
            assert one.dtype == torch.float32 and torch.equal(one, other)


def test_batch_equals_loop_and_decode_equals_batch_decode(decoder):
    codec = decoder(**PROPERTIES)
    heatmaps = noisy_heatmaps(3, 5)
    keypoints, scores = codec.batch_decode(heatmaps)
    assert len(keypoints) == len(scores) == 3
    for face in range(3):
        alone, alone_scores = codec.decode(heatmaps[face].numpy())
        np.testing.assert_allclose(keypoints[face], alone, atol=1e-4)
        np.testing.assert_allclose(scores[face], alone_scores)
        for landmark in range(5):
            located, _, _ = codec.locate(heatmaps[face, landmark])
            np.testing.assert_allclose(located * 16, alone[0, landmark], atol=1e-3)


def noisy_heatmaps(*batch, seed=0):
    noise = torch.randn(*batch, 16, 16, generator=torch.Generator().manual_seed(seed + 1))
    return encode_gaussian(inner_landmarks(*batch, seed=seed), (16, 16), 2.0) + 0.02 * noise


def test_shift_by_a_whole_cell(decoder):
    codec = decoder(**{**PROPERTIES, 'heatmap_size': (32, 32)})
    landmarks = inner_landmarks(40, size=(32, 32), margin=11)  # no decoder reads what wraps round
    heatmaps = encode_gaussian(landmarks, (32, 32), 2.0)
    heatmaps = heatmaps + 0.02 * torch.randn(
        heatmaps.shape, generator=torch.Generator().manual_seed(1)
    )
    before, _, _ = codec.locate(heatmaps)
    after, _, _ = codec.locate(heatmaps.roll((1, -2), (-2, -1)))  # down by 1, left by 2
    assert error(after, before + torch.tensor([-2.0, 1.0])) < 1e-3


def test_permutation_of_landmarks(decoder):
    codec = decoder(**PROPERTIES)
    heatmaps = noisy_heatmaps(4, 6)
    order = torch.tensor([3, 1, 5, 0, 2, 4])
    straight, scores, _ = codec.locate(heatmaps)
    shuffled, shuffled_scores, _ = codec.locate(heatmaps[:, order])
    torch.testing.assert_close(shuffled, straight[:, order])
    torch.testing.assert_close(shuffled_scores, scores[:, order])


@pytest.mark.parametrize('size', [(4, 4), (8, 8), (5, 9)])
def test_every_cell_can_be_the_answer(decoder, size):
    codec = decoder((256, 256), size, sigma=2.0)
    cells = torch.cartesian_prod(torch.arange(size[0]), torch.arange(size[1])).float()
    coordinates, scores, _ = codec.locate(encode_gaussian(cells, size, 2.0))
    # Two-hot always takes its quarter step; DARK's zero-padded blur errs near the border.
    assert error(coordinates, cells) <= dict(TwoHot=0.26, Dark=0.6).get(decoder.__name__, EXACT)
    assert torch.equal(scores, torch.ones(len(cells)))


@pytest.mark.parametrize(
    'dtype, tolerance',
    [
        pytest.param('float16', 0.02, marks=needs_float16),
        ('bfloat16', 0.1),
        ('float32', 1e-3),
        ('float64', 0),
    ],
)
def test_dtypes(decoder, dtype, tolerance):
    codec = decoder(**PROPERTIES)
    # Away from ties, where rounding would change the strongest or the second strongest cell.
    landmarks = inner_landmarks(30, dtype=torch.float64)
    landmarks = landmarks.floor() + torch.tensor([0.3, 0.1]) + 0.1 * (landmarks % 1)
    heatmaps = encode_gaussian(landmarks, (16, 16), 2.0)
    expected, _, _ = codec.locate(heatmaps)
    coordinates, scores, _ = codec.locate(heatmaps.to(getattr(torch, dtype)))
    working = torch.float64 if dtype == 'float64' else torch.float32
    assert coordinates.dtype == scores.dtype == working
    assert error(coordinates.double(), expected) <= tolerance
    keypoints, _ = codec.batch_decode(heatmaps[None].to(getattr(torch, dtype)))
    assert np.abs(keypoints[0][0] - expected.numpy() * 16).max() <= 16 * tolerance


@pytest.mark.parametrize('batch', [(0, 5), (3, 0)])
def test_empty_batch(decoder, batch):
    keypoints, scores = decoder(**PROPERTIES).batch_decode(torch.zeros(*batch, 16, 16))
    assert len(keypoints) == len(scores) == batch[0]
    assert all(array.shape == (1, batch[1], 2) for array in keypoints)


FAULTS = {
    'one NaN': lambda clean: spoil(clean, nan),
    'one infinity': lambda clean: spoil(clean, inf),
    'one negative infinity': lambda clean: spoil(clean, -inf),
    'all NaN': lambda clean: torch.full_like(clean, nan),
    'all infinite': lambda clean: torch.full_like(clean, inf),
    'all zero': torch.zeros_like,
    'constant': lambda clean: torch.full_like(clean, 0.3),
    'negative': lambda clean: clean - 1.5,
}


def spoil(heatmap, value):
    spoiled = heatmap.clone()
    spoiled[..., 9, 4] = value
    return spoiled


@pytest.mark.parametrize('dtype', [FLOAT16, torch.float32])
@pytest.mark.parametrize('fault', FAULTS)
def test_faulty_heatmaps_fall_back_and_spare_their_neighbours(decoder, fault, dtype):
    codec = decoder(**PROPERTIES)
    clean = encode_gaussian(torch.tensor([[6.2, 7.3], [9.3, 8.1], [5.4, 9.8]]), (16, 16), 2.0)
    clean = clean.to(dtype)
    expected, expected_scores, _ = codec.locate(clean)
    faulty = clean.clone()
    faulty[1] = FAULTS[fault](clean[1])
    coordinates, scores, _ = codec.locate(faulty)
    best = torch.where(faulty[1].isfinite(), faulty[1], -60000).argmax().item()
    assert coordinates[1].tolist() == [best % 16, best // 16]
    assert scores[1] == 0
    assert torch.equal(coordinates[[0, 2]], expected[[0, 2]])
    assert torch.equal(scores[[0, 2]], expected_scores[[0, 2]])


def test_random_garbage_stays_within_reach_of_its_strongest_cell(decoder):
    codec = decoder(**PROPERTIES)
    heatmaps = torch.randn(500, 16, 16, generator=torch.Generator().manual_seed(4)) ** 5
    coordinates, scores, _ = codec.locate(heatmaps)
    index = heatmaps.flatten(1).argmax(1)
    cells = torch.stack((index % 16, index // 16), -1)
    assert coordinates.isfinite().all() and scores.isfinite().all()
    assert error(coordinates, cells) <= 3 * 2.0 + 1


@pytest.mark.parametrize('factor', [1e-30, 1e30])
def test_tiny_and_huge_heatmaps_are_survived(decoder, factor):
    heatmaps = factor * noisy_heatmaps(5)
    coordinates, scores, _ = decoder(**PROPERTIES).locate(heatmaps)
    assert coordinates.isfinite().all() and scores.isfinite().all()


def test_input_is_left_alone_and_need_not_be_contiguous(decoder):
    codec = decoder(**PROPERTIES)
    heatmaps = noisy_heatmaps(2, 5)
    turned = heatmaps.permute(2, 3, 1, 0).contiguous().permute(3, 2, 0, 1)
    before = turned.clone()
    torch.testing.assert_close(codec.locate(turned), codec.locate(heatmaps))
    assert torch.equal(turned, before)


def test_heatmaps_that_need_a_gradient_can_be_decoded(decoder):
    heatmaps = noisy_heatmaps(2, 5).requires_grad_()
    keypoints, _ = decoder(**PROPERTIES).batch_decode(heatmaps)
    assert np.isfinite(keypoints).all()


@pytest.mark.parametrize('shape', [(2, 5, 16, 8), (5, 16, 16), (2, 5, 4, 4)])
def test_wrong_size_names_both_sizes_and_the_setting(decoder, shape):
    with pytest.raises(ValueError, match=r'heatmap_size=\(16, 16\).*needs \(B, K, 16, 16\), got'):
        decoder(**PROPERTIES).batch_decode(torch.zeros(shape))


def test_whole_number_heatmaps_are_refused(decoder):
    with pytest.raises(ValueError, match='floating point, got torch.uint8'):
        decoder(**PROPERTIES).batch_decode(torch.zeros(1, 2, 16, 16, dtype=torch.uint8))


@pytest.mark.parametrize(
    'wrong, message',
    [
        (dict(sigma=0), r'sigma=0 must be a finite number above 0'),
        (dict(sigma=nan), r'sigma=nan must be'),
        (dict(sigma='2'), r"sigma='2' must be"),
        (dict(sigma=True), r'sigma=True must be'),
        (dict(input_size=(0, 256)), r'input_size=\(0, 256\) must be \(width, height\)'),
        (dict(heatmap_size=16), r'heatmap_size=16 must be \(width, height\)'),
        (dict(heatmap_size=(16.5, 16)), r'two whole numbers of at least 2'),
        (dict(heatmap_size=(1, 16)), r'two whole numbers of at least 2'),
        (dict(alignment='centre'), r"alignment='centre' is unknown, use one of \('msra', 'udp'\)"),
        (dict(unbiased=1), r'unbiased=1 must be True or False'),
    ],
)
def test_wrong_arguments_fail_at_construction(decoder, wrong, message):
    with pytest.raises(ValueError, match=message):
        decoder(**{**PROPERTIES, **wrong})

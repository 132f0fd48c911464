"""What `test_every_decoder.py` asks of decoders of heatmaps, asked of the one of vectors."""

import numpy as np
import pytest
import torch
from mmpose.codecs import SimCCLabel
from mmpose.registry import KEYPOINT_CODECS

from mmpose_multilat.codecs import GaussianVector
from mmpose_multilat.multilateration import heatmap_to_input

nan, inf = float('nan'), float('inf')

PROPERTIES = dict(input_size=(256, 256), heatmap_size=(16, 16), sigma=2.0)
# Settings and their largest error along an axis, in cells, on clean labels in the box.
VARIANTS = {
    'paper': (dict(), 0.5),
    'not rounded, strongest cell': (dict(rounded=False, refine='none'), 0.5),
    'not rounded, quarter': (dict(rounded=False), 0.25),
    'rounded, exact': (dict(refine='exact'), 0.5),
    'not rounded, exact': (dict(rounded=False, refine='exact'), 1e-4),
}
ROUNDING = 1e-5


@pytest.fixture(params=VARIANTS)
def variant(request):
    return VARIANTS[request.param]


@pytest.fixture
def settings(variant):
    return variant[0]


def random_landmarks(*batch, low=0.0, high=15.0, seed=0, size=(16, 16)):
    """(..., 2) landmarks (x, y) in heatmap px; `high` is stretched to the longer axis."""
    generator = torch.Generator().manual_seed(seed)
    place = torch.rand(*batch, 2, generator=generator)
    return low + (torch.tensor(size) / 16 * (high + 1) - 1 - low) * place


def vectors_of(codec, landmarks):
    """Labels (K, W) and (K, H) that the codec encodes for (K, 2) landmarks in heatmap px."""
    geometry = codec.input_size, codec.heatmap_size, codec.alignment
    encoded = codec.encode(heatmap_to_input(landmarks, *geometry)[None].numpy())
    return [torch.from_numpy(encoded[f'keypoint_{axis}_labels'][0]) for axis in 'xy']


def noisy_vectors(codec, *batch, seed=0):
    generator = torch.Generator().manual_seed(seed + 1)
    flat = random_landmarks(int(np.prod(batch)), low=3, high=12, seed=seed)
    return [
        (each + 0.02 * torch.randn(each.shape, generator=generator)).unflatten(0, batch)
        for each in vectors_of(codec, flat)
    ]


def test_is_registered_under_its_name():
    assert KEYPOINT_CODECS.get('GaussianVector') is GaussianVector
    assert GaussianVector(**PROPERTIES).support_batch_decoding


@pytest.mark.parametrize('alignment', ['msra', 'udp'])
def test_round_trip_through_mmpose_interfaces(variant, alignment):
    settings, tolerance = variant
    codec = GaussianVector((256, 192), (32, 16), alignment=alignment, **settings)
    landmarks = random_landmarks(60, size=(32, 16))
    keypoints = heatmap_to_input(landmarks, (256, 192), (32, 16), alignment)
    decoded, scores = codec.decode(*(each.numpy() for each in vectors_of(codec, landmarks)))
    assert decoded.shape == (1, 60, 2) and scores.shape == (1, 60)
    pitch = [255 / 31, 191 / 15] if alignment == 'udp' else [8, 12]
    error = np.abs(decoded[0] - keypoints.numpy()) / pitch
    # A cell at an end has one neighbour, of which no quarter step can tell anything.
    at_end = (np.round(landmarks.numpy()) == 0) | (np.round(landmarks.numpy()) == [31, 15])
    quarter = settings.get('refine', 'quarter') == 'quarter'
    assert (error <= np.where(at_end & quarter, 0.5, tolerance) + ROUNDING).all()
    assert (scores >= np.exp(-(0.5**2) / 8) - ROUNDING).all() and (scores <= 1).all()


def test_labels_have_the_shapes_of_simcc():
    keypoints = np.random.default_rng(0).uniform(0, 255, (1, 7, 2)).astype(np.float32)
    ours = GaussianVector((256, 192), (64, 48)).encode(keypoints)
    theirs = SimCCLabel((256, 192), simcc_split_ratio=0.25).encode(keypoints)
    assert GaussianVector.label_mapping_table == SimCCLabel.label_mapping_table
    assert {name: each.shape for name, each in ours.items()} == {
        name: each.shape for name, each in theirs.items()
    }
    assert all(each.dtype == np.float32 for each in ours.values())


def test_batch_equals_loop_and_decode_equals_batch_decode(settings):
    codec = GaussianVector(**PROPERTIES, **settings)
    x, y = noisy_vectors(codec, 3, 5)
    keypoints, scores = codec.batch_decode(x, y)
    assert len(keypoints) == len(scores) == 3
    for face in range(3):
        alone, alone_scores = codec.decode(x[face].numpy(), y[face].numpy())
        np.testing.assert_allclose(keypoints[face], alone, atol=1e-4)
        np.testing.assert_allclose(scores[face], alone_scores)
        for landmark in range(5):
            located, _, _ = codec.locate(x[face, landmark], y[face, landmark])
            np.testing.assert_allclose(located * 16, alone[0, landmark], atol=1e-3)


def test_shift_by_a_whole_cell(settings):
    codec = GaussianVector(**{**PROPERTIES, 'heatmap_size': (32, 32)}, **settings)
    flat = random_landmarks(40, low=11, high=12, size=(32, 32))
    x, y = vectors_of(codec, flat)
    before, _, _ = codec.locate(x, y)
    after, _, _ = codec.locate(x.roll(-2, -1), y.roll(1, -1))
    torch.testing.assert_close(after, before + torch.tensor([-2.0, 1.0]), atol=1e-4, rtol=0)


def test_permutation_of_landmarks(settings):
    codec = GaussianVector(**PROPERTIES, **settings)
    x, y = noisy_vectors(codec, 4, 6)
    order = torch.tensor([3, 1, 5, 0, 2, 4])
    straight, scores, _ = codec.locate(x, y)
    shuffled, shuffled_scores, _ = codec.locate(x[:, order], y[:, order])
    torch.testing.assert_close(shuffled, straight[:, order])
    torch.testing.assert_close(shuffled_scores, scores[:, order])


@pytest.mark.parametrize('beyond_box', [True, False])
@pytest.mark.parametrize('size', [(4, 4), (8, 8), (5, 9), (3, 3)])
def test_every_cell_can_be_the_answer(settings, size, beyond_box):
    codec = GaussianVector((256, 256), size, beyond_box=beyond_box, **settings)
    cells = torch.cartesian_prod(torch.arange(size[0]), torch.arange(size[1])).float()
    coordinates, scores, _ = codec.locate(*vectors_of(codec, cells))
    torch.testing.assert_close(coordinates, cells, atol=2e-3, rtol=0)
    torch.testing.assert_close(scores, torch.ones(len(cells)))


@pytest.mark.parametrize(
    'dtype, tolerance', [('float16', 0.01), ('bfloat16', 0.1), ('float32', 1e-4), ('float64', 0)]
)
def test_dtypes(settings, dtype, tolerance):
    codec = GaussianVector(**PROPERTIES, **settings)
    landmarks = random_landmarks(30, low=3, high=12)  # away from ties between cells
    landmarks = landmarks.floor() + torch.tensor([0.3, 0.1]) + 0.1 * (landmarks % 1)
    x, y = (each.double() for each in vectors_of(codec, landmarks))
    expected, _, _ = codec.locate(x, y)
    cast = [each.to(getattr(torch, dtype)) for each in (x, y)]
    coordinates, scores, _ = codec.locate(*cast)
    working = torch.float64 if dtype == 'float64' else torch.float32
    assert coordinates.dtype == scores.dtype == working
    assert (coordinates - expected).abs().max() <= tolerance
    keypoints, _ = codec.batch_decode(*(each[None] for each in cast))
    assert np.abs(keypoints[0][0] - expected.numpy() * 16).max() <= 16 * tolerance


@pytest.mark.parametrize('batch', [(0, 5), (3, 0)])
def test_empty_batch(settings, batch):
    codec = GaussianVector((256, 256), (16, 8), **settings)
    keypoints, scores = codec.batch_decode(torch.zeros(*batch, 16), torch.zeros(*batch, 8))
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
    'negative': lambda clean: clean - 5,
}


def spoil(vector, value):
    spoiled = vector.clone()
    spoiled[4] = value
    return spoiled


@pytest.mark.parametrize('dtype', [torch.float16, torch.float32])
@pytest.mark.parametrize('axis', [0, 1])
@pytest.mark.parametrize('fault', FAULTS)
def test_faulty_vectors_fall_back_and_spare_their_neighbours(settings, fault, axis, dtype):
    codec = GaussianVector(**PROPERTIES, **settings)
    landmarks = torch.tensor([[6.2, 7.3], [9.3, 8.1], [5.4, 9.8]])
    clean = [each.to(dtype) for each in vectors_of(codec, landmarks)]
    expected, expected_scores, _ = codec.locate(*clean)
    faulty = [each.clone() for each in clean]
    faulty[axis][1] = FAULTS[fault](clean[axis][1])
    coordinates, scores, _ = codec.locate(*faulty)
    spoilt = faulty[axis][1]
    best = torch.where(spoilt.isfinite(), spoilt, -60000).argmax().item()
    assert coordinates[1, axis] == best and coordinates[1, 1 - axis] == expected[1, 1 - axis]
    assert scores[1] == 0
    assert torch.equal(coordinates[[0, 2]], expected[[0, 2]])
    assert torch.equal(scores[[0, 2]], expected_scores[[0, 2]])


@pytest.mark.parametrize('factor', [1, 1e-30, 1e30])
def test_random_garbage_stays_within_reach_of_its_strongest_cell(settings, factor):
    codec = GaussianVector(**PROPERTIES, **settings)
    generator = torch.Generator().manual_seed(4)
    pair = [factor * torch.randn(500, 16, generator=generator) ** 5 for _ in 'xy']
    coordinates, scores, _ = codec.locate(*pair)
    cells = torch.stack([each.argmax(-1) for each in pair], -1)
    assert coordinates.isfinite().all() and ((scores >= 0) & (scores <= 1)).all()
    assert (coordinates - cells).abs().max() <= 3 * 2.0 + 1


def test_input_is_left_alone_and_need_not_be_contiguous(settings):
    codec = GaussianVector(**PROPERTIES, **settings)
    pair = noisy_vectors(codec, 2, 5)
    turned = [each.permute(2, 1, 0).contiguous().permute(2, 1, 0) for each in pair]
    before = [each.clone() for each in turned]
    torch.testing.assert_close(codec.locate(*turned), codec.locate(*pair))
    assert all(map(torch.equal, turned, before))


def test_vectors_that_need_a_gradient_can_be_decoded(settings):
    codec = GaussianVector(**PROPERTIES, **settings)
    pair = [each.requires_grad_() for each in noisy_vectors(codec, 2, 5)]
    keypoints, _ = codec.batch_decode(*pair)
    assert np.isfinite(keypoints).all()


@pytest.mark.parametrize('outside', [-5.4, -2.0, 17.0, 20.4])
@pytest.mark.parametrize('axis', [0, 1])
def test_landmarks_beyond_the_box_are_labelled_and_found_beyond_it(settings, outside, axis):
    landmarks = torch.full((1, 2), 7.0)
    landmarks[0, axis] = outside
    encoded = GaussianVector(**PROPERTIES, **settings).encode(16 * landmarks[None].numpy())
    assert encoded['keypoint_weights'].tolist() == [[1]]
    pair = [encoded[f'keypoint_{name}_labels'] for name in 'xy']
    assert (pair[axis] > 0).any()
    within = GaussianVector(**PROPERTIES, **settings, beyond_box=False)
    beyond = GaussianVector(**PROPERTIES, **settings)
    end = 0 if outside < 0 else 15
    assert within.decode(*(each[0] for each in pair))[0][0, 0, axis] == 16 * end
    found = beyond.decode(*(each[0] for each in pair))[0][0, 0] / 16
    assert found[1 - axis] == pytest.approx(7, abs=1e-4)
    height, square = (1, round(abs(outside - end)) ** 2)
    if not settings.get('rounded', True):
        height, square = (4, (outside - end) ** 2)
    # A bump of the assumed height tau has the response of the true one at another distance.
    square = max(square + 8 * np.log(beyond.tau / height), 0)
    assert abs(found[axis] - end) == pytest.approx(np.sqrt(square), abs=2e-3)
    if settings == dict(rounded=False, refine='exact'):
        assert found[axis] == pytest.approx(outside, abs=2e-3)


def test_landmarks_too_far_outside_have_no_label(settings):
    keypoints = np.array([[[-97.0, 50], [50, 337], [50, 50], [nan, 50], [50, inf]]])
    encoded = GaussianVector(**PROPERTIES, **settings).encode(keypoints)
    assert encoded['keypoint_weights'].tolist() == [[0, 0, 1, 0, 0]]
    for name in 'xy':
        labels = encoded[f'keypoint_{name}_labels'][0]
        assert labels.any(-1).tolist() == [False, False, True, False, False]
        assert np.isfinite(labels).all()


def test_invisible_landmarks_have_no_label_and_their_visibility_as_weight():
    visible = np.array([[1.0, 0.0, 0.3, 0.5]])
    encoded = GaussianVector(**PROPERTIES).encode(np.full((1, 4, 2), 100.0), visible)
    for name in 'xy':
        assert encoded[f'keypoint_{name}_labels'].max(-1).tolist() == [[4, 0, 0, 4]]
    np.testing.assert_allclose(encoded['keypoint_weights'], visible)


def test_further_components_of_keypoints_are_passed_over():
    keypoints = np.array([[[50.0, 60.0, np.nan], [100.0, 20.0, 7.0]]])
    deep = GaussianVector(**PROPERTIES).encode(keypoints)
    for name, values in GaussianVector(**PROPERTIES).encode(keypoints[..., :2]).items():
        np.testing.assert_array_equal(deep[name], values)


def test_tau_follows_the_labels_unless_it_is_given():
    assert GaussianVector(**PROPERTIES).tau == 2
    assert GaussianVector(**PROPERTIES, rounded=False).tau == 2
    assert GaussianVector(**PROPERTIES, refine='exact').tau == 2
    assert GaussianVector(**PROPERTIES, rounded=False, refine='exact').tau == 4
    assert GaussianVector(**PROPERTIES, theta=1, tau=1.5).tau == 1.5


def test_scores_are_the_mean_of_both_maxima():
    codec = GaussianVector(**PROPERTIES)
    x, y = torch.zeros(16), torch.zeros(16)
    x[5], y[8] = 1.0, 6.0
    assert codec.locate(x, y)[1] == pytest.approx((0.25 + 1) / 2)


def test_wrong_keypoints_are_refused():
    codec = GaussianVector(**PROPERTIES)
    with pytest.raises(ValueError, match='GaussianVector encodes one face'):
        codec.encode(np.zeros((2, 5, 2)))
    with pytest.raises(ValueError, match=r'keypoints_visible must be \(1, 5\)'):
        codec.encode(np.zeros((1, 5, 2)), np.ones((1, 4)))


@pytest.mark.parametrize(
    'x, y', [((2, 5, 8), (2, 5, 16)), ((2, 5, 16), (2, 4, 16)), ((5, 16), (5, 16))]
)
def test_wrong_size_names_both_sizes_and_the_setting(x, y):
    with pytest.raises(ValueError, match=r'heatmap_size=\(16, 16\).*needs \(B, K, 16\) and'):
        GaussianVector(**PROPERTIES).batch_decode(torch.zeros(x), torch.zeros(y))


def test_whole_number_vectors_are_refused():
    whole = torch.zeros(1, 2, 16, dtype=torch.uint8)
    for pair in ((whole, whole), (whole.float(), whole), (whole, whole.float())):
        with pytest.raises(ValueError, match='floating point, got torch.uint8'):
            GaussianVector(**PROPERTIES).batch_decode(*pair)


@pytest.mark.parametrize(
    'wrong, message',
    [
        (dict(sigma=0), r'sigma=0 must be a finite number above 0'),
        (dict(theta=-1), r'theta=-1 must be a finite number of at least 0'),
        (dict(theta=True), r'theta=True must be'),
        (dict(theta='3'), r"theta='3' must be"),
        (dict(tau=0), r'tau=0 must be a finite number above 0'),
        (dict(rounded=1), r'rounded=1 must be True or False'),
        (dict(beyond_box='yes'), r"beyond_box='yes' must be True or False"),
        (dict(refine='half'), r"refine='half' is unknown, use one of \('quarter', 'exact'"),
        (dict(input_size=(0, 256)), r'input_size=\(0, 256\) must be \(width, height\)'),
        (dict(heatmap_size=(2, 16), refine='exact'), r'two whole numbers of at least 3'),
        (dict(heatmap_size=(1, 16)), r'two whole numbers of at least 2'),
        (dict(alignment='centre'), r"alignment='centre' is unknown, use one of \('msra', 'udp'\)"),
    ],
)
def test_wrong_arguments_fail_at_construction(wrong, message):
    with pytest.raises(ValueError, match=message):
        GaussianVector(**{**PROPERTIES, **wrong})


def test_a_visibility_that_is_negative_or_not_finite_is_no_weight():
    visible = np.array([[1.0, -1.0, np.nan]])
    encoded = GaussianVector(**PROPERTIES).encode(np.full((1, 3, 2), 100.0), visible)
    assert encoded['keypoint_weights'].tolist() == [[1, 0, 0]]
    for labels in (encoded['keypoint_x_labels'], encoded['keypoint_y_labels']):
        assert labels.any(-1).tolist() == [[True, False, False]]

"""Decoding of vectors: by hand, and against a slow twin."""

import math

import pytest
import torch

from mmpose_multilat.multilateration import (
    beyond_end,
    encode_vectors,
    locate_in_vectors,
    quarter_shift,
    range_position,
)

nan = float('nan')


def papers_position(vector, sigma, tau):
    """Maximum, the hourglass' quarter and equation (7), one vector at a time."""
    cell = max(range(len(vector)), key=lambda i: vector[i])
    if cell in (0, len(vector) - 1):
        distance = math.sqrt(-2 * sigma**2 * math.log(min(vector[cell], tau) / tau))
        return -distance if cell == 0 else cell + distance
    return cell + 0.25 * ((vector[cell + 1] > vector[cell - 1]) or -1)


def test_equals_the_paper_on_random_vectors():
    generator = torch.Generator().manual_seed(0)
    vectors = 4 * torch.rand(300, 6, generator=generator, dtype=torch.float64)
    positions, responses = locate_in_vectors(vectors, 2.0, 'quarter', tau=2.0)
    expected = [papers_position(vector.tolist(), 2.0, 2.0) for vector in vectors]
    assert positions.tolist() == pytest.approx(expected, abs=1e-9)
    assert torch.equal(responses, vectors.amax(-1))


@pytest.mark.parametrize(
    'vector, expected',
    [
        ([0, 1, 4, 2, 0], 2.25),
        ([0, 2, 4, 1, 0], 1.75),
        ([0, 1, 4, 1, 0], 2),
        ([4, 3, 1, 0, 0], 0),
        ([0, 0, 0, 3, 4], 4),
    ],
)
def test_quarter_shift_by_hand(vector, expected):
    vector = torch.tensor(vector).double()
    cells = vector.argmax(-1)
    assert cells + quarter_shift(vector, cells) == expected
    assert locate_in_vectors(vector, 2.0, 'quarter')[0] == expected
    assert locate_in_vectors(vector, 2.0, 'none')[0] == vector.argmax()


@pytest.mark.parametrize('length', [3, 4, 7, 64])
@pytest.mark.parametrize('theta', [0.0, 3.0])
def test_ranges_recover_positions_between_cells(length, theta):
    positions = torch.linspace(0, length - 1, 101, dtype=torch.float64)
    vectors = encode_vectors(positions, length, 2.0, theta, rounded=False)
    found = range_position(vectors, vectors.argmax(-1), 2.0)
    assert (found - positions).abs().max() < 1e-9
    located, _ = locate_in_vectors(vectors.float(), 2.0, 'exact')
    assert (located - positions).abs().max() < 1e-4


def test_ranges_recover_positions_beyond_the_ends():
    positions = torch.tensor([-4.0, -0.3, 18.6], dtype=torch.float64)
    vectors = encode_vectors(positions, 16, 2.0, rounded=False)
    found = range_position(vectors, vectors.argmax(-1), 2.0)
    assert (found - positions).abs().max() < 1e-9


def test_an_excess_in_the_strongest_cell_does_not_move_ranges():
    positions = torch.linspace(1, 6, 51, dtype=torch.float64)
    vectors = encode_vectors(positions, 8, 2.0, 0.0, rounded=False)
    cells = vectors.argmax(-1)
    excess = vectors.scatter(-1, cells.unsqueeze(-1), 4.0)
    assert (range_position(excess, cells, 2.0) - positions).abs().max() < 1e-9


def test_ranges_stay_within_half_a_cell_of_a_maximum_inside():
    vectors = torch.tensor([[0, -1.0, 3, 2.9, 0], [0, 1e-9, 3, 1, 0]])
    assert range_position(vectors, torch.tensor([2, 2]), 2.0).tolist() == [2.5, 2.5]


@pytest.mark.parametrize('response, expected', [(2.0, 0.0), (5.0, 0.0), (2 * math.exp(-2), 4.0)])
def test_distance_beyond_an_end_by_hand(response, expected):
    distance = beyond_end(torch.tensor(response, dtype=torch.float64), sigma=2.0, tau=2.0)
    assert distance.item() == pytest.approx(expected)


@pytest.mark.parametrize('position', [-3.7, -0.6, -0.2, 0.0, 0.3, 6.8, 7.0, 7.2, 7.9, 11.5])
def test_the_label_s_own_height_makes_the_rule_exact(position):
    vector = encode_vectors(torch.tensor(position, dtype=torch.float64), 8, 2.0, 3.0, False)
    found, _ = locate_in_vectors(vector, 2.0, 'exact', tau=4.0)
    assert found.item() == pytest.approx(position, abs=1e-6)


@pytest.mark.parametrize('height', [0.6, 1.0, 1.5])
@pytest.mark.parametrize('position', [-0.45, -0.2, 0.3, 6.7, 7.2, 7.45])
def test_whatever_the_height_ranges_say_that_a_landmark_is_still_in_the_last_cell(position, height):
    vector = encode_vectors(torch.tensor(position, dtype=torch.float64), 8, 2.0, 3.0, False)
    found, _ = locate_in_vectors(height * vector, 2.0, 'exact', tau=4.0)
    assert found.item() == pytest.approx(position, abs=1e-6)


@pytest.mark.parametrize('refine', ['quarter', 'exact', 'none'])
def test_without_the_rule_landmarks_stay_in_the_vector(refine):
    vectors = encode_vectors(torch.tensor([-3.0, 9.0]), 8, 2.0, rounded=False)
    assert locate_in_vectors(vectors, 2.0, refine)[0].tolist() == [0, 7]


@pytest.mark.parametrize('refine', ['quarter', 'exact', 'none'])
def test_the_rule_needs_the_maximum_at_an_end(refine):
    vectors = encode_vectors(torch.tensor([1.0, 6.0]), 8, 2.0)
    found, _ = locate_in_vectors(vectors, 2.0, refine, tau=2.0)
    # Of the landmark at cell 1 both neighbours respond alike.
    assert found.tolist() == pytest.approx([1, 6], abs=1e-5)


@pytest.mark.parametrize('refine', ['quarter', 'exact', 'none'])
@pytest.mark.parametrize('fault', [nan, float('inf'), float('-inf')])
def test_faulty_vectors_fall_back_to_their_best_finite_cell(refine, fault):
    vector = torch.tensor([0.1, 3.0, 2.0, 0.5, 0.0])
    vector[2] = fault
    position, response = locate_in_vectors(vector, 2.0, refine, tau=2.0)
    assert (position.item(), response.item()) == (1, 0)


def test_a_hopelessly_weak_end_is_not_followed():
    position, response = locate_in_vectors(torch.tensor([1e-5, 0, 0, 0]), 2.0, tau=2.0)
    assert (position.item(), response.item()) == (0, 0)

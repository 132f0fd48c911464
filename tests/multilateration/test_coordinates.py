import pytest
import torch

from mmpose_multilat.multilateration import (
    cell_pitch,
    heatmap_to_input,
    input_to_heatmap,
)


@pytest.mark.parametrize('alignment, last_cell', [('msra', [192.0, 96.0]), ('udp', [255.0, 127.0])])
def test_cells_stand_where_the_drawing_says(alignment, last_cell):
    corners = torch.tensor([[0.0, 0.0], [3.0, 3.0]])
    expected = torch.tensor([[0.0, 0.0], last_cell])
    assert torch.equal(heatmap_to_input(corners, (256, 128), (4, 4), alignment), expected)


def test_pitch_by_hand():
    assert cell_pitch((256, 192), (65, 17)) == (256 / 65, 192 / 17)
    assert cell_pitch((256, 192), (65, 17), 'udp') == (255 / 64, 191 / 16)
    assert cell_pitch((256, 192), (2, 2), 'udp') == (255, 191)


@pytest.mark.parametrize('alignment', ['msra', 'udp'])
def test_conversions_are_inverse(alignment):
    landmarks = torch.rand(3, 5, 2, dtype=torch.float64) * 300 - 20
    there = input_to_heatmap(landmarks, (256, 192), (64, 16), alignment)
    back = heatmap_to_input(there, (256, 192), (64, 16), alignment)
    torch.testing.assert_close(back, landmarks)


def test_unknown_alignment_lists_the_allowed():
    with pytest.raises(ValueError, match=r"'centre' is unknown.*'msra', 'udp'"):
        cell_pitch((256, 256), (4, 4), 'centre')


def test_udp_needs_two_cells():
    with pytest.raises(ValueError, match=r'at least \(2, 2\)'):
        cell_pitch((256, 256), (1, 4), 'udp')

import pytest
import torch

from mmpose_multilat.codecs import TwoHot


@pytest.mark.parametrize(
    'second, expected', [((1, 0), (1.0, 0.75)), ((2, 1), (1.25, 1.0)), ((3, 3), (1.1768, 1.1768))]
)
def test_a_quarter_cell_toward_the_second_maximum(second, expected):
    heatmap = torch.zeros(4, 4)
    heatmap[1, 1] = 1.0
    heatmap[second[1], second[0]] = 0.9
    coordinates, _, _ = TwoHot((256, 256), (4, 4)).locate(heatmap)
    assert coordinates.tolist() == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize('shape', [(3, 8), (8, 3), (64, 64)])
def test_between_two_equal_cells(shape):
    """The first is the strongest, the step leads to the other one."""
    heatmaps = torch.zeros(2, *shape)
    heatmaps[0, 1, 1:3] = 1.0
    heatmaps[1, 1:3, 1] = 1.0
    codec = TwoHot((256, 256), shape[::-1])
    assert codec.locate(heatmaps)[0].tolist() == [[1.25, 1.0], [1.0, 1.25]]

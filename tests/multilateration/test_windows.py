"""Rectangles of cells against reading them one by one."""

import pytest
import torch

from mmpose_multilat.multilateration import gather_patch, surrounding_window


def patch_by_loops(heatmap, left, top, width, height):
    """Values of a rectangle, those outside from the nearest cell."""
    last_row, last_column = heatmap.shape[0] - 1, heatmap.shape[1] - 1
    return [
        [
            heatmap[min(max(row, 0), last_row), min(max(column, 0), last_column)].item()
            for column in range(left, left + width)
        ]
        for row in range(top, top + height)
    ]


@pytest.mark.parametrize('width, height', [(1, 1), (3, 1), (2, 5), (9, 8)])
def test_patches_equal_loops(width, height):
    heatmap = torch.rand(5, 7, generator=torch.Generator().manual_seed(0)).double()
    lefts, tops = torch.meshgrid(torch.arange(-4, 9), torch.arange(-4, 8), indexing='ij')
    patches = gather_patch(heatmap.expand(13, 12, 5, 7), lefts, tops, width, height)
    assert patches.shape == (13, 12, height, width)
    for left, top, patch in zip(lefts.flatten(), tops.flatten(), patches.flatten(0, 1)):
        assert patch.tolist() == patch_by_loops(heatmap, left.item(), top.item(), width, height)


@pytest.mark.parametrize('size, width, height', [(3, 3, 3), (4, 4, 4), (6, 6, 5), (9, 7, 5)])
def test_a_surrounding_window_lies_inside_and_as_central_as_it_can(size, width, height):
    heatmap = torch.rand(5, 7, generator=torch.Generator().manual_seed(0)).double()
    cells = torch.cartesian_prod(torch.arange(-1, 8), torch.arange(-1, 6))
    corners, responses = surrounding_window(heatmap.expand(len(cells), 5, 7), cells, size)
    assert responses.shape == (len(cells), height, width)
    for (x, y), (left, top), window in zip(cells.tolist(), corners.tolist(), responses):
        assert left == min(range(7 - width + 1), key=lambda start: abs(start + width // 2 - x))
        assert top == min(range(5 - height + 1), key=lambda start: abs(start + height // 2 - y))
        assert torch.equal(window, heatmap[top : top + height, left : left + width])


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_values_are_in_the_working_precision(dtype):
    _, responses = surrounding_window(torch.zeros(4, 4, dtype=dtype), torch.tensor([1, 1]), 3)
    assert responses.dtype == (torch.float64 if dtype == torch.float64 else torch.float32)

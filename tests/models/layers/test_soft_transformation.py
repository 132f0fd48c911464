import pytest
import torch
from live_memory import LiveMemory

from mmpose_multilat.models.layers import SoftTransformation, correlate, transfer

SIZE = 6


def patch_at(maps, row, column, scale=1):
    """The 3 x 3 cells, or blocks of cells, round a place; 0 outside."""
    padded = torch.nn.functional.pad(maps, [scale] * 4)
    first = row * scale, column * scale
    return padded[..., first[0] : first[0] + 3 * scale, first[1] : first[1] + 3 * scale]


def brute_correlation(query, key):
    """D and A of one face, place by place (equations (1) and (2))."""
    places = [(row, column) for row in range(SIZE) for column in range(SIZE)]
    index, weight = [], []
    for place in places:
        target = patch_at(query, *place).flatten()
        found = [
            torch.cosine_similarity(target, patch_at(key, *other).flatten(), 0) for other in places
        ]
        weight.append(max(found))
        index.append(found.index(weight[-1]))
    return torch.tensor(index), torch.stack(weight).reshape(SIZE, SIZE)


def brute_transfer(values, index, scale):
    """F_T of one face: every patch at its place, overlaps averaged."""
    side = SIZE * scale
    total = torch.zeros(values.shape[0], side + 2 * scale, side + 2 * scale)
    count = torch.zeros(1, side + 2 * scale, side + 2 * scale)
    for place, source in enumerate(index.tolist()):
        row, column = (each * scale for each in divmod(place, SIZE))
        window = slice(row, row + 3 * scale), slice(column, column + 3 * scale)
        total[(slice(None), *window)] += patch_at(values, *divmod(source, SIZE), scale)
        count[(slice(None), *window)] += 1
    return (total / count)[..., scale:-scale, scale:-scale]


@pytest.fixture
def descriptors():
    generator = torch.Generator().manual_seed(0)
    return torch.randn(2, 2, 4, SIZE, SIZE, generator=generator).unbind(0)


def test_correlation_is_that_of_a_loop_over_patches(descriptors):
    found = correlate(*descriptors)
    assert found.index.shape == (2, SIZE**2) and found.weight.shape == (2, 1, SIZE, SIZE)
    for face, (query, key) in enumerate(zip(*descriptors)):
        index, weight = brute_correlation(query, key)
        assert torch.equal(found.index[face], index)
        torch.testing.assert_close(found.weight[face, 0], weight)


@pytest.mark.parametrize('scale', [1, 2, 4])
def test_transfer_is_that_of_a_loop_over_patches(descriptors, scale):
    index = correlate(*descriptors).index
    values = torch.randn(2, 3, SIZE * scale, SIZE * scale)
    found = transfer(values, index, (SIZE, SIZE))
    for face in range(2):
        torch.testing.assert_close(found[face], brute_transfer(values[face], index[face], scale))


def test_a_face_gets_its_own_features_from_itself(descriptors):
    values = [torch.randn(2, 3, SIZE * scale, SIZE * scale) for scale in (1, 2, 4)]
    soft, weights = SoftTransformation()(correlate(descriptors[0], descriptors[0]), values)
    for found, expected, weight in zip(soft, values, weights):
        torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(weight, torch.ones_like(weight))


def test_what_moved_in_the_image_moves_in_the_features():
    """A reference that is the target moved by two cells to the right."""
    query = torch.randn(1, 4, SIZE, SIZE)
    values = torch.randn(1, 3, 2 * SIZE, 2 * SIZE)
    index = correlate(query, query.roll(2, -1)).index
    found = transfer(values, index, (SIZE, SIZE))
    expected = values.roll(-4, -1)
    # Cells whose patch and its source are away from the border.
    torch.testing.assert_close(found[..., 4:8, 2:4], expected[..., 4:8, 2:4])
    rows = torch.arange(SIZE**2).reshape(SIZE, SIZE)
    assert torch.equal(index.reshape(SIZE, SIZE)[2:4, 1:3], rows[2:4, 3:5])


def test_weight_scales_the_features_and_carries_the_gradient(descriptors):
    query, key = (each.clone().requires_grad_() for each in descriptors)
    values = torch.randn(2, 3, SIZE, SIZE, requires_grad=True)
    correlation = correlate(query, key)
    (soft,), (weight,) = SoftTransformation()(correlation, [values])
    moved = transfer(values, correlation.index, (SIZE, SIZE))
    torch.testing.assert_close(soft, moved * correlation.weight)
    assert torch.equal(weight, correlation.weight)
    soft.sum().backward()
    assert all((each.grad != 0).any() for each in (query, key, values))


def test_one_reference_serves_a_whole_batch(descriptors):
    index = correlate(*descriptors).index
    values = torch.randn(1, 3, SIZE, SIZE)
    found = transfer(values, index, (SIZE, SIZE))
    torch.testing.assert_close(found, transfer(values.expand(2, -1, -1, -1), index, (SIZE, SIZE)))


def test_a_blank_reference_has_no_weight():
    query = torch.randn(1, 4, SIZE, SIZE)
    found = correlate(query, torch.zeros_like(query))
    assert torch.equal(found.weight, torch.zeros_like(found.weight))


def test_memory_at_the_sizes_of_the_paper():
    """Batch 8 in training; C of a single face at 128x128 would be 1.07 GB, of the batch 8.6 GB."""
    on_no_device = dict(device='meta', requires_grad=True)
    query, key = (torch.empty(8, 256, 32, 32, **on_no_device) for _ in range(2))
    sizes = ((256, 32), (128, 64), (64, 128))
    values = [torch.empty(8, count, side, side, **on_no_device) for count, side in sizes]
    with LiveMemory() as memory:
        soft, _ = SoftTransformation()(correlate(query, key), values)
        sum(each.sum() for each in soft).backward()
    assert 0.3e9 < memory.largest < 0.4e9  # patches of the finest scale
    assert 1e9 < memory.peak < 2e9

"""Band pooling against Python loops over bands."""

import pytest
import torch

from mmpose_multilat.models.layers import BandPooling


def pool_by_loops(heatmap, bandwidths, weights, count_outside=True):
    """x and y vectors of one heatmap, cell by cell."""
    height, width = heatmap.shape
    x, y = [0.0] * width, [0.0] * height
    for bandwidth, weight in zip(bandwidths, weights):
        half = bandwidth // 2
        for centre in range(width):
            band = [
                heatmap[row, column].item()
                for row in range(height)
                for column in range(centre - half, centre + half + 1)
                if 0 <= column < width
            ]
            cells = height * bandwidth if count_outside else len(band)
            x[centre] += weight * sum(band) / cells
        for centre in range(height):
            band = [
                heatmap[row, column].item()
                for row in range(centre - half, centre + half + 1)
                for column in range(width)
                if 0 <= row < height
            ]
            cells = width * bandwidth if count_outside else len(band)
            y[centre] += weight * sum(band) / cells
    return x, y


@pytest.mark.parametrize('height, width', [(6, 9), (4, 4), (1, 5), (2, 3)])
@pytest.mark.parametrize(
    'bandwidths, weights',
    [((1,), (1.0,)), ((3, 5), (0.5, 0.5)), ((7, 1, 3), (0.2, 0.5, 0.3))],
)
@pytest.mark.parametrize('count_outside', [True, False])
def test_equals_loops(height, width, bandwidths, weights, count_outside):
    generator = torch.Generator().manual_seed(0)
    heatmaps = torch.randn(2, 3, height, width, generator=generator, dtype=torch.float64)
    x, y = BandPooling(bandwidths, weights, count_outside)(heatmaps)
    assert x.shape == (2, 3, width) and y.shape == (2, 3, height)
    for face in range(2):
        for landmark in range(3):
            heatmap = heatmaps[face, landmark]
            expected = pool_by_loops(heatmap, bandwidths, weights, count_outside)
            assert x[face, landmark].tolist() == pytest.approx(expected[0])
            assert y[face, landmark].tolist() == pytest.approx(expected[1])


def test_by_hand():
    heatmap = torch.tensor([[3.0, 0, 0], [0, 0, 6]])
    x, y = BandPooling(bandwidths=[3])(heatmap)
    torch.testing.assert_close(x, torch.tensor([3.0, 9, 6]) / 6)
    torch.testing.assert_close(y, torch.tensor([9.0, 9]) / 9)


def test_a_bump_beyond_the_end_has_its_maximum_there():
    """Only its flank is seen: with zeros outside the end looks lower than what is further in."""
    heatmap = torch.exp(-(torch.arange(8.0) + 1.5).square() / 8).expand(8, 8)
    with_zeros, without = (BandPooling(count_outside=each)(heatmap)[0] for each in (True, False))
    assert without.argmax() == 0 and with_zeros.argmax() > 0


def test_three_and_five_in_equal_parts_by_default():
    heatmaps = torch.randn(4, 8, 8, generator=torch.Generator().manual_seed(1))
    mixed = BandPooling()(heatmaps)
    alone = [BandPooling([bandwidth])(heatmaps) for bandwidth in (3, 5)]
    for axis in (0, 1):
        torch.testing.assert_close(mixed[axis], (alone[0][axis] + alone[1][axis]) / 2)


def test_pooling_commutes_with_mirroring():
    heatmaps = torch.randn(2, 6, 7, generator=torch.Generator().manual_seed(2))
    x, y = BandPooling()(heatmaps)
    mirrored_x, mirrored_y = BandPooling()(heatmaps.flip(-1))
    torch.testing.assert_close(mirrored_x, x.flip(-1))
    torch.testing.assert_close(mirrored_y, y)


@pytest.mark.parametrize('shape', [(5, 6), (0, 3, 5, 6), (2, 0, 5, 6), (1, 2, 3, 5, 6)])
def test_leading_shapes(shape):
    x, y = BandPooling()(torch.zeros(shape))
    assert x.shape == (*shape[:-2], 6) and y.shape == (*shape[:-2], 5)


def test_gradient():
    heatmaps = torch.randn(
        1, 2, 4, 5, generator=torch.Generator().manual_seed(3), dtype=torch.float64
    )
    assert torch.autograd.gradcheck(BandPooling(), heatmaps.requires_grad_())


def test_a_checkpoint_holds_nothing_of_it():
    assert not BandPooling().state_dict()


def test_weights_may_be_rounded():
    assert BandPooling([3, 5, 7], [0.3333333] * 3).weights == (0.3333333,) * 3


@pytest.mark.parametrize(
    'wrong, message',
    [
        (dict(bandwidths=[]), r'bandwidths=\[\] must be a list of odd whole numbers'),
        (dict(bandwidths=[4]), r'bandwidths=\[4\] must be'),
        (dict(bandwidths=[3, -1]), r'bandwidths=\[3, -1\] must be'),
        (dict(bandwidths=[3.0]), r'bandwidths=\[3.0\] must be'),
        (dict(bandwidths=[True]), r'bandwidths=\[True\] must be'),
        (dict(bandwidths=3), r'bandwidths=3 must be'),
        (dict(weights=[1.0]), r'weights=\[1.0\] must be 2 numbers above 0 that add up to 1'),
        (dict(weights=[0.5, 0.6]), r'weights=\[0.5, 0.6\] must be'),
        (dict(weights=[0.5, 0.501]), r'weights=\[0.5, 0.501\] must be'),
        (dict(weights=[1.0, 0.0]), r'weights=\[1.0, 0.0\] must be'),
        (dict(weights=[1.5, -0.5]), r'weights=\[1.5, -0.5\] must be'),
        (dict(weights=[float('nan'), 1]), r'weights=\[nan, 1\] must be'),
        (dict(bandwidths=[3], weights=[True]), r'weights=\[True\] must be 1 numbers above 0'),
        (dict(weights=['0.3', '0.7']), r"weights=\['0.3', '0.7'\] must be"),
        (dict(weights='ab'), r"weights='ab' must be"),
        (dict(weights=0.5), r'weights=0.5 must be'),
        (dict(count_outside='no'), r"count_outside='no' must be True or False"),
    ],
)
def test_wrong_arguments_fail_at_construction(wrong, message):
    with pytest.raises(ValueError, match=message):
        BandPooling(**wrong)

import pytest
import torch

from mmpose_multilat.models.layers import FeatureFusion, MultiScaleFusion

CHANNELS, SIDES = (12, 8, 4), (4, 8, 16)


def transformed_maps(count=2):
    return [
        tuple(torch.randn(2, channels, side, side) for _ in range(count))
        for channels, side in zip(CHANNELS, SIDES)
    ]


def test_block_is_equation_5():
    block = FeatureFusion(4, 2).eval()
    hard, soft, own = torch.randn(3, 2, 4, 6, 6).unbind(0)
    expected = own + block.layer(torch.cat((hard, soft, own), 1))
    assert torch.equal(block(own, (hard, soft)), expected)


def test_scales_are_equations_5_and_6_in_turn():
    fusion = MultiScaleFusion(12, CHANNELS).eval()
    semantic, maps = torch.randn(2, 12, 4, 4), transformed_maps()
    expected = semantic
    for scale, block in enumerate(fusion.fusions):
        expected = expected if not scale else fusion.enlargements[scale - 1](expected)
        expected = expected + block.layer(torch.cat((*maps[scale], expected), 1))
    torch.testing.assert_close(fusion(semantic, maps), expected)
    assert expected.shape == (2, 4, 16, 16)


@pytest.mark.parametrize('own_scale', [0, 1, 2])
def test_features_of_any_scale_enter(own_scale):
    fusion = MultiScaleFusion(6, CHANNELS, own_scale)
    side = SIDES[own_scale]
    semantic = torch.randn(2, 6, side, side, requires_grad=True)
    found = fusion(semantic, transformed_maps())
    assert found.shape == (2, 4, 16, 16)
    found.square().sum().backward()
    assert (semantic.grad != 0).any()
    assert all(parameter.grad is not None for parameter in fusion.parameters())


def test_fine_features_keep_their_detail():
    """What the coarsest scale cannot hold goes straight to the scale of its own."""
    fusion = MultiScaleFusion(8, CHANNELS, 1).eval()
    checks = torch.ones(2, 8, 8, 8)
    checks[..., ::2, ::2], checks[..., 1::2, 1::2] = -1, -1
    for layer in fusion.down.modules():  # nothing by way of the coarsest scale
        if isinstance(layer, torch.nn.Conv2d):
            torch.nn.init.zeros_(layer.weight)
    maps = transformed_maps()
    plain, fine = fusion(torch.zeros_like(checks), maps), fusion(checks, maps)
    assert (plain - fine).abs().max() > 0.01


@pytest.mark.parametrize('every_scale', [True, False])
def test_without_the_module_only_the_coarsest_scale_is_guided(every_scale):
    fusion = MultiScaleFusion(12, CHANNELS, every_scale=every_scale).eval()
    semantic, maps = torch.randn(2, 12, 4, 4), transformed_maps()
    other = [maps[0], *transformed_maps()[1:]]
    same = torch.equal(fusion(semantic, maps), fusion(semantic, other))
    assert same is not every_scale
    changed = [transformed_maps()[0], *maps[1:]]
    assert not torch.equal(fusion(semantic, maps), fusion(semantic, changed))


def test_without_transformed_maps_it_only_enlarges():
    fusion = MultiScaleFusion(12, CHANNELS, transformed=0)
    assert fusion(torch.randn(2, 12, 4, 4), [()] * 3).shape == (2, 4, 16, 16)


def test_refused():
    with pytest.raises(ValueError, match='own_scale=3'):
        MultiScaleFusion(12, CHANNELS, 3)

import pytest
import torch

from mmpose_multilat.models.layers import ReferenceHeatmapTransformer, likenesses

MAPS, SIZE = 5, (8, 8)


def build(**changes):
    torch.manual_seed(0)
    return ReferenceHeatmapTransformer(MAPS, (16, 8), SIZE, 2, **changes).eval()


def inputs(count, seed=0):
    generator = torch.Generator().manual_seed(seed)
    images = torch.randn(count, 3, 32, 32, generator=generator)
    return images, torch.rand(count, MAPS, 16, 16, generator=generator)


def test_a_face_gets_its_own_heatmap_features_from_itself():
    """Soft by equation (1), hard because it begins at the identity; in training, too."""
    images, heatmaps = inputs(3)
    for module in (build(), build().train()):
        with torch.no_grad():
            soft, hard, weights = module(images, images, heatmaps)
            own = module.heatmap_features(heatmaps)
        for each in (soft, hard):
            for found, expected in zip(each, own):
                torch.testing.assert_close(found, expected, atol=2e-5, rtol=1e-4)
        assert all(torch.allclose(weight, torch.ones(1)) for weight in weights)


def test_scales_and_their_order():
    images, heatmaps = inputs(2)
    found = build()(images, images, heatmaps)
    assert [tuple(each.shape) for each in found.soft] == [(2, 16, 8, 8), (2, 8, 16, 16)]
    for (hard, soft), one_hard, one_soft in zip(found.by_scale, found.hard, found.soft):
        assert hard is one_hard and soft is one_soft


@pytest.mark.parametrize(('soft', 'hard'), [(True, False), (False, True)])
def test_each_transformation_can_be_left_out(soft, hard):
    images, heatmaps = inputs(2)
    whole, part = build()(images, *inputs(2, 1)), build(soft=soft, hard=hard)(images, *inputs(2, 1))
    assert bool(part.soft) is bool(part.weights) is soft and bool(part.hard) is hard
    kept = (whole.soft, part.soft) if soft else (whole.hard, part.hard)
    for expected, found in zip(*kept):
        assert torch.equal(found, expected)
    assert [len(maps) for maps in part.by_scale] == [1, 1]


def test_one_reference_serves_all():
    images, _ = inputs(3)
    reference = inputs(1, 1)
    module = build()
    shared = module(images, *reference)
    alone = [module(image[None], *reference) for image in images]
    for name in ('soft', 'hard', 'weights'):
        for scale, maps in enumerate(getattr(shared, name)):
            expected = torch.cat([getattr(each, name)[scale] for each in alone])
            torch.testing.assert_close(maps, expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize('likeness', [1, -1])
def test_the_reference_that_is_most_or_least_alike_is_taken(likeness):
    module, (images, _) = build(), inputs(3)
    references, heatmaps = inputs(4, 1)
    with torch.no_grad():
        measured = likenesses(module.image_features(images), module.image_features(references))
        chosen = (measured * likeness).argmax(1)
        found = module(images, references, heatmaps, likeness)
        expected = module(images, references[chosen], heatmaps[chosen])
    for one, other in zip(found.soft, expected.soft):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-5)


def test_a_face_is_most_like_itself():
    module, (images, _) = build(), inputs(4)
    described = module.image_features(images)
    found = likenesses(described, described)
    assert torch.equal(found.argmax(1), torch.arange(4))
    torch.testing.assert_close(found.diagonal(), torch.ones(4))

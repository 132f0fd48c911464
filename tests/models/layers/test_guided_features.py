import pytest
import torch
from live_memory import LiveMemory

from mmpose_multilat.models.layers import GuidedFeaturesNetwork

SMALL = dict(image_size=(32, 32), heatmap_size=(16, 16), channels=(8, 4))


def build(**changes):
    torch.manual_seed(0)
    return GuidedFeaturesNetwork(6, 5, **{**SMALL, **changes}).eval()


def inputs(side=8):
    references = torch.randn(2, 3, 32, 32), torch.rand(2, 5, 16, 16)
    return torch.randn(2, 6, side, side), torch.randn(2, 3, 32, 32), references


@pytest.mark.parametrize(
    'changes',
    [
        dict(),
        dict(encoder=dict(channels=8, heads=1, layers=1)),
        dict(soft=False),
        dict(hard=False),
        dict(fusion=False),
        dict(soft=False, hard=False),
        dict(feature_scale=1),
        dict(channels=(8,)),
        dict(channels=(8, 6, 4)),
        dict(heatmap_size=(16, 32), image_size=(32, 64)),
    ],
)
def test_every_part_can_be_left_out_or_changed(changes):
    network = build(**changes)
    width, height = network.feature_size
    (image_width, image_height), (columns, rows) = network.image_size, network.heatmap_size
    references = torch.randn(1, 3, image_height, image_width), torch.rand(1, 5, rows, columns)
    semantic = torch.randn(2, 6, height, width)
    found, transformed = network(semantic, torch.randn(2, 3, image_height, image_width), references)
    assert found.shape == (2, network.out_channels, rows, columns)
    parts = changes.get('soft', True) + changes.get('hard', True)
    assert (transformed is None) is (parts == 0)
    assert network.transformer is None or bool(transformed.soft) + bool(transformed.hard) == parts


def test_reference_matters_unless_nothing_looks_at_it():
    semantic, images, references = inputs()
    other = inputs()[2]
    for changes, matters in ((dict(), True), (dict(soft=False, hard=False), False)):
        network = build(**changes)
        same = torch.equal(
            network(semantic, images, references)[0], network(semantic, images, other)[0]
        )
        assert same is not matters


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        (dict(heatmap_size=(15, 16)), r'heatmap_size=\(15, 16\) must be a multiple of 2'),
        (dict(image_size=(24, 24)), r'image_size=\(24, 24\) must be a power of two times'),
        (dict(image_size=(32, 64)), 'the same along both sides'),
        (dict(channels=()), r'channels=\(\)'),
        (dict(channels=(8, 0)), 'channels=0'),
        (dict(soft=1), 'soft=1 must be True or False'),
        (dict(fusion=None), 'fusion=None'),
        (dict(feature_scale=2), 'own_scale=2'),
    ],
)
def test_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        build(**changes)


def test_maps_of_another_size_are_refused():
    semantic, images, references = inputs()
    with pytest.raises(ValueError, match=r'\(4, 4\).*feature_scale and heatmap_size.*\(8, 8\)'):
        build()(semantic[..., :4, :4], images, references)
    with pytest.raises(ValueError, match='image_size of the head'):
        build()(semantic, images[..., :16, :16], references)


def test_memory_of_a_training_step_at_the_sizes_of_the_paper():
    """Batch 8 of 300W, float32, RHT-R; 2 GB of it are attention, which GPUs never hold whole."""
    with torch.device('meta'):
        network = GuidedFeaturesNetwork(512, 68 + 13, encoder=dict(channels=256, heads=8, layers=4))
        references = torch.empty(8, 3, 128, 128), torch.empty(8, 81, 128, 128)
        semantic, images = torch.empty(8, 512, 32, 32), torch.empty(8, 3, 128, 128)
    with LiveMemory() as memory:
        network(semantic, images, references)[0].sum().backward()
    assert memory.largest < 0.4e9
    assert 3e9 < memory.peak < 7e9

"""The encoder of the pipeline against the decoder of the head, alone and in the hook."""

from types import SimpleNamespace

import pytest
from mmengine.dataset import Compose
from mmpose.codecs import MSRAHeatmap
from mmpose.registry import TRANSFORMS
from torch import nn

from mmpose_multilat.codecs import KeyPosS, POPoS
from mmpose_multilat.engine import HeatmapSizeHook
from mmpose_multilat.engine.hooks.codec_agreement import (
    check_sizes_agree,
    describe_differences,
    find_encoder,
)

SETTINGS = dict(input_size=(256, 256), heatmap_size=(16, 16), sigma=2)


def loader_with(*transforms):
    pipeline = Compose([TRANSFORMS.build(transform) for transform in transforms])
    return SimpleNamespace(dataset=SimpleNamespace(pipeline=pipeline))


def target(**changes):
    return dict(type='GenerateTarget', encoder=dict(type='POPoS', **{**SETTINGS, **changes}))


def runner_with(encoder, decoder):
    model = nn.Module()
    model.head = SimpleNamespace(decoder=decoder)
    warnings = []
    logger = SimpleNamespace(warning=warnings.append)
    return SimpleNamespace(model=model, train_dataloader=encoder, logger=logger), warnings


def checked_hook():
    """A hook whose check of the network lies behind it."""
    hook = HeatmapSizeHook()
    hook._checked = True
    return hook


def test_the_encoder_is_found_in_the_pipeline():
    flip = dict(type='RandomFlip', direction='horizontal')
    found = find_encoder(loader_with(flip, target(sigma=1.5)))
    assert isinstance(found, POPoS) and found.sigma == 1.5


@pytest.mark.parametrize(
    'loader',
    [
        loader_with(dict(type='RandomFlip', direction='horizontal')),
        loader_with(dict(type='GenerateTarget', encoder=[target()['encoder']] * 2)),
        SimpleNamespace(dataset=[]),
    ],
    ids=['no target', 'two encoders', 'no pipeline'],
)
def test_without_one_encoder_there_is_nothing_to_compare(loader):
    assert find_encoder(loader) is None
    runner, warnings = runner_with(loader, KeyPosS(**SETTINGS))
    checked_hook().before_train(runner)
    assert warnings == []


def test_codecs_of_different_kinds_agree():
    one, two = KeyPosS(**SETTINGS), MSRAHeatmap(**{**SETTINGS, 'heatmap_size': [16, 16]})
    check_sizes_agree(one, two)
    assert describe_differences(one, two) is None


def test_another_heatmap_size_is_refused_with_both_sizes_and_the_setting():
    runner, _ = runner_with(loader_with(target(heatmap_size=(8, 8))), KeyPosS(**SETTINGS))
    message = (
        r'encodes with heatmap_size=\(8, 8\), the head decodes with heatmap_size=\(16, 16\)'
        r'.*`model.head.decoder`'
    )
    with pytest.raises(ValueError, match=message):
        checked_hook().before_train(runner)


def test_another_input_size_is_refused():
    with pytest.raises(ValueError, match=r'encodes with input_size=\(128, 128\)'):
        check_sizes_agree(KeyPosS(**{**SETTINGS, 'input_size': (128, 128)}), KeyPosS(**SETTINGS))


def test_another_meaning_is_a_warning():
    decoder = KeyPosS(**SETTINGS, alignment='udp')
    runner, warnings = runner_with(loader_with(target(sigma=1.5)), decoder)
    checked_hook().before_train(runner)
    (warning,) = warnings
    assert 'sigma=1.5 in training and 2.0 in decoding' in warning
    assert 'alignment=msra in training and udp in decoding' in warning

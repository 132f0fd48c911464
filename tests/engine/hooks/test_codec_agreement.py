"""The encoder of the pipeline against the decoder of the head, alone and in the hook."""

from types import SimpleNamespace

import pytest
from mmengine.dataset import Compose
from mmpose.codecs import MSRAHeatmap, SimCCLabel, UDPHeatmap
from mmpose.registry import TRANSFORMS
from torch import nn

from mmpose_multilat.codecs import GaussianVector, KeyPosS, POPoS
from mmpose_multilat.engine import HeatmapSizeHook
from mmpose_multilat.engine.hooks.codec_agreement import (
    check_sizes_agree,
    describe_crops,
    describe_differences,
    find_encoders,
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
    (found,) = find_encoders(loader_with(flip, target(sigma=1.5)))
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
    assert find_encoders(loader) == []
    runner, warnings = runner_with(loader, KeyPosS(**SETTINGS))
    checked_hook().before_train(runner)
    assert warnings == []


def wrapped(*loaders):
    """As `CombinedDataset` of datasets that are repeated, with an empty pipeline of its own."""
    repeated = [SimpleNamespace(dataset=loader.dataset) for loader in loaders]
    return SimpleNamespace(dataset=SimpleNamespace(datasets=repeated, pipeline=Compose([])))


def test_the_encoders_and_crops_of_wrapped_data_sets_are_seen():
    loader = wrapped(loader_with(target()), loader_with(target(sigma=1.5)), crops(use_udp=True))
    assert [encoder.sigma for encoder in find_encoders(loader)] == [2, 1.5]
    runner, warnings = runner_with(loader, KeyPosS(**SETTINGS))
    checked_hook().before_train(runner)
    assert [('sigma=1.5' in each, 'use_udp=True' in each) for each in warnings] == [
        (False, True),
        (True, False),
    ]
    loader = wrapped(loader_with(target()), loader_with(target(heatmap_size=(8, 8))))
    with pytest.raises(ValueError, match=r'encodes with heatmap_size=\(8, 8\)'):
        checked_hook().before_train(runner_with(loader, KeyPosS(**SETTINGS))[0])


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


class OwnUDPHeatmap(UDPHeatmap):
    """A user's subclass."""


@pytest.mark.parametrize('kind', [UDPHeatmap, OwnUDPHeatmap])
def test_the_alignment_of_mmposes_codecs_is_known(kind):
    stock, msra = kind(**SETTINGS), MSRAHeatmap(**SETTINGS)
    assert describe_differences(stock, KeyPosS(**SETTINGS, alignment='udp')) is None
    assert describe_differences(msra, KeyPosS(**SETTINGS)) is None
    for pair in ((stock, KeyPosS(**SETTINGS)), (KeyPosS(**SETTINGS, alignment='udp'), msra)):
        assert 'alignment=udp in training and msra in decoding' in describe_differences(*pair)


def test_codecs_whose_sigma_is_an_array_are_compared():
    one, other = (SimCCLabel((256, 256), sigma=sigma) for sigma in (6.0, (6.0, 5.0)))
    assert describe_differences(one, SimCCLabel((256, 256), sigma=6.0)) is None
    message = describe_differences(one, other)
    assert 'sigma=(6.0, 6.0) in training and (6.0, 5.0) in decoding' in message
    assert describe_differences(one, None) is None


def crops(use_udp):
    affine = dict(type='TopdownAffine', input_size=(256, 256), use_udp=use_udp)
    return loader_with(dict(type='RandomFlip', direction='horizontal'), affine)


@pytest.mark.parametrize('decoder', [KeyPosS(**SETTINGS), GaussianVector(**SETTINGS)])
def test_crops_that_mmpose_places_elsewhere_are_named_with_the_remedy(decoder):
    name = type(decoder).__name__
    message = describe_crops(crops(use_udp=True), decoder)
    assert f'{name} decodes up to one input px off' in message
    assert 'Set use_udp=False in every pipeline' in message


@pytest.mark.parametrize(
    'loader, decoder',
    [
        (crops(use_udp=False), KeyPosS(**SETTINGS)),
        (crops(use_udp=True), UDPHeatmap(**SETTINGS)),
        (crops(use_udp=True), None),
        (SimpleNamespace(dataset=[]), KeyPosS(**SETTINGS)),
    ],
    ids=['usual crops', 'decoder of MMPose', 'no decoder', 'no pipeline'],
)
def test_crops_that_fit_need_no_words(loader, decoder):
    assert describe_crops(loader, decoder) is None


def test_of_crops_is_warned_once_whichever_loader_has_them():
    runner, warnings = runner_with(crops(use_udp=False), KeyPosS(**SETTINGS))
    runner.val_dataloader = runner.test_dataloader = crops(use_udp=True)
    hook = checked_hook()
    hook.before_train(runner)
    assert warnings == []
    for moment in (hook.before_val, hook.before_val, hook.before_test):
        moment(runner)
    (warning,) = warnings
    assert 'use_udp=True' in warning

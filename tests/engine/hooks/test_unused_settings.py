"""Variables of a config that have no effect are named, and no others."""

from pathlib import Path

import mmpose
import pytest
from mmengine.config import Config

import mmpose_multilat  # noqa: F401
from mmpose_multilat.codecs import KeyPosS
from mmpose_multilat.engine.hooks.unused_settings import describe_unused, unused_settings

ROOT = Path('configs/face_2d_keypoint')
OURS = sorted(ROOT.glob('**/*hm16.py')) + sorted(ROOT.glob('gaussian_vector/**/*.py'))
OURS += sorted(Path('projects').glob('**/configs/*.py')) + sorted(
    Path('projects/demo').glob('*.py')
)
STOCK = sorted((Path(mmpose.__file__).parent / '.mim/configs/face_2d_keypoint').glob('**/*.py'))
CONFIG = ROOT / 'popos/wflw/popos_hrnetv2-w18_4xb32-100e_wflw-256x256-hm8.py'
DECODER, ENCODER = 'model.head.decoder', 'train_dataloader.dataset.pipeline.5.encoder'


@pytest.mark.parametrize('path', [*OURS, *STOCK], ids=lambda path: path.stem)
def test_a_config_as_it_is_has_none(path):
    assert unused_settings(Config.fromfile(path)) == []


def warnings(**options):
    config = Config.fromfile(CONFIG)
    config.merge_from_dict({key.replace('__', '.'): value for key, value in options.items()})
    return unused_settings(config)


@pytest.mark.parametrize('change', [dict(codec__sigma=1.5), dict(codec__type='KeyPosS')])
def test_a_codec_that_was_copied_before(change):
    (warning,) = warnings(**change)
    assert '`codec` of the config has no effect' in warning
    assert f'What counts: {DECODER}, {ENCODER}.' in warning


def test_a_data_root_and_a_pipeline_that_were_copied_before():
    (warning,) = warnings(data_root='/faces/')
    assert '`data_root` of the config has no effect' in warning
    places = (f'{loader}_dataloader.dataset.data_root' for loader in ('train', 'val', 'test'))
    assert all(place in warning for place in places)
    (warning,) = warnings(train_pipeline=[dict(type='LoadImage')])
    assert '`train_pipeline` of the config' in warning
    assert 'train_dataloader.dataset.pipeline' in warning


@pytest.mark.parametrize(
    'change',
    [
        {f'{DECODER}.type': 'KeyPosS'},
        {f'{DECODER}.sigma': 1.5, f'{ENCODER}.sigma': 1.5},
        {f'{DECODER}.sigma': 1.5, f'{ENCODER}.sigma': 1.5, 'codec.sigma': 1.5},
        {'codec.input_size': [256, 256]},
        {'val_dataloader.dataset.data_root': 'a/', 'test_dataloader.dataset.data_root': 'b/'},
        {'train_dataloader.batch_size': 3},
    ],
)
def test_what_has_an_effect_is_not_named(change):
    config = Config.fromfile(CONFIG)
    config.merge_from_dict(change)
    assert unused_settings(config) == []


def test_a_variable_that_another_config_sets_again(tmp_path):
    path = tmp_path / 'mine.py'
    path.write_text(f"_base_ = '{CONFIG.absolute()}'\ncodec = dict(sigma=1.5)\n")
    (warning,) = unused_settings(Config.fromfile(path))
    assert '`codec` of the config has no effect' in warning


def test_a_config_without_its_file_says_nothing(tmp_path):
    path = tmp_path / 'mine.py'
    path.write_text(Config.fromfile(CONFIG).pretty_text)
    config = Config.fromfile(path)
    config.codec.sigma = 1.5
    assert unused_settings(config)
    assert unused_settings(Config(config.to_dict())) == []
    path.unlink()
    assert unused_settings(config) == []


def test_codecs_by_their_class():
    codec = dict(type=KeyPosS, input_size=(64, 64), heatmap_size=(16, 16))
    config = dict(codec=codec, model=dict(head=dict(decoder=dict(codec))))
    assert describe_unused(config, config) == []
    changed = dict(config, codec=dict(codec, sigma=1.5))
    (warning,) = describe_unused(changed, config)
    assert 'What counts: model.head.decoder.' in warning
    (warning,) = describe_unused(dict(codec=codec), dict(codec=codec))
    assert 'What counts' not in warning

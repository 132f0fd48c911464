"""Numbers that were changed after a config had copied them are named, and no others."""

from pathlib import Path

import pytest
from mmengine.config import Config

import mmpose_multilat  # noqa: F401
from mmpose_multilat.engine.hooks.copied_numbers import COPIED, describe_copied
from mmpose_multilat.engine.hooks.unused_settings import unused_settings

CONFIG = Path(
    'configs/face_2d_keypoint/popos/wflw/popos_hrnetv2-w18_4xb32-100e_wflw-256x256-hm8.py'
)
RHT = Path('configs/face_2d_keypoint/rht/wflw/rht-s_hrnetv2-w18_4xb32-100e_wflw-256x256-hm16.py')
DECODER = 'model.head.decoder'


def warnings(**options):
    config = Config.fromfile(CONFIG)
    config.merge_from_dict({key.replace('__', '.'): value for key, value in options.items()})
    return unused_settings(config)


@pytest.mark.parametrize('path', [CONFIG, RHT], ids=['popos', 'rht'])
def test_every_number_is_one_of_the_configs_and_stands_where_it_is_used(path):
    """Changing all of them alone names all that this algorithm has."""
    written = Config.fromfile(path)
    changed = Config.fromfile(path)
    changed.merge_from_dict({name: 1000 for name in COPIED if written.get(name.split('.')[0])})
    own = {'popos': {'sigma', 'scheme'}, 'rht-s': {'num_anchors'}}[path.stem.split('_')[0]]
    found = {warning.split('`')[1].split(' = ')[0] for warning in describe_copied(changed, written)}
    assert found == set(COPIED) - own


@pytest.mark.parametrize(
    ('text', 'place'),
    [
        ('batch_size = 16', 'train_dataloader.batch_size'),
        ('batch_size = 48', 'train_dataloader.batch_size'),
        ('num_landmarks = 21', 'model.head.out_channels'),
        ('heatmap = dict(heatmap_size=(16, 16))', f'{DECODER}.heatmap_size'),
        ('num_anchors = 5', f'{DECODER}.num_anchors'),
    ],
)
@pytest.mark.parametrize('depth', [1, 2])
def test_a_number_that_was_copied_before(text, place, depth, tmp_path):
    base, path = CONFIG.absolute(), tmp_path / 'mine.py'
    path.write_text(f'_base_ = {str(base)!r}\n{text}\n')
    if depth == 2:
        path, base = tmp_path / 'above.py', path
        path.write_text(f'_base_ = {str(base)!r}\n')
    (warning,) = unused_settings(Config.fromfile(path))
    assert f'`{text.partition(" ")[0]}' in warning and 'has no effect' in warning
    assert place in warning


def test_a_number_that_was_copied_before_the_command_line_changed_it():
    (warning,) = warnings(batch_size=16)
    assert '`batch_size = 16` of the config has no effect' in warning
    assert 'there 32 was copied. What counts: train_dataloader.batch_size' in warning
    assert warnings(batch_size=16, train_dataloader__batch_size=16) == []


@pytest.mark.parametrize(
    'text',
    [
        'batch_size = 16\ntrain_dataloader = dict(batch_size=batch_size)',
        'batch_size = 64\ntrain_dataloader = dict(batch_size=batch_size // 4)',
        'num_landmarks = 21\nmodel = dict(head=dict(out_channels=num_landmarks))',
        'num_landmarks = 98',
        'my_number = 3',
    ],
)
def test_a_number_that_is_used_is_not_named(text, tmp_path):
    path = tmp_path / 'mine.py'
    path.write_text(f'_base_ = {str(CONFIG.absolute())!r}\n{text}\n')
    assert unused_settings(Config.fromfile(path)) == []

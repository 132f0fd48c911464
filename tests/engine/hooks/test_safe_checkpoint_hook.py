"""The checkpoint hook that every config has: what it resumes from, refuses and says."""

import pytest
import torch
from mmengine.hooks import CheckpointHook
from mmengine.registry import HOOKS as MMENGINE_HOOKS
from mmpose.codecs import MSRAHeatmap
from mmpose.registry import HOOKS
from torch import nn
from training_samples import small_training

from mmpose_multilat.codecs import KeyPosS
from mmpose_multilat.engine import SafeCheckpointHook
from mmpose_multilat.engine.hooks import resuming

SETTINGS = dict(input_size=(64, 64), heatmap_size=(16, 16))


@pytest.fixture
def said(monkeypatch):
    """What runners are told, by level."""
    lines = dict(info=[], warning=[])

    def listen(runner):
        for level, messages in lines.items():
            monkeypatch.setattr(runner.logger, level, messages.append)
        return runner

    listen.lines = lines
    return listen


def test_it_takes_the_name_of_mmengines_hook_where_mmpose_looks_it_up():
    assert HOOKS.get('CheckpointHook') is HOOKS.get('SafeCheckpointHook') is SafeCheckpointHook
    assert HOOKS.get('mmengine.CheckpointHook') is CheckpointHook
    assert MMENGINE_HOOKS.get('CheckpointHook') is CheckpointHook


def hooks_of(runner):
    return [type(hook) for hook in runner.hooks if isinstance(hook, CheckpointHook)]


def test_a_runner_has_it_without_asking(tmp_path):
    runner = small_training(tmp_path, 1, without_hook=True)
    assert hooks_of(runner) == [SafeCheckpointHook]
    assert hooks_of(small_training(tmp_path, 1)) == [SafeCheckpointHook]


@pytest.mark.parametrize('pointer', [None, '', '/gone/epoch_9.pth', 'epoch_2.pth'])
def test_a_training_goes_on_from_the_newest_whole_checkpoint(tmp_path, said, pointer):
    small_training(tmp_path, 3).train()
    newest = tmp_path / 'epoch_3.pth'
    newest.write_bytes(newest.read_bytes()[:-1000])
    (tmp_path / 'last_checkpoint').unlink()
    if pointer is not None:
        (tmp_path / 'last_checkpoint').write_text(pointer)
    begun = []
    runner = said(small_training(tmp_path, 4, resume=True))
    runner.register_hook(dict(type='RuntimeInfoHook'))
    runner._hooks[-1].before_train_epoch = lambda runner: begun.append(runner.epoch)
    runner.train()
    assert begun == [2, 3]
    (reason,) = [each for each in said.lines['warning'] if 'resuming from' in each]
    assert 'epoch_2.pth, the newest whole checkpoint' in reason
    assert 'left out: epoch_3.pth (cut off' in reason
    assert torch.load(newest)['meta']['epoch'] == 3


def test_nothing_is_trained_from_the_beginning_where_checkpoints_are_broken(tmp_path):
    small_training(tmp_path, 1).train()
    (tmp_path / 'epoch_1.pth').write_bytes(b'half')
    runner = small_training(tmp_path, 2, resume=True)
    with pytest.raises(resuming.NothingToResumeError, match=r'epoch_1.pth \(cut off at 4 bytes'):
        runner.train()


def test_a_first_start_with_resume_trains_and_says_so(tmp_path, said):
    (tmp_path / 'last_checkpoint').touch()
    runner = said(small_training(tmp_path, 1, resume=True))
    runner.train()
    assert runner.epoch == 1
    assert any('training from the beginning' in each for each in said.lines['warning'])


def test_a_checkpoint_that_is_named_is_taken(tmp_path, said):
    small_training(tmp_path, 3).train()
    runner = said(small_training(tmp_path, 4, resume=True))
    runner._load_from = str(tmp_path / 'epoch_1.pth')
    runner.train()
    assert not any('newest' in each for level in said.lines.values() for each in level)


def test_checkpoints_in_another_folder_are_found(tmp_path):
    work, other = tmp_path / 'work', tmp_path / 'other'
    small_training(work, 2, out_dir=str(other)).train()
    assert (other / 'work' / 'epoch_2.pth').is_file()
    (work / 'last_checkpoint').unlink()
    (other / 'work' / 'epoch_2.pth').write_bytes(b'')
    runner = small_training(work, 3, resume=True, out_dir=str(other))
    runner.train()
    assert runner.epoch == 3 and runner._load_from == str(other / 'work' / 'epoch_1.pth')


def head_that_decodes(codec):
    """A model of which the hook sees the weights and the decoder."""
    model = nn.Module()
    model.linear, model.head = nn.Linear(2, 1), nn.Module()
    model.head.decoder = codec
    return model


def meet(hook, runner, codec, moment, text, resume=False):
    """Let the hook see a checkpoint with the text of a config, then a moment of a run."""
    runner.model, runner._resume = head_that_decodes(codec), resume
    hook.after_load_checkpoint(runner, dict(meta=dict(cfg=text), state_dict={}))
    getattr(hook, moment)(runner)


def config_text(**settings):
    return f'model = dict(head=dict(decoder={dict(type="POPoS", **SETTINGS, **settings)}))'


@pytest.mark.parametrize('moment', ['before_test', 'before_val', 'before_train'])
def test_a_decoder_that_differs_from_the_trained_codec_is_named(tmp_path, said, moment):
    runner, hook = said(small_training(tmp_path, 1)), SafeCheckpointHook()
    meet(hook, runner, KeyPosS(**SETTINGS, sigma=3), moment, config_text(sigma=1), resume=True)
    (warning,) = [each for each in said.lines['warning'] if 'codecs' in each]
    assert "codecs of the checkpoint's training and of the head differ: sigma=1.0 in" in warning
    assert 'and 3.0 in decoding' in warning
    getattr(hook, moment)(runner)
    assert len([each for each in said.lines['warning'] if 'codecs' in each]) == 1


@pytest.mark.parametrize(
    'codec, text',
    [
        (KeyPosS(**SETTINGS, sigma=1), config_text(sigma=1)),
        (MSRAHeatmap(**SETTINGS, sigma=1), config_text(sigma=1)),
        (None, config_text(sigma=1)),
        (KeyPosS(**SETTINGS), ''),
        (KeyPosS(**SETTINGS), 'model = broken('),
        (KeyPosS(**SETTINGS), None),
    ],
)
def test_where_nothing_differs_or_is_known_nothing_is_said(tmp_path, said, codec, text):
    runner = said(small_training(tmp_path, 1))
    meet(SafeCheckpointHook(), runner, codec, 'before_test', text)
    assert said.lines['warning'] == []


def test_weights_to_begin_with_may_come_from_any_training(tmp_path, said):
    runner, hook = said(small_training(tmp_path, 1)), SafeCheckpointHook()
    meet(hook, runner, KeyPosS(**SETTINGS, sigma=3), 'before_train', config_text(sigma=1))
    hook.before_val(runner)
    assert said.lines['warning'] == []


@pytest.mark.parametrize('moment', ['before_test', 'before_train'])
@pytest.mark.parametrize('value', [float('nan'), float('inf')])
def test_weights_that_are_not_finite_are_refused(tmp_path, moment, value):
    runner = small_training(tmp_path, 1)
    nn.init.constant_(runner.model.linear.weight, value)
    with pytest.raises(ValueError, match='weights: linear.weight are not finite'):
        getattr(SafeCheckpointHook(), moment)(runner)


def test_a_setting_without_effect_is_named_before_anything_begins(tmp_path, said):
    path = tmp_path / 'config.py'
    path.write_text(f'codec = {dict(type="POPoS", **SETTINGS)}')
    runner = said(small_training(tmp_path / 'work', 1))
    runner.cfg = type(runner.cfg).fromfile(path)
    SafeCheckpointHook().before_run(runner)
    (warning,) = said.lines['warning']
    assert '`codec` of the config has no effect' in warning


def test_the_old_setting_of_storage_is_refused():
    with pytest.raises(ValueError, match='use backend_args in place of file_client_args'):
        SafeCheckpointHook(file_client_args=dict(backend='disk'))

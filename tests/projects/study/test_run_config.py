"""The config of a run."""

from example_study import MODULE, ExampleRun
from mmengine.config import Config

from projects.study.run_config import ROOT, config_changes, config_text, merged

RUN = ExampleRun('red', 4, 3, 12)


def test_the_root_is_the_repository():
    assert (ROOT / 'projects' / 'study' / 'run_config.py').is_file()


def test_merged_joins_at_every_depth_and_the_first_holds():
    first = dict(a=dict(b=1, c=[1]), d=dict(_delete_=True, e=2))
    second = dict(a=dict(c=[2], f=3), d=dict(e=4), g=5)
    assert merged(first, second) == dict(a=dict(b=1, c=[1], f=3), d=dict(_delete_=True, e=2), g=5)
    assert first == dict(a=dict(b=1, c=[1]), d=dict(_delete_=True, e=2)), 'nothing is changed'
    assert second['a'] == dict(c=[2], f=3)


def test_the_schedule_joins_what_a_run_changes():
    changes = config_changes(RUN)
    assert list(changes)[:3] == ['model', 'train_dataloader', 'train_cfg']
    assert changes['train_dataloader'] == dict(dataset=dict(pipeline=['paint']), batch_size=32)
    assert changes['model']['loss'] == dict(_delete_=True, type='Loss')


def test_mmengine_reads_the_config(tmp_path):
    path = tmp_path / 'config.py'
    path.write_text(config_text(RUN, tmp_path / 'ytf68', tmp_path, MODULE))
    config = Config.fromfile(path)
    data = f'{tmp_path}/ytf68/'
    assert config.train_dataloader == dict(
        dataset=dict(pipeline=['paint'], data_root=data), batch_size=32
    )
    assert config.val_dataloader.dataset.data_root == data
    assert config.test_dataloader.dataset.data_root == data
    assert config.train_cfg == dict(by_epoch=True, max_epochs=12, val_interval=12)
    assert config.randomness.seed == 3
    assert config.model.colour == 'red'
    assert config.default_scope == 'mmpose', 'the base config is read, too'

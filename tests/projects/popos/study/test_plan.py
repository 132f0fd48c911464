"""The runs of the study, their order, and the configs that they train."""

from dataclasses import replace

import pytest
from mmengine.config import Config
from mmpose.registry import MODELS
from mmpose.utils import register_all_modules

from projects.popos.study.definition import LOSSES
from projects.popos.study.options import run_named
from projects.popos.study.plan import PARTS, LossRun, make_plan
from projects.popos.study.recipes import LABELS, LossSettings
from projects.study.options import SIZES
from projects.study.run_config import config_text


def test_the_default_plan_has_each_run_once():
    plan = make_plan(epochs=12)
    # 5 recipes, 3 sizes, 3 seeds; of 4 numbers of anchors and 4 weights one is the default.
    assert len(plan) == 5 * 3 * 3 + 3 + 3
    assert len({run.name for run in plan}) == len(set(plan)) == len(plan)


def test_names_tell_all_runs_apart():
    plan = make_plan(12, SIZES, (0, 1), PARTS, (16, 4), (0, 1))
    assert len({run.name for run in plan}) == len(plan)
    assert LossRun('mse_anchor', 16, 0, 12).name == 'mse_anchor_hm16_seed0'
    settings = LossSettings(num_anchors=25, coordinate_weight=0.01)
    name = 'all-num_anchors-25-coordinate_weight-0.01_hm4_seed2'
    assert LossRun('all', 4, 2, 12, settings).name == name


def test_complete_comparisons_come_first():
    order = [(run.recipe, run.size, run.seed) for run in make_plan(12, parts=['main'])]
    recipes = ['mse', 'mse_anchor', 'mse_coordinate', 'all', 'norm']
    assert order == [
        (recipe, size, seed) for seed in (0, 1, 2) for size in (4, 8, 16) for recipe in recipes
    ]


def test_ablations_follow_the_main_part():
    plan = make_plan(12)
    assert all(run.settings == LossSettings() for run in plan[:45])
    assert [run.settings.num_anchors for run in plan[45:48]] == [4, 25, 40]
    assert [run.settings.loss_weight for run in plan[48:]] == [1, 3, 10]


@pytest.mark.parametrize(
    'parts, sizes, names',
    [
        (['decoding'], [16, 4], ['mse_hm16_seed0', 'mse_anchor_hm16_seed0']),
        (['decoding'], [4], []),
        (
            ['norm'],
            [4],
            ['mse_anchor_hm16_seed0', 'mse_anchor-norm-squared_hm16_seed0'],
        ),
    ],
)
def test_parts(parts, sizes, names):
    assert [run.name for run in make_plan(12, sizes, [0], parts)] == names


def test_every_run_can_be_asked_for_by_its_name():
    plan = make_plan(12, SIZES, (0, 5), PARTS, SIZES, (0, 5))
    for run in plan[::7]:
        assert run_named(run.name, 12) == run


def changes(recipe, size=4, settings=LossSettings(), folder=None):  # noqa: B008
    """The config of a run, read as MMEngine reads it."""
    path = folder / 'config.py'
    run = LossRun(recipe, size, 3, 12, settings)
    path.write_text(config_text(run, folder / 'ytf68', folder, LOSSES.module))
    return Config.fromfile(path)


@pytest.mark.parametrize('recipe', LABELS)
def test_mmpose_builds_the_head_of_every_recipe(tmp_path, recipe):
    register_all_modules()
    config = changes(recipe, folder=tmp_path)
    head = MODELS.build(config.model.head)
    with_anchors, with_coordinates = recipe in ('mse_anchor', 'all'), 'coord' in recipe
    parts = getattr(head.loss_module, 'losses', [head.loss_module])
    names = ['KeypointMSELoss', 'MultilaterationAnchorLoss'][: 1 + with_anchors]
    names = ['HeatmapNormLoss'] if recipe == 'norm' else names
    assert [type(loss).__name__ for loss in parts] == names
    assert hasattr(head, 'coordinate_loss') == (with_coordinates or recipe == 'all')
    assert head.decoder.heatmap_size == (4, 4)


def test_the_schedule_and_the_data_are_the_same_for_all(tmp_path):
    wanted = ('train_cfg', 'optim_wrapper', 'param_scheduler', 'train_dataloader', 'randomness')
    configs = [changes(recipe, folder=tmp_path) for recipe in LABELS]
    for name in wanted:
        assert all(config[name] == configs[0][name] for config in configs)
    first = configs[0]
    assert first.train_cfg == dict(by_epoch=True, max_epochs=12, val_interval=12)
    warm_up, decay = first.param_scheduler
    assert (warm_up['end'], warm_up['by_epoch']) == (100, False)
    assert (decay['begin'], decay['end'], decay['by_epoch']) == (0, 12, True)
    rate = first.optim_wrapper.optimizer.lr
    assert (rate, rate * decay['end_factor']) == pytest.approx((2e-3, 1e-5))
    assert first.train_dataloader.batch_size == 32
    assert first.randomness.seed == 3
    assert first.model.backbone.init_cfg is None
    assert first.default_hooks.checkpoint.save_best is None
    for loop in ('train', 'val', 'test'):
        assert first[f'{loop}_dataloader'].dataset.data_root == f'{tmp_path}/ytf68/'


def test_settings_reach_the_losses(tmp_path):
    settings = LossSettings(25, 3.0, 'both', 'squared', 0.01, 'MPJPELoss')
    head = changes('all', 16, settings, tmp_path).model.head
    assert head.loss.losses[1] == dict(
        type='MultilaterationAnchorLoss',
        num_anchors=25,
        loss_weight=3.0,
        anchors_from='both',
        norm='squared',
    )
    assert (head.coordinate_loss.type, head.coordinate_loss.loss_weight) == ('MPJPELoss', 0.01)
    assert head.decoder == dict(
        type='KeyPosS', input_size=(256, 256), heatmap_size=(16, 16), sigma=2
    )


def test_settings_of_absent_losses_change_nothing(tmp_path):
    other = replace(LossSettings(), num_anchors=25, coordinate_weight=1.0)
    assert changes('mse', 4, other, tmp_path).model == changes('mse', folder=tmp_path).model

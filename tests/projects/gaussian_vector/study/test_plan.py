"""The runs of the study, their order, and the configs that they train."""

import json

import pytest
import torch
from mmengine.config import Config
from mmpose.registry import KEYPOINT_CODECS, MODELS
from mmpose.utils import register_all_modules

from mmpose_multilat.codecs import GaussianVector, TwoHot
from projects.gaussian_vector.study.definition import VECTORS
from projects.gaussian_vector.study.options import run_named
from projects.gaussian_vector.study.plan import VectorRun, make_plan, run_of
from projects.gaussian_vector.study.recipes import PARTS, Setting
from projects.popos.study.plan import LossRun
from projects.study import main
from projects.study.options import SIZES, build_parser
from projects.study.results import make_record
from projects.study.run_config import config_text

SEED_0 = [
    'heatmap_hm16_seed0',
    'paper_hm16_seed0',
    'unrounded_hm16_seed0',
    'paper-bandwidths-1_hm16_seed0',
    'paper-bandwidths-3_hm16_seed0',
    'paper-bandwidths-5_hm16_seed0',
    'paper-bandwidths-7_hm16_seed0',
    'paper-theta-0_hm16_seed0',
    'paper-theta-1_hm16_seed0',
    'paper-theta-2_hm16_seed0',
    'paper-theta-4_hm16_seed0',
    'paper-padding-0.9_hm16_seed0',
    'paper-padding-0.9-count_outside-0_hm16_seed0',
    'unrounded-padding-0.9_hm16_seed0',
    'unrounded-padding-0.9-count_outside-0_hm16_seed0',
    'heatmap-padding-0.9_hm16_seed0',
]


def names_of(*words):
    return [run.name for run in VECTORS.plan(build_parser(VECTORS).parse_args(words))]


def config_of(run, folder):
    """The config of a run, read as MMEngine reads it."""
    path = folder / 'config.py'
    path.write_text(config_text(run, folder / 'ytf68', folder, VECTORS.module))
    return Config.fromfile(path)


def named(name):
    return run_named(f'{name}_hm8_seed0', 12)


def paddings(config):
    """By loop: side of the crop in sides of the box."""
    found = {}
    for loop in ('train', 'val', 'test'):
        pipeline = config[f'{loop}_dataloader'].dataset.pipeline
        (crop,) = (each for each in pipeline if each['type'] == 'GetBBoxCenterScale')
        found[loop] = crop.get('padding', 1.25)
    return found


def encoder_of(config):
    pipeline = config.train_dataloader.dataset.pipeline
    (encoder,) = (each['encoder'] for each in pipeline if 'encoder' in each)
    return encoder


def test_the_default_plan_does_everything_with_one_seed_first():
    assert names_of() == [name.replace('seed0', f'seed{n}') for n in range(3) for name in SEED_0]


def test_options_choose_runs():
    words = ['--only', 'norm', '--sizes', '8', '16', '--seeds', '4']
    assert names_of(*words) == [
        f'{recipe}-norm_hm{size}_seed4' for size in (16, 8) for recipe in ('heatmap', 'unrounded')
    ]


def test_every_run_can_be_asked_for_by_its_name_and_is_read_back():
    plan = make_plan(12, SIZES, (0, 5), PARTS)
    assert len({run.name for run in plan}) == len(plan)
    for run in plan:
        assert run_named(run.name, 12) == run
        assert run_of(json.loads(json.dumps(make_record(run)))) == run


@pytest.mark.parametrize('name', ['paper_hm5_seed0', 'paper-theta-3_hm16_seed0', 'paper'])
def test_other_names_are_no_runs(capsys, name):
    assert run_named(name, 12) is None
    assert main.main(VECTORS, ['--list', '--runs', name]) == 2
    assert f'no run is called {name}' in capsys.readouterr().err


@pytest.mark.parametrize(
    'name, theta, rounded, refine, bandwidths, loss',
    [
        ('paper', 3, True, 'quarter', (3, 5), 'KeypointMSELoss'),
        ('paper-bandwidths-7', 3, True, 'quarter', (7,), 'KeypointMSELoss'),
        ('paper-theta-0', 0, True, 'quarter', (3, 5), 'KeypointMSELoss'),
        ('unrounded', 3, False, 'exact', (3, 5), 'KeypointMSELoss'),
        ('unrounded-norm', 3, False, 'exact', (3, 5), 'HeatmapNormLoss'),
    ],
)
def test_what_vectors_train(tmp_path, name, theta, rounded, refine, bandwidths, loss):
    register_all_modules()
    config = config_of(named(name), tmp_path)
    head = config.model.head
    assert (head.type, head.loss.type) == ('GaussianVectorHead', loss)
    assert tuple(head.band_pooling.bandwidths) == bandwidths
    assert encoder_of(config) == head.decoder
    codec = KEYPOINT_CODECS.build(head.decoder)
    assert isinstance(codec, GaussianVector) and codec.heatmap_size == (8, 8)
    assert (codec.theta, codec.rounded, codec.refine) == (theta, rounded, refine)
    assert paddings(config) == dict(train=1.25, val=1.25, test=1.25)


def test_the_network_puts_out_vectors(tmp_path):
    register_all_modules()
    model = MODELS.build(config_of(named('paper-bandwidths-1'), tmp_path).model).eval()
    with torch.no_grad():
        features = model.extract_feat(torch.rand(1, 3, 256, 256))
        x, y = model.head.forward(features)
        heatmaps = model.head.heatmaps(features)
    assert x.shape == y.shape == (1, 68, 8)
    torch.testing.assert_close((x, y), (heatmaps.mean(-2), heatmaps.mean(-1)))


def test_heatmaps_are_trained_as_in_the_other_study(tmp_path):
    register_all_modules()
    own = config_of(named('heatmap'), tmp_path)
    assert named('heatmap').same_training == LossRun('mse', 8, 0, 12)
    other = config_of(LossRun('mse', 8, 0, 12), tmp_path)
    decoder = KEYPOINT_CODECS.build(own.model.head.pop('decoder'))
    assert isinstance(decoder, TwoHot) and decoder.heatmap_size == (8, 8)
    other.model.head.pop('decoder')
    assert own.train_cfg.pop('val_interval') == 1
    assert other.train_cfg.pop('val_interval') == 12
    assert own.to_dict() == other.to_dict()


def test_bands_that_end_at_the_border(tmp_path):
    usual, changed = (
        config_of(named(f'paper-padding-0.9{each}'), tmp_path).model.head.band_pooling
        for each in ('', '-count_outside-0')
    )
    assert (usual.count_outside, changed.count_outside) == (True, False)
    assert usual.bandwidths == changed.bandwidths


@pytest.mark.parametrize('recipe', ['heatmap', 'paper', 'unrounded'])
def test_shrunk_boxes_change_nothing_but_the_crop(tmp_path, recipe):
    usual = config_of(named(recipe), tmp_path)
    shrunk = config_of(named(f'{recipe}-padding-0.9'), tmp_path)
    assert paddings(shrunk) == dict(train=0.9, val=0.9, test=0.9)
    for config in (usual, shrunk):
        for loop in ('train', 'val', 'test'):
            for transform in config[f'{loop}_dataloader'].dataset.pipeline:
                transform.pop('padding', None)
        for key in list(config):
            if key.endswith('pipeline') or key in ('augmentation', 'codec'):
                config.pop(key)  # names that the base configs leave behind
    assert shrunk.to_dict() == usual.to_dict()


def test_only_heatmaps_on_whole_boxes_have_a_twin_in_the_other_study():
    with_twin = {run.setting for run in make_plan(12, (16,), (0,), PARTS) if run.same_training}
    assert with_twin == {Setting('heatmap'), Setting('heatmap-norm')}
    assert VectorRun(Setting('heatmap-norm'), 4, 1, 3).same_training == LossRun('norm', 4, 1, 3)

"""The configs that the runs of the study train."""

from pathlib import Path

import pytest
from mmengine.config import Config
from mmpose.registry import HOOKS, KEYPOINT_CODECS, MODELS, TRANSFORMS
from mmpose.utils import register_all_modules

from mmpose_multilat.engine.hooks import check_heatmap_size
from projects.frontier.definition import FRONTIER
from projects.frontier.networks import NETWORKS
from projects.frontier.recipes import OPTIONS
from projects.frontier.run import FrontierRun
from projects.study.run_config import config_text

register_all_modules()

SMALLEST = 'px64_hm16_w1'


def config_of(folder, network=SMALLEST, *options):
    """The config of a run, read as MMEngine reads it."""
    run = FrontierRun(network, options, 0, 12)
    path = folder / 'config.py'
    path.write_text(config_text(run, Path('/faces/ytf68'), folder, FRONTIER.module))
    return Config.fromfile(path)


def loaders(config):
    return [config[f'{loop}_dataloader'] for loop in ('train', 'val', 'test')]


def step(pipeline, kind):
    (found,) = (each for each in pipeline if each.type == kind)
    return found


@pytest.mark.parametrize('name', NETWORKS)
def test_codecs_crops_and_network_agree(name, tmp_path):
    network, config = NETWORKS[name], config_of(tmp_path, name)
    codec = config.model.head.decoder
    assert tuple(codec.input_size) == (network.pixels,) * 2
    assert tuple(codec.heatmap_size) == (network.size,) * 2
    pipeline = config.train_dataloader.dataset.pipeline
    assert step(pipeline, 'GenerateTarget').encoder == codec
    for loader in loaders(config):
        crop = step(loader.dataset.pipeline, 'TopdownAffine')
        assert tuple(crop.input_size) == tuple(codec.input_size)
        assert loader.dataset.data_root == '/faces/ytf68/'
    check_heatmap_size(MODELS.build(config.model))


def test_the_plain_run_is_trained_as_the_other_studies_train(tmp_path):
    config = config_of(tmp_path)
    head = MODELS.build(config.model.head)
    assert type(head.loss_module).__name__ == 'HeatmapNormLoss'
    assert (head.decoder.sigma, head.decoder.alignment) == (1, 'msra')
    assert config.model.backbone.init_cfg is None
    assert config.model.test_cfg.flip_test is False
    assert config.train_dataloader.batch_size == 32
    assert config.optim_wrapper.optimizer == dict(type='Adam', lr=2e-3)
    assert (config.train_cfg.max_epochs, config.param_scheduler[0].end) == (12, 100)
    assert config.train_dataloader.dataset.ann_file.endswith('train_mesh.json')


@pytest.mark.parametrize('option', OPTIONS)
def test_an_option_changes_what_it_is_called_after_and_nothing_else(option, tmp_path):
    plain, other = (config_of(tmp_path, SMALLEST, *each).to_dict() for each in ((), (option,)))
    allowed = {
        'ema': {'custom_hooks'},
        'jitter': {'train_dataloader'},
        'coordinate': {'model'},
        'anchors40': {'model'},
    }.get(option, {'model', 'train_dataloader'})
    assert {key for key in plain if plain[key] != other[key]} == allowed
    MODELS.build(other['model'])


@pytest.mark.parametrize('sigma', [0.75, 1.5])
def test_sigma_is_that_of_all_codecs(sigma, tmp_path):
    config = config_of(tmp_path, SMALLEST, f'sigma{sigma:g}', 'coordinate')
    head = config.model.head
    encoder = step(config.train_dataloader.dataset.pipeline, 'GenerateTarget').encoder
    codecs = [KEYPOINT_CODECS.build(c) for c in (head.decoder, head.coordinate_decoder, encoder)]
    assert [codec.sigma for codec in codecs] == [sigma] * 3
    assert [type(codec).__name__ for codec in codecs] == ['GaussianMLE', 'KeyPosS', 'GaussianMLE']


def test_boxes_move_in_training_only(tmp_path):
    plain, jittered = (config_of(tmp_path, SMALLEST, *each) for each in ((), ('jitter',)))
    boxes = [
        TRANSFORMS.build(step(each.train_dataloader.dataset.pipeline, 'RandomBBoxTransform'))
        for each in (plain, jittered)
    ]
    assert [box.shift_prob for box in boxes] == [0, 1]
    assert [tuple(box.scale_factor) for box in boxes] == [(0.75, 1.25), (0.65, 1.35)]
    assert boxes[0].rotate_factor == boxes[1].rotate_factor
    assert plain.test_dataloader == jittered.test_dataloader


def test_averages_reach_over_about_an_epoch(tmp_path):
    plain, averaged = (config_of(tmp_path, SMALLEST, *each) for each in ((), ('ema',)))
    *others, hook = averaged.custom_hooks
    assert others == plain.custom_hooks
    HOOKS.build(hook)
    batches = 2578 / averaged.train_dataloader.batch_size
    assert 0.5 < 1 / hook.momentum / batches < 2
    # What is left of the first weights after the shortest training.
    assert (1 - hook.momentum) ** (12 * batches) < 1e-3


def test_losses_of_the_options(tmp_path):
    anchors = MODELS.build(config_of(tmp_path, SMALLEST, 'anchors40').model.head).loss_module
    assert [type(loss).__name__ for loss in anchors.losses] == [
        'HeatmapNormLoss',
        'MultilaterationAnchorLoss',
    ]
    assert anchors.losses[1].num_anchors == 40
    head = MODELS.build(config_of(tmp_path, SMALLEST, 'coordinate').model.head)
    assert type(head.loss_module).__name__ == 'HeatmapNormLoss'
    assert (head.coordinate_unit, tuple(head.eyes)) == ('ocular', (36, 45))

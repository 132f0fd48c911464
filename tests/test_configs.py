"""Every config: it loads, its model runs, and its facts are the papers' and MMPose's."""

import argparse
import re
from functools import cache
from pathlib import Path

import cv2
import mmpose
import numpy as np
import pytest
import torch
from mmengine import Config, DictAction
from mmengine.dataset import Compose
from mmengine.hub import get_config
from mmengine.optim import build_optim_wrapper
from mmengine.structures import InstanceData
from mmpose.datasets.datasets.utils import parse_pose_metainfo
from mmpose.registry import DATASETS, KEYPOINT_CODECS, MODELS, PARAM_SCHEDULERS, TRANSFORMS
from mmpose.structures import PoseDataSample
from mmpose.utils import register_all_modules
from torch import nn

import mmpose_multilat  # noqa: F401
from mmpose_multilat.engine.hooks import check_heatmap_size

register_all_modules()

ROOT = Path(__file__).parents[1] / 'configs'
CONFIGS = sorted(ROOT.glob('face_2d_keypoint/*/*/*.py'))
NAME = re.compile(
    r'(?P<algorithm>keyposs|popos)_hrnetv2-w18_4xb(?P<batch>\d+)-100e_'
    r'(?P<dataset>[a-z0-9-]+)-256x256-hm(?P<size>\d+)'
)
CODECS = {'keyposs': 'KeyPosS', 'popos': 'POPoS'}
BATCHES = {'keyposs': 64, 'popos': 32}
STRIDES = {64: 4, 32: 8, 16: 16, 8: 32, 4: 64}
HEAD_CHANNELS = {64: 270, 32: 270, 16: 270, 8: 126, 4: 54}
LANDMARKS = {'wflw': 98, '300w': 68, 'aflw': 19, 'cofw': 29, 'coco-wholebody-face': 68}

every_config = pytest.mark.parametrize('path', CONFIGS, ids=lambda path: path.stem)
# The facts of a data set or of a size do not depend on the rest of a config.
every_dataset = pytest.mark.parametrize(
    'path', [p for p in CONFIGS if p.stem.endswith('hm16')], ids=lambda path: path.stem
)


@cache
def load(path: Path) -> Config:
    """Load a config whose backbone downloads nothing; callers do not change it."""
    config = Config.fromfile(path)
    config.model.backbone.init_cfg = None
    return config


def facts(path: Path) -> dict:
    """Read algorithm, batch, data set and size of the heatmap from the name of a config."""
    found = NAME.fullmatch(path.stem)
    assert found is not None, f'{path.stem} does not follow the scheme of names'
    values = found.groupdict()
    return {**values, 'batch': int(values['batch']), 'size': int(values['size'])}


def stock_config(dataset: str) -> Config:
    """MMPose's own HRNetV2-W18 config for the same data."""
    batch = 32 if dataset == 'coco-wholebody-face' else 64
    return get_config(
        f'mmpose::face_2d_keypoint/topdown_heatmap/{dataset.replace("-", "_")}/'
        f'td-hm_hrnetv2-w18_8xb{batch}-60e_{dataset}-256x256.py'
    )


def without_pipeline(dataset: dict) -> dict:
    return {key: value for key, value in dataset.items() if key != 'pipeline'}


def face_sample(config: Config) -> PoseDataSample:
    """A face that fills the input, as the test pipeline packs it."""
    dataset = DATASETS.get(config.dataset_type)
    sample = PoseDataSample(
        metainfo=dict(
            flip_indices=parse_pose_metainfo(dataset.METAINFO)['flip_indices'],
            input_size=(256, 256),
            input_center=np.array([128.0, 128.0]),
            input_scale=np.array([256.0, 256.0]),
        )
    )
    sample.gt_instances = InstanceData(
        bboxes=np.array([[0.0, 0.0, 256.0, 256.0]]),
        bbox_scores=np.ones(1),
    )
    return sample


def test_there_are_fifty_configs_with_different_names():
    expected = {
        (algorithm, dataset, size)
        for algorithm in CODECS
        for dataset in LANDMARKS
        for size in STRIDES
    }
    found = [facts(path) for path in CONFIGS]
    assert len(CONFIGS) == len({path.name for path in CONFIGS}) == 50
    assert {(fact['algorithm'], fact['dataset'], fact['size']) for fact in found} == expected


def test_no_file_hides_a_description_of_data_in_mmpose():
    """MMPose looks for `configs/_base_/datasets/NAME.py` in the working directory first."""
    descriptions = Path(mmpose.__file__).parent / '.mim' / 'configs' / '_base_' / 'datasets'
    ours = {path.name for path in (ROOT / '_base_' / 'datasets').glob('*.py')}
    theirs = {path.name for path in descriptions.glob('*.py')}
    assert ours and theirs
    assert not ours & theirs


@every_config
def test_name_and_place_say_what_the_config_does(path):
    config, fact = load(path), facts(path)
    size, codec = fact['size'], config.model.head.decoder
    assert path.parent.parent.name == fact['algorithm']
    assert path.parent.name == fact['dataset'].replace('-', '_')
    assert codec.type == CODECS[fact['algorithm']]
    assert tuple(codec.heatmap_size) == (size, size)
    assert tuple(codec.input_size) == (256, 256)
    assert config.model.backbone.stride == STRIDES[size]
    assert config.model.head.in_channels == HEAD_CHANNELS[size]
    assert config.model.head.out_channels == LANDMARKS[fact['dataset']]
    assert config.train_dataloader.batch_size == fact['batch'] == BATCHES[fact['algorithm']]
    assert config.auto_scale_lr.base_batch_size == 4 * fact['batch']


@every_config
def test_encoder_is_the_decoder_and_fits_the_crop(path):
    config = load(path)
    pipeline = {step.type: step for step in config.train_dataloader.dataset.pipeline}
    assert pipeline['GenerateTarget'].encoder == config.model.head.decoder == config.codec
    crops = [
        step.input_size
        for loader in (config.train_dataloader, config.val_dataloader, config.test_dataloader)
        for step in loader.dataset.pipeline
        if step.type == 'TopdownAffine'
    ]
    assert [tuple(crop) for crop in crops] == [tuple(config.codec.input_size)] * 3


@every_config
def test_hooks_and_imports(path):
    config = load(path)
    assert config.custom_imports == dict(imports=['mmpose_multilat'], allow_failed_imports=False)
    assert dict(type='HeatmapSizeHook') in config.custom_hooks
    checkpoint = config.default_hooks.checkpoint
    assert (checkpoint.save_best, checkpoint.rule) == ('NME', 'less')


@every_config
def test_flip_test_is_off_where_it_spoils_much_of_the_heatmap(path):
    """MMPose's shift leaves the first column of the flipped heatmap: 1 of 8, 1 of 4."""
    assert load(path).model.test_cfg.flip_test == (facts(path)['size'] >= 16)


@every_config
def test_model_predicts_finite_landmarks_from_heatmaps_of_the_right_size(path):
    """The whole way of a test: flip test, heatmaps, decoder, input px to image px."""
    config, size = load(path), facts(path)['size']
    model_config = config.model.copy()
    model_config.test_cfg = dict(config.model.test_cfg, output_heatmaps=True)
    torch.manual_seed(0)
    model = MODELS.build(model_config)
    model.eval()
    with torch.no_grad():
        (result,) = model(torch.randn(1, 3, 256, 256), [face_sample(config)], mode='predict')
    landmarks = LANDMARKS[facts(path)['dataset']]
    assert tuple(result.pred_fields.heatmaps.shape) == (landmarks, size, size)
    assert result.pred_instances.keypoints.shape == (1, landmarks, 2)
    assert np.isfinite(result.pred_instances.keypoints).all()


@every_dataset
def test_training_pipeline_makes_targets_of_the_right_shape(path, tmp_path):
    """From a picture on disk to the heatmaps, through every transform of the config."""
    config, fact = load(path), facts(path)
    landmarks = LANDMARKS[fact['dataset']]
    cv2.imwrite(str(tmp_path / 'face.png'), np.full((200, 200, 3), 128, np.uint8))
    face = dict(
        img_path=str(tmp_path / 'face.png'),
        bbox=np.array([[20, 20, 180, 180]], np.float32),
        bbox_score=np.ones(1, np.float32),
        keypoints=np.random.default_rng(0).uniform(60, 140, (1, landmarks, 2)).astype(np.float32),
        keypoints_visible=np.ones((1, landmarks), np.float32),
        flip_indices=list(range(landmarks)),
        id=0,
        img_id=0,
    )
    steps = [TRANSFORMS.build(step) for step in config.train_dataloader.dataset.pipeline]
    packed = Compose(steps)(face)
    assert packed['inputs'].shape == (3, 256, 256)
    heatmaps = packed['data_samples'].gt_fields.heatmaps
    assert tuple(heatmaps.shape) == (landmarks, fact['size'], fact['size'])
    assert 0 < heatmaps.max() <= 1


@every_dataset
def test_data_and_metric_are_those_of_mmpose(path):
    config, stock = load(path), stock_config(facts(path)['dataset'])
    for loader in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        assert without_pipeline(config[loader].dataset) == without_pipeline(stock[loader].dataset)
        assert config[loader].sampler == stock[loader].sampler
    assert config.val_dataloader.dataset.pipeline == stock.val_dataloader.dataset.pipeline
    assert config.val_evaluator == stock.val_evaluator
    assert config.test_evaluator == stock.test_evaluator
    assert config.data_root == stock.data_root


@every_dataset
def test_augmentation_is_that_of_mmpose(path):
    """Its defaults written out: 60 % of the faces rotate, COCO-WholeBody boxes move by 16 %."""
    config, stock = load(path), stock_config(facts(path)['dataset'])
    ours, theirs = (c.train_dataloader.dataset.pipeline for c in (config, stock))
    assert [step.type for step in ours] == [step.type for step in theirs]
    for our_step, their_step in zip(ours, theirs):
        if our_step.type != 'GenerateTarget':
            our_transform, their_transform = map(TRANSFORMS.build, (our_step, their_step))
            assert repr(our_transform) == repr(their_transform)
    box = next(TRANSFORMS.build(step) for step in ours if step.type == 'RandomBBoxTransform')
    assert (box.rotate_factor, box.rotate_prob, tuple(box.scale_factor)) == (60, 0.6, (0.75, 1.25))


@every_dataset
def test_network_around_the_backbone_is_that_of_mmpose(path):
    config, stock = load(path), stock_config(facts(path)['dataset'])
    ours, theirs = (
        {k: v for k, v in c.model.items() if k not in ('backbone', 'head')} for c in (config, stock)
    )
    assert ours == theirs
    ours, theirs = (
        {k: v for k, v in c.model.head.items() if k != 'decoder'} for c in (config, stock)
    )
    assert ours == theirs
    stored = Config.fromfile(path).model.backbone.init_cfg
    assert stored == stock.model.backbone.init_cfg


@every_dataset
def test_number_of_landmarks_is_that_of_the_data(path):
    dataset = DATASETS.get(load(path).dataset_type)
    assert dataset.__module__.startswith('mmpose.datasets.datasets.face')
    assert (
        parse_pose_metainfo(dataset.METAINFO)['num_keypoints'] == LANDMARKS[facts(path)['dataset']]
    )


@pytest.mark.parametrize('size', sorted(STRIDES))
def test_popos_takes_25_anchors_at_32_and_10_elsewhere(size):
    name = f'popos/wflw/popos_hrnetv2-w18_4xb32-100e_wflw-256x256-hm{size}.py'
    codec = KEYPOINT_CODECS.build(load(ROOT / 'face_2d_keypoint' / name).codec)
    assert codec.num_anchors == (25 if size == 32 else 10)


def learning_rates(config: Config, batches_per_epoch: int) -> list:
    """The learning rate of the last batch of every epoch, as the runner would set it."""
    wrapper = build_optim_wrapper(nn.Linear(1, 1), config.optim_wrapper)
    schedulers = [
        PARAM_SCHEDULERS.build(dict(scheduler, optimizer=wrapper))
        for scheduler in config.param_scheduler
    ]
    rates = []
    for _ in range(config.train_cfg.max_epochs):
        for _ in range(batches_per_epoch):
            rate = wrapper.get_lr()['lr'][0]
            wrapper.optimizer.step()
            for scheduler in schedulers:
                if not scheduler.by_epoch:
                    scheduler.step()
        rates.append(rate)
        for scheduler in schedulers:
            if scheduler.by_epoch:
                scheduler.step()
    return rates


@every_dataset
def test_learning_rate_falls_linearly_to_1e_5_in_the_100th_epoch(path):
    config = load(path)
    assert config.optim_wrapper.optimizer == dict(type='Adam', lr=2e-3)
    assert config.train_cfg.max_epochs == 100
    rates = learning_rates(config, batches_per_epoch=50)
    assert rates[-1] == pytest.approx(1e-5)
    step = (2e-3 - 1e-5) / 99
    # The warm-up of 500 batches is over after ten epochs.
    assert rates[10:] == pytest.approx([2e-3 - step * epoch for epoch in range(10, 100)])


@every_dataset
def test_warm_up_starts_from_a_thousandth(path):
    config = load(path)
    warm_up = config.param_scheduler[0]
    assert (warm_up.start_factor, warm_up.by_epoch) == (0.001, False)
    assert warm_up.end == (5 if facts(path)['dataset'] == 'cofw' else 500)


def override(path: Path, *options: str) -> Config:
    """Apply options as ``--cfg-options`` of the training tool does."""
    parser = argparse.ArgumentParser()
    parser.add_argument('--cfg-options', nargs='+', action=DictAction)
    config = Config.fromfile(path)
    config.merge_from_dict(parser.parse_args(['--cfg-options', *options]).cfg_options)
    return config


SMALLEST = next(path for path in CONFIGS if path.stem.endswith('hm4'))


def test_weights_can_be_switched_off_on_the_command_line():
    config = override(SMALLEST, 'model.backbone.init_cfg=None')
    assert config.model.backbone.init_cfg is None
    MODELS.build(config.model).init_weights()


@pytest.mark.parametrize(
    ('algorithm', 'options'),
    [
        ('keyposs', ['type=POPoS']),
        ('popos', ['_delete_=True', 'type=KeyPosS', 'input_size=256,256', 'heatmap_size=4,4']),
    ],
)
def test_decoder_can_be_exchanged_on_the_command_line(algorithm, options):
    (path,) = (p for p in CONFIGS if p.stem.startswith(algorithm) and 'wflw-256x256-hm4' in p.stem)
    settings = [f'model.head.decoder.{option}' for option in options]
    config = override(path, 'model.backbone.init_cfg=None', *settings)
    model = MODELS.build(config.model)
    check_heatmap_size(model)
    assert {type(model.head.decoder).__name__} == set(CODECS.values()) - {CODECS[algorithm]}


def test_sigma_is_changed_for_encoder_and_decoder():
    """The place of the encoder in the pipeline is the one that README.md names."""
    sigma = 'model.head.decoder.sigma=1.5', 'train_dataloader.dataset.pipeline.5.encoder.sigma=1.5'
    config = override(SMALLEST, *sigma)
    assert config.train_dataloader.dataset.pipeline[5].encoder == config.model.head.decoder
    assert KEYPOINT_CODECS.build(config.model.head.decoder).sigma == 1.5


def test_half_changed_heatmap_size_is_refused():
    config = override(
        SMALLEST, 'model.backbone.init_cfg=None', 'model.head.decoder.heatmap_size=8,8'
    )
    with pytest.raises(ValueError, match='heatmaps of 4x4 cells'):
        check_heatmap_size(MODELS.build(config.model))

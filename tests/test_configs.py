"""Every config: it loads, its model runs, and its facts are the papers' and MMPose's."""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import mmpose
import numpy as np
import pytest
import torch
from mmengine import Config
from mmengine.hub import get_config
from mmengine.optim import build_optim_wrapper
from mmengine.structures import InstanceData
from mmpose.datasets.datasets.utils import parse_pose_metainfo
from mmpose.registry import DATASETS, KEYPOINT_CODECS, METRICS, MODELS, PARAM_SCHEDULERS, TRANSFORMS
from mmpose.structures import PoseDataSample
from mmpose.utils import register_all_modules
from shipped_configs import CONFIGS as SHIPPED
from shipped_configs import ROOT, override
from torch import nn

import mmpose_multilat  # noqa: F401
from mmpose_multilat.engine.hooks import check_heatmap_size

register_all_modules()

# These have other networks: tests/test_gaussian_vector_configs.py, test_lcgcn_configs.py,
# test_mobilenetv2_configs.py and test_rht_configs.py.
OTHERS = ('gaussian_vector', 'lcgcn', 'rht')
CONFIGS = [
    path
    for path in SHIPPED
    if path.parent.parent.name not in OTHERS and '_mobilenetv2_' not in path.stem
]
NAME = re.compile(
    r'(?P<algorithm>[a-z-]+)_hrnetv2-w18_4xb(?P<batch>\d+)-100e_'
    r'(?P<dataset>[a-z0-9-]+)-256x256-hm(?P<size>\d+)'
)
STRIDES = {64: 4, 32: 8, 16: 16, 8: 32, 4: 64}
HEAD_CHANNELS = {64: 270, 32: 270, 16: 270, 8: 126, 4: 54}
LANDMARKS = {'wflw': 98, '300w': 68, 'aflw': 19, 'cofw': 29, 'coco-wholebody-face': 68}


class Algorithm(NamedTuple):
    """What all configs whose names begin alike have in common."""

    folder: str
    codec: str
    batch: int
    losses: tuple[str, ...]
    datasets: tuple[str, ...] = tuple(LANDMARKS)


MSE, ANCHOR, COORDINATE = 'KeypointMSELoss', 'MultilaterationAnchorLoss', 'SmoothL1Loss'
NORM = 'HeatmapNormLoss'
ALGORITHMS = {
    'multilat': Algorithm('multilat', 'GaussianMLE', 32, (NORM,)),
    'keyposs': Algorithm('keyposs', 'KeyPosS', 64, (MSE,)),
    'keyposs-coordinate': Algorithm('keyposs', 'KeyPosS', 64, (MSE, COORDINATE), ('wflw', '300w')),
    'popos': Algorithm('popos', 'POPoS', 32, (MSE, ANCHOR)),
    'popos-coordinate': Algorithm(
        'popos', 'POPoS', 32, (MSE, ANCHOR, COORDINATE), ('wflw', '300w')
    ),
}

# Of the head, what is no loss and no codec.
NETWORK = (
    'in_channels',
    'out_channels',
    'deconv_out_channels',
    'conv_out_channels',
    'conv_kernel_sizes',
)

every_config = pytest.mark.parametrize('path', CONFIGS, ids=lambda path: path.stem)
# The facts of a data set or of a size do not depend on the rest of a config.
every_dataset = pytest.mark.parametrize(
    'path', [p for p in CONFIGS if p.stem.endswith('hm16')], ids=lambda path: path.stem
)
# Networks and decoders of an algorithm and a size differ in the number of landmarks only.
every_model = pytest.mark.parametrize(
    'path',
    [p for p in CONFIGS if p.parent.name == '300w' or p.stem.endswith('hm4')],
    ids=lambda path: path.stem,
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


def test_every_algorithm_has_a_config_for_its_data_sets_and_all_sizes():
    expected = {
        (algorithm, dataset, size)
        for algorithm, facts_of_all in ALGORITHMS.items()
        for dataset in facts_of_all.datasets
        for size in STRIDES
    }
    found = [facts(path) for path in CONFIGS]
    assert len(CONFIGS) == len({path.name for path in CONFIGS}) == len(expected)
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
    algorithm = ALGORITHMS[fact['algorithm']]
    assert path.parent.parent.name == algorithm.folder
    assert path.parent.name == fact['dataset'].replace('-', '_')
    assert codec.type == algorithm.codec
    assert tuple(codec.heatmap_size) == (size, size)
    assert tuple(codec.input_size) == (256, 256)
    assert config.model.backbone.stride == STRIDES[size]
    assert config.model.head.in_channels == HEAD_CHANNELS[size]
    assert config.model.head.out_channels == LANDMARKS[fact['dataset']]
    assert config.train_dataloader.batch_size == fact['batch'] == algorithm.batch
    assert config.auto_scale_lr.base_batch_size == 4 * fact['batch']


@every_config
def test_losses_are_those_of_the_algorithm(path):
    config = load(path)
    head = MODELS.build(config.model.head)
    losses = list(getattr(head.loss_module, 'losses', [head.loss_module]))
    losses += [head.coordinate_loss] if hasattr(head, 'coordinate_loss') else []
    expected = ALGORITHMS[facts(path)['algorithm']].losses
    assert tuple(type(loss).__name__ for loss in losses) == expected
    assert all(loss.use_target_weight for loss in losses)
    if ANCHOR in expected:
        anchor = losses[expected.index(ANCHOR)]
        assert (anchor.num_anchors, anchor.loss_weight) == (config.codec.num_anchors, 6)
        assert (anchor.anchors_from, anchor.norm) == ('target', 'l2')
    if COORDINATE in expected:
        assert type(head.coordinate_decoder).__name__ == 'KeyPosS'
        assert losses[-1].loss_weight == 0.001


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
    assert checkpoint.type == 'SafeCheckpointHook'
    assert (checkpoint.save_best, checkpoint.rule) == ('auto', 'less')


@every_config
def test_flip_test_averages_landmarks(path):
    model = load(path).model
    assert model.type == 'MultilaterationPoseEstimator'
    assert model.test_cfg == dict(flip_test=True, flip_mode='coordinates')


@every_model
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
def test_data_are_those_of_mmpose(path):
    config, stock = load(path), stock_config(facts(path)['dataset'])
    for loader in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        assert without_pipeline(config[loader].dataset) == without_pipeline(stock[loader].dataset)
        assert config[loader].sampler == stock[loader].sampler
    assert config.val_dataloader.dataset.pipeline == stock.val_dataloader.dataset.pipeline
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
        {k: v for k, v in c.model.items() if k in ('data_preprocessor', 'neck')}
        for c in (config, stock)
    )
    assert ours == theirs
    ours, theirs = (
        {k: v for k, v in c.model.head.items() if k in NETWORK} for c in (config, stock)
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


SMALLEST = next(path for path in CONFIGS if path.stem.endswith('hm4'))


@pytest.mark.parametrize(
    ('algorithm', 'options'),
    [
        ('keyposs', ['type=POPoS']),
        ('popos', ['_delete_=True', 'type=KeyPosS', 'input_size=256,256', 'heatmap_size=4,4']),
    ],
)
def test_decoder_can_be_exchanged_on_the_command_line(algorithm, options):
    (path,) = (
        p for p in CONFIGS if p.stem.startswith(f'{algorithm}_') and 'wflw-256x256-hm4' in p.stem
    )
    settings = [f'model.head.decoder.{option}' for option in options]
    config = override(path, 'model.backbone.init_cfg=None', *settings)
    model = MODELS.build(config.model)
    check_heatmap_size(model)
    other = {'keyposs': 'POPoS', 'popos': 'KeyPosS'}[algorithm]
    assert type(model.head.decoder).__name__ == other


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


NORMALISERS = {
    'wflw': ['ocular'],
    '300w': ['ocular', 'pupil'],
    'aflw': ['box_side', 'box_tight'],
    'cofw': ['ocular', 'pupil'],
    'coco-wholebody-face': ['ocular'],
}
SUBSETS = {
    'wflw': {'pose', 'expression', 'illumination', 'makeup', 'occlusion', 'blur'},
    '300w': {'common', 'challenging', 'indoor', 'outdoor'},
    'aflw': {'frontal'},
}


@every_dataset
def test_every_subset_is_tested_in_one_run(path):
    config, dataset = load(path), facts(path)['dataset']
    assert config.test_evaluator.type == config.val_evaluator.type == 'FaceAlignmentMetric'
    assert config.test_evaluator.normalisers == NORMALISERS[dataset]
    assert config.val_evaluator.normalisers == NORMALISERS[dataset][:1]
    assert set(config.test_evaluator.get('subsets', ())) == SUBSETS.get(dataset, set())
    for evaluator in (config.val_evaluator, config.test_evaluator):
        METRICS.build(evaluator)

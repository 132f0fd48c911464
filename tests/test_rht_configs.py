"""The configs of the Reference Heatmap Transformer: the paper's facts, and a run on its data."""

import math
from pathlib import Path

import pytest
import torch
from mmengine import Config
from mmengine.hub import get_config
from mmengine.runner import Runner
from mmpose.datasets.datasets.utils import parse_pose_metainfo
from mmpose.registry import DATASETS, MODELS, TRANSFORMS
from mmpose.utils import register_all_modules
from shipped_configs import ROOT as CONFIG_ROOT
from shipped_configs import set_sizes

import mmpose_multilat  # noqa: F401
from mmpose_multilat.datasets.synthetic import Request, write_data_sets
from mmpose_multilat.engine.hooks import check_heatmap_size
from mmpose_multilat.landmarks import DATASETS as FACE_DATASETS
from mmpose_multilat.landmarks import SCHEMES
from mmpose_multilat.models.layers import GuidedFeaturesNetwork

register_all_modules()

FOLDER = CONFIG_ROOT / 'face_2d_keypoint' / 'rht'
CONFIGS = sorted(FOLDER.glob('*/*.py'))
LANDMARKS = {'300w': 68, 'cofw': 29, 'aflw': 19, 'wflw': 98}
NETWORKS = {'res50': (512, 256, 8, 0), 'hrnet-w48': (48, 64, 1, 1)}
"""Channels of the backbone and of the encoder, heads, scale."""
FULL = 'rht_{}_8xb8-150e_{}-256x256-hm128'
SMALL = 'rht-s_hrnetv2-w18_4xb32-100e_{}-256x256-hm{}'
LOADERS = ('train_dataloader', 'val_dataloader', 'test_dataloader')

every_config = pytest.mark.parametrize('path', CONFIGS, ids=lambda path: path.stem)
every_full_config = pytest.mark.parametrize(
    'path', [path for path in CONFIGS if path.stem.startswith('rht_')], ids=lambda path: path.stem
)


def load(name: str, dataset: str) -> Config:
    return Config.fromfile(FOLDER / dataset / f'{name}.py')


def types(pipeline) -> list[str]:
    return [step.type for step in pipeline]


def test_two_networks_for_four_data_sets_and_a_small_one_for_two():
    expected = {FULL.format(network, dataset) for network in NETWORKS for dataset in LANDMARKS}
    expected |= {SMALL.format(dataset, size) for dataset in ('300w', 'wflw') for size in (32, 16)}
    assert {path.stem for path in CONFIGS} == expected and len(CONFIGS) == len(expected)
    every_name = [path.name for path in FOLDER.parent.glob('*/*/*.py')]
    assert len(every_name) == len(set(every_name))  # mim looks configs up by it


@every_config
def test_scheme_landmarks_and_sizes_agree_everywhere(path):
    config, dataset = Config.fromfile(path), path.parent.name
    head, scheme = config.model.head, FACE_DATASETS[dataset].scheme
    assert head.scheme == head.boundaries.scheme == scheme.name
    assert head.out_channels == scheme.num_landmarks == LANDMARKS[dataset]
    metainfo = parse_pose_metainfo(DATASETS.get(config.dataset_type).METAINFO)
    assert metainfo['num_keypoints'] == LANDMARKS[dataset]
    size = int(path.stem.rpartition('hm')[2])
    sizes = head.network.heatmap_size, head.decoder.heatmap_size, head.boundaries.heatmap_size
    assert {tuple(each) for each in sizes} == {(size, size)}
    assert head.sigma == head.decoder.sigma == head.boundaries.sigma
    assert head.preprocessor == config.model.data_preprocessor
    assert tuple(config.model.backbone.image_size) == tuple(head.network.image_size)


@every_config
def test_pipelines_encode_what_the_head_learns(path):
    config = Config.fromfile(path)
    steps = {step.type: step for step in config.train_dataloader.dataset.pipeline}
    assert types(config.train_dataloader.dataset.pipeline)[-4:] == [
        'GenerateTarget',
        'AddTarget',
        'AddReference',
        'PackPoseInputs',
    ]
    assert steps['GenerateTarget'].encoder == config.model.head.decoder == config.codec
    assert steps['AddTarget'].encoder == config.model.head.boundaries
    assert steps['AddReference'].reference == 'random'
    assert types(config.custom_hooks)[-2:] == ['ChannelsLastHook', 'ReferenceBankHook']
    assert dict(type='HeatmapSizeHook') in config.custom_hooks
    assert config.model.test_cfg == dict(flip_test=True, flip_mode='coordinates')


@every_full_config
def test_facts_are_those_of_the_paper(path):
    config, network = Config.fromfile(path), path.stem.split('_')[1]
    head = config.model.head
    assert tuple(head.network.channels) == (256, 128, 64)
    assert tuple(head.network.image_size) == tuple(head.network.heatmap_size) == (128, 128)
    in_channels, channels, heads, scale = NETWORKS[network]
    encoder = head.network.encoder
    assert (head.in_channels, head.network.feature_scale) == (in_channels, scale)
    assert (encoder.channels, encoder.heads, encoder.layers) == (channels, heads, 4)
    assert head.transformation_loss.loss_weight == 0.1
    assert config.optim_wrapper.optimizer == dict(type='Adam', lr=1e-4)
    (schedule,) = config.param_scheduler
    assert (schedule.type, schedule.eta_min, schedule.end) == ('CosineAnnealingLR', 1e-5, 150)
    assert config.train_cfg.max_epochs == 150 and config.train_dataloader.batch_size == 8
    pipeline = config.train_dataloader.dataset.pipeline
    assert pipeline[:-4] == config.rht_augmentation == config.augmentation


@every_full_config
def test_tests_look_for_the_most_correlated_training_face(path):
    config = Config.fromfile(path)
    validation, test = (config[name].dataset.pipeline for name in LOADERS[1:])
    assert 'AddReference' not in types(validation)
    *before, reference, pack = test
    assert [*before, pack] == validation
    assert reference.reference == 'correlated'
    train = config.train_dataloader.dataset
    for setting in ('type', 'data_root', 'ann_file', 'data_prefix'):
        assert reference.dataset[setting] == train[setting]
    TRANSFORMS.build(reference)


@pytest.mark.parametrize('dataset', ['300w', 'wflw'])
@pytest.mark.parametrize('size', [32, 16])
def test_small_one_is_trained_as_multilat_is(dataset, size):
    config = load(SMALL.format(dataset, size), dataset)
    name = f'multilat_hrnetv2-w18_4xb32-100e_{dataset}-256x256-hm{size}'
    other = Config.fromfile(FOLDER.parent / 'multilat' / dataset / f'{name}.py')
    assert config.model.backbone.backbone.stride == other.model.backbone.stride
    assert config.model.backbone.init_cfg == other.model.backbone.init_cfg
    assert config.model.backbone.neck == other.model.neck
    assert config.model.head.loss == other.model.head.loss
    assert config.codec.type == other.codec.type and config.codec.sigma == 1
    for setting in ('param_scheduler', 'train_cfg', 'auto_scale_lr'):
        assert config[setting] == other[setting]
    # The affine map is learned at the rate of RHT-R and RHT-H.
    slower = config.optim_wrapper.pop('paramwise_cfg').custom_keys
    assert config.optim_wrapper == other.optim_wrapper
    full = load(FULL.format('res50', dataset), dataset)
    rate = config.optim_wrapper.optimizer.lr * slower.localisation.lr_mult
    assert rate == pytest.approx(full.optim_wrapper.optimizer.lr)
    ours, theirs = (each.train_dataloader.dataset.pipeline for each in (config, other))
    assert ours[:-4] == theirs[:-2]


def test_backbones_are_those_of_mmpose():
    body = get_config(
        'mmpose::body_2d_keypoint/topdown_heatmap/coco/td-hm_hrnet-w48_8xb32-210e_coco-256x192.py'
    ).model.backbone.extra
    backbone = load(FULL.format('hrnet-w48', '300w'), '300w').model.backbone
    assert backbone.backbone.extra == body
    assert backbone.init_cfg.checkpoint == 'open-mmlab://msra/hrnetv2_w48'
    residual = load(FULL.format('res50', '300w'), '300w').model.backbone
    assert residual.init_cfg.checkpoint == 'torchvision://resnet50'


def test_maps_of_both_networks_have_the_size_of_their_scale():
    """On no device: the sizes that the paper gives, 32x32x256 and 64x64x64."""
    for network, (_, channels, _, scale) in NETWORKS.items():
        config = load(FULL.format(network, 'cofw'), 'cofw').model
        config.backbone.init_cfg = None
        with torch.device('meta'):
            backbone = MODELS.build(config.backbone)
            network = GuidedFeaturesNetwork(config.head.in_channels, 42, **config.head.network)
            semantic, images = backbone(torch.empty(1, 3, 256, 256))
            encoded = network.encoder(semantic)
        side = 32 << scale
        assert encoded.shape == (1, channels, side, side) and images.shape == (1, 3, 128, 128)


@pytest.fixture(scope='module')
def data(tmp_path_factory) -> Path:
    """Two synthetic faces to train and two to test."""
    root = tmp_path_factory.mktemp('rht')
    write_data_sets(list(LANDMARKS), str(root), Request(train=2, test=2, size=64))
    return root


def shrink(config: Config, data: Path, work_dir: Path) -> Config:
    """One epoch with crops of 64x64 px and random references in testing, without weights."""
    size = 32 if config.codec.heatmap_size[0] == 128 else config.codec.heatmap_size[0] // 4
    config.model.backbone.init_cfg = None
    set_sizes(config.model, (64, 64), (size, size))
    config.model.backbone.image_size = config.model.head.network.image_size = (64, 64)
    for name in LOADERS:
        loader = config[name]
        loader.update(batch_size=2, num_workers=0, persistent_workers=False)
        set_sizes(loader.dataset.pipeline, (64, 64), (size, size))
        loader.dataset.data_root = f'{data}/{loader.dataset.data_root.removeprefix("data/")}'
        for step in loader.dataset.pipeline:
            if step.type == 'AddReference' and 'dataset' in step:
                step.reference = 'random'
                step.dataset.data_root = loader.dataset.data_root
    config.train_cfg.max_epochs = 1
    config.default_hooks.checkpoint = None
    config.work_dir, config.experiment_name = str(work_dir), work_dir.name
    return config


@pytest.mark.parametrize(
    ('name', 'dataset'),
    [
        (FULL.format('res50', '300w'), '300w'),
        (FULL.format('hrnet-w48', 'cofw'), 'cofw'),
        (FULL.format('res50', 'aflw'), 'aflw'),
        (SMALL.format('wflw', 32), 'wflw'),
    ],
)
def test_train_and_test_on_every_data_set(name, dataset, data, tmp_path):
    config = shrink(load(name, dataset), data, tmp_path / f'rht_{dataset}')
    runner = Runner.from_cfg(config)
    runner.train()
    metrics = runner.test()
    assert metrics['faces'] == 2
    key = f'NME_{config.test_evaluator.normalisers[0]}'
    assert math.isfinite(metrics[key]) and metrics[key] > 0
    head = runner.model.head
    assert head.bank.is_filled and head.bank.name == SCHEMES[head.bank.name].name
    check_heatmap_size(runner.model)
    # Adam has a state for every parameter that has had a gradient; several GPUs ask for all.
    trained = runner.optim_wrapper.optimizer.state
    assert [name for name, value in runner.model.named_parameters() if value not in trained] == []


def test_readme_lists_every_config():
    text = (FOLDER / 'README.md').read_text(encoding='utf-8')
    for path in CONFIGS:
        assert f'[{path.stem}]({path.relative_to(FOLDER).as_posix()})' in text

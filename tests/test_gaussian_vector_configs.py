"""The configs of Gaussian Vector: the paper's facts, networks, data, a run on every data set."""

import math
import re
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine import Config
from mmengine.dataset import Compose
from mmengine.hub import get_config
from mmengine.runner import Runner
from mmengine.runner.checkpoint import get_external_models
from mmengine.structures import InstanceData
from mmpose.datasets.datasets.utils import parse_pose_metainfo
from mmpose.registry import DATASETS, METRICS, MODELS, TRANSFORMS
from mmpose.structures import PoseDataSample
from mmpose.utils import register_all_modules
from shipped_configs import set_sizes

import mmpose_multilat  # noqa: F401
from mmpose_multilat.datasets.synthetic import Request, write_data_sets
from mmpose_multilat.landmarks import DATASETS as FACE_DATASETS

register_all_modules()

ROOT = Path(__file__).parents[1] / 'configs' / 'face_2d_keypoint'
FOLDER = ROOT / 'gaussian_vector'
CONFIGS = sorted(FOLDER.glob('*/*.py'))
NETWORKS = ('res50', 'hrnetv2-w32')
NAME = 'gaussian-vector_{}_4xb32-100e_{}-256x256-hm64'
LANDMARKS = {'300w': 68, 'cofw': 29, 'wflw': 98, 'lapa': 106}
PADDING = {'300w': 1.0, 'cofw': 1.1, 'wflw': 1.25, 'lapa': 1.0}
NORMALISERS = {
    '300w': ['ocular', 'pupil'],
    'cofw': ['ocular', 'pupil'],
    'wflw': ['ocular'],
    'lapa': ['ocular', 'box_tight'],
}
STOCK = {
    **{
        name: f'topdown_heatmap/{name}/td-hm_hrnetv2-w18_8xb64-60e_{name}-256x256.py'
        for name in ('300w', 'cofw', 'wflw')
    },
    'lapa': 'rtmpose/lapa/rtmpose-m_8xb64-120e_lapa-256x256.py',
}
LOADERS = ('train_dataloader', 'val_dataloader', 'test_dataloader')
# What a run with a picture of 64x64 px changes.
SMALL = dict(input_size=(64, 64), heatmap_size=(16, 16))

every_config = pytest.mark.parametrize('path', CONFIGS, ids=lambda path: path.stem)
every_network = pytest.mark.parametrize('network', NETWORKS)
every_dataset = pytest.mark.parametrize('dataset', LANDMARKS)


def load(dataset: str, network: str = 'res50') -> Config:
    return Config.fromfile(FOLDER / dataset / f'{NAME.format(network, dataset)}.py')


def stock_config(path: str) -> Config:
    """MMPose's own config."""
    return get_config(f'mmpose::{path}')


def build(config: Config) -> torch.nn.Module:
    """The model with random weights."""
    torch.manual_seed(0)
    config.model.backbone.init_cfg = None
    model = MODELS.build(config.model)
    model.init_weights()
    return model


def test_two_networks_for_four_data_sets():
    expected = {NAME.format(network, dataset) for network in NETWORKS for dataset in LANDMARKS}
    assert {path.stem for path in CONFIGS} == expected and len(CONFIGS) == len(expected)
    every_name = [path.name for path in ROOT.glob('*/*/*.py')]
    assert len(every_name) == len(set(every_name))  # mim looks configs up by it


@every_config
def test_facts_are_those_of_the_paper(path):
    config, dataset = Config.fromfile(path), path.parent.name
    codec, head = config.codec, config.model.head
    assert (codec.type, codec.sigma, codec.theta) == ('GaussianVector', 2, 3)
    assert (codec.input_size, codec.heatmap_size) == ((256, 256), (64, 64))
    assert head.band_pooling == dict(bandwidths=(3, 5), weights=(0.5, 0.5))
    assert head.loss == dict(type='KeypointMSELoss', use_target_weight=True)
    assert head.out_channels == LANDMARKS[dataset]
    assert config.optim_wrapper.optimizer.type == 'Adam'
    assert config.train_dataloader.batch_size == 32
    assert config.auto_scale_lr.base_batch_size == 128
    assert config.train_cfg.max_epochs == 100
    # A warm-up of 500 batches would be half of the training on the 1345 faces of COFW.
    assert config.param_scheduler[0].end == (5 if dataset == 'cofw' else 500)


@every_config
def test_decoder_flip_test_hooks_and_imports(path):
    config = Config.fromfile(path)
    steps = {step.type: step for step in config.train_dataloader.dataset.pipeline}
    assert steps['GenerateTarget'].encoder == config.model.head.decoder == config.codec
    assert config.model.type == 'MultilaterationPoseEstimator'
    assert config.model.test_cfg == dict(flip_test=True, flip_mode='coordinates')
    assert config.custom_imports == dict(imports=['mmpose_multilat'], allow_failed_imports=False)
    assert dict(type='HeatmapSizeHook') in config.custom_hooks


@every_config
def test_augmentation_is_that_of_section_4_3(path):
    steps = Config.fromfile(path).train_dataloader.dataset.pipeline
    flip, box, crop, occlusion = map(TRANSFORMS.build, steps[2:6])
    assert [step.type for step in steps] == [
        'LoadImage',
        'GetBBoxCenterScale',
        'RandomFlip',
        'RandomBBoxTransform',
        'TopdownAffine',
        'RandomOcclusion',
        'GenerateTarget',
        'PackPoseInputs',
    ]
    assert (flip.prob, flip.direction) == (0.5, 'horizontal')
    assert (box.rotate_factor, box.rotate_prob, box.shift_prob) == (30, 0.5, 0)
    assert (box.scale_factor, box.scale_prob) == ((0.75, 1.25), 1)
    assert crop.input_size == (256, 256) and not crop.use_udp
    assert occlusion.prob == 0.5


def draw_face(folder: Path, landmarks: int) -> dict:
    """What a data set gives for a face whose box is 100 px wide and 160 px high."""
    cv2.imwrite(str(folder / 'face.png'), np.full((300, 300, 3), 128, np.uint8))
    random = np.random.default_rng(0)
    return dict(
        img_path=str(folder / 'face.png'),
        bbox=np.array([[100, 70, 200, 230]], np.float32),
        bbox_score=np.ones(1, np.float32),
        keypoints=random.uniform(110, 190, (1, landmarks, 2)).astype(np.float32),
        keypoints_visible=np.ones((1, landmarks), np.float32),
        flip_indices=list(range(landmarks)),
        id=0,
        img_id=0,
    )


@every_config
def test_crop_is_the_longer_side_of_the_box_enlarged_as_in_the_paper(path, tmp_path):
    config, dataset = Config.fromfile(path), path.parent.name
    face = draw_face(tmp_path, LANDMARKS[dataset])
    for loader in ('val_dataloader', 'test_dataloader'):
        steps = [TRANSFORMS.build(step) for step in config[loader].dataset.pipeline]
        packed = Compose(steps)(dict(face))['data_samples'].metainfo
        side = 160 * PADDING[dataset]
        np.testing.assert_allclose(packed['input_scale'], [side, side], rtol=1e-6)
        np.testing.assert_allclose(packed['input_center'], [150, 150])
    assert config.train_dataloader.dataset.pipeline[1].padding == PADDING[dataset]


@every_dataset
def test_data_are_those_of_mmpose(dataset):
    config, stock = load(dataset), stock_config(f'face_2d_keypoint/{STOCK[dataset]}')
    for loader in LOADERS:
        ours, theirs = (
            {key: value for key, value in each[loader].dataset.items() if key != 'pipeline'}
            for each in (config, stock)
        )
        assert ours == theirs
    metainfo = parse_pose_metainfo(DATASETS.get(config.dataset_type).METAINFO)
    assert metainfo['num_keypoints'] == LANDMARKS[dataset]


@every_dataset
def test_metric(dataset):
    config = load(dataset)
    assert config.val_evaluator.type == config.test_evaluator.type == 'FaceAlignmentMetric'
    assert config.val_evaluator.normalisers == ['ocular']
    assert config.test_evaluator.normalisers == NORMALISERS[dataset]
    for evaluator in (config.val_evaluator, config.test_evaluator):
        METRICS.build(evaluator)


def test_hrnet_is_that_of_mmpose():
    """Stages are those of its W32 for bodies, what makes them V2 that of its W18 for faces."""
    backbone = load('300w', 'hrnetv2-w32').model.backbone
    body = stock_config(
        'body_2d_keypoint/topdown_heatmap/coco/td-hm_hrnet-w32_8xb64-210e_coco-256x192.py'
    ).model.backbone.extra
    face = stock_config(f'face_2d_keypoint/{STOCK["300w"]}').model.backbone.extra
    assert backbone.extra == dict(
        body,
        stage4=dict(body.stage4, multiscale_output=face.stage4.multiscale_output),
        upsample=face.upsample,
    )


def test_pretrained_weights_are_those_of_mmpose_and_known_to_mmengine():
    stock = stock_config(
        'face_2d_keypoint/topdown_heatmap/coco_wholebody_face/'
        'td-hm_res50_8xb32-60e_coco-wholebody-face-256x256.py'
    )
    assert load('wflw').model.backbone.init_cfg == stock.model.backbone.init_cfg
    weights = load('wflw', 'hrnetv2-w32').model.backbone.init_cfg
    assert weights.type == 'Pretrained'
    assert weights.checkpoint.replace('open-mmlab://', '') in get_external_models()


@every_network
def test_model_of_full_size_predicts_landmarks(network):
    """The whole way of a test: flip test, heatmaps, vectors, decoder, input px to image px."""
    config = load('cofw', network)
    config.model.test_cfg.output_heatmaps = True
    model = build(config).eval()
    sample = PoseDataSample(
        metainfo=dict(
            flip_indices=parse_pose_metainfo(DATASETS.get('COFWDataset').METAINFO)['flip_indices'],
            input_size=(256, 256),
            input_center=np.array([128.0, 128.0]),
            input_scale=np.array([256.0, 256.0]),
        )
    )
    sample.gt_instances = InstanceData(bboxes=np.zeros((1, 4)), bbox_scores=np.ones(1))
    with torch.no_grad():
        (result,) = model(torch.randn(1, 3, 256, 256), [sample], mode='predict')
    assert tuple(result.pred_fields.heatmaps.shape) == (29, 64, 64)
    assert result.pred_instances.keypoints.shape == (1, 29, 2)
    assert np.isfinite(result.pred_instances.keypoints).all()
    # Without pretrained weights the responses are small, but not so small that nothing is learnt.
    assert result.pred_fields.heatmaps.abs().max() > 1e-3


def shrink(config: Config, work_dir: Path) -> Config:
    """One epoch on pictures of 64x64 px, without files of weights."""
    config.model.backbone.init_cfg = None
    set_sizes(config.model, **SMALL)
    for loader in LOADERS:
        config[loader].update(batch_size=2, num_workers=0, persistent_workers=False)
        set_sizes(config[loader].dataset.pipeline, **SMALL)
    config.train_cfg.max_epochs = 1
    config.default_hooks.checkpoint = None
    config.work_dir, config.experiment_name = str(work_dir), work_dir.name
    return config


@pytest.fixture(scope='module')
def data(tmp_path_factory) -> Path:
    """Two synthetic faces to train and two to test."""
    root = tmp_path_factory.mktemp('gaussian_vector')
    write_data_sets(list(LANDMARKS), str(root), Request(train=2, test=2, size=64))
    return root


@pytest.mark.parametrize(
    ('dataset', 'network'),
    [('300w', 'res50'), ('cofw', 'hrnetv2-w32'), ('wflw', 'res50'), ('lapa', 'hrnetv2-w32')],
)
def test_train_and_test_on_every_data_set(dataset, network, data, tmp_path):
    config = shrink(load(dataset, network), tmp_path / f'gaussian-vector_{dataset}')
    for loader in LOADERS:
        config[loader].dataset.data_root = f'{data}/{FACE_DATASETS[dataset].folder}/'
    runner = Runner.from_cfg(config)
    runner.train()
    metrics = runner.test()
    assert metrics['faces'] == 2
    for normaliser in NORMALISERS[dataset]:
        assert math.isfinite(metrics[f'NME_{normaliser}']) and metrics[f'NME_{normaliser}'] > 0
    # Adam has a state for every parameter that has had a gradient. What has had none is left out
    # on purpose, and several GPUs have to be told.
    trained = runner.optim_wrapper.optimizer.state
    unused = {name for name, value in runner.model.named_parameters() if value not in trained}
    assert unused == {
        f'neck.fpn_convs.{level}.conv.{name}' for level in (1, 2, 3) for name in ('weight', 'bias')
    }
    assert config.find_unused_parameters is True


def test_readme_lists_every_config():
    text = (FOLDER / 'README.md').read_text(encoding='utf-8')
    for path in CONFIGS:
        assert f'[{path.stem}]({path.relative_to(FOLDER).as_posix()})' in text


def test_config_for_jd_landmark_in_the_readme(tmp_path):
    """It reads the files that `prepare_data jd_landmark` writes."""
    text = (FOLDER / 'README.md').read_text(encoding='utf-8')
    (block,) = re.findall(r'```python\n(.*?)```', text, re.DOTALL)
    path = tmp_path / 'jd_landmark.py'
    path.write_text(block.replace("'configs/", f"'{ROOT.parent.as_posix()}/"), encoding='utf-8')
    config = Config.fromfile(path)
    for loader, part in zip(LOADERS, ('train', 'val', 'test')):
        dataset = config[loader].dataset
        assert dataset.type == 'LapaDataset'
        assert dataset.data_root == 'data/jd_landmark/'
        assert dataset.data_prefix == dict(img='images/')
        assert dataset.ann_file == f'annotations/jd_landmark_{part}.json'

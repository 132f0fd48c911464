"""The configs of the small networks: sizes that agree, landmarks, and what the page tells."""

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine import Config
from mmengine.structures import InstanceData
from mmpose.datasets.datasets.utils import parse_pose_metainfo
from mmpose.registry import DATASETS, MODELS
from mmpose.structures import PoseDataSample
from mmpose.utils import register_all_modules
from shipped_configs import CONFIGS as SHIPPED
from shipped_configs import ROOT

import mmpose_multilat  # noqa: F401
from mmpose_multilat.analysis import measure_complexity
from mmpose_multilat.engine.hooks import check_heatmap_size

register_all_modules()

FOLDER = ROOT / 'face_2d_keypoint' / 'multilat'
CONFIGS = [path for path in SHIPPED if '_mobilenetv2_' in path.stem]
NAME = re.compile(
    r'multilat_mobilenetv2_4xb32-100e_(?P<dataset>[a-z0-9-]+)-(?P<side>\d+)x(?P=side)-hm(?P<size>\d+)'
)
CELLS = {64: 16, 96: 24, 160: 20, 224: 28}
LANDMARKS = {'wflw': 98, '300w': 68, 'aflw': 19, 'cofw': 29, 'coco-wholebody-face': 68}

every_config = pytest.mark.parametrize('path', CONFIGS, ids=lambda path: path.stem)
# Networks of a dataset differ in the number of landmarks only.
every_model = pytest.mark.parametrize(
    'path', [path for path in CONFIGS if path.parent.name == 'wflw'], ids=lambda path: path.stem
)


@cache
def load(path: Path) -> Config:
    """Load a config whose backbone downloads nothing; callers do not change it."""
    config = Config.fromfile(path)
    config.model.backbone.init_cfg = None
    return config


def facts(path: Path) -> tuple[str, int, int]:
    """Dataset, side of the input and of the heatmap by the name of a config."""
    found = NAME.fullmatch(path.stem)
    assert found is not None, f'{path.stem} does not follow the scheme of names'
    return found['dataset'], int(found['side']), int(found['size'])


def face_sample(config: Config, side: int) -> PoseDataSample:
    """A face of 100x100 px in the picture, as the test pipeline packs it."""
    metainfo = parse_pose_metainfo(DATASETS.get(config.dataset_type).METAINFO)
    sample = PoseDataSample(
        metainfo=dict(
            flip_indices=metainfo['flip_indices'],
            input_size=(side, side),
            input_center=np.array([50.0, 50.0]),
            input_scale=np.array([100.0, 100.0]),
        )
    )
    sample.gt_instances = InstanceData(
        bboxes=np.array([[0.0, 0.0, 100.0, 100.0]]), bbox_scores=np.ones(1)
    )
    return sample


def test_every_dataset_has_every_network():
    found = {facts(path) for path in CONFIGS}
    assert len(CONFIGS) == len(found)
    assert found == {(name, side, size) for name in LANDMARKS for side, size in CELLS.items()}


@every_config
def test_name_and_place_say_what_the_config_does(path):
    config, (dataset, side, size) = load(path), facts(path)
    codec = config.model.head.decoder
    assert path.parent == FOLDER / dataset.replace('-', '_')
    assert (codec.type, codec.sigma) == ('GaussianMLE', 1)
    assert (tuple(codec.input_size), tuple(codec.heatmap_size)) == ((side, side), (size, size))
    assert config.model.backbone.stride == side // size
    assert config.model.head.out_channels == LANDMARKS[dataset]
    assert config.model.head.loss == dict(type='HeatmapNormLoss')
    assert config.train_dataloader.batch_size == 32
    stored = Config.fromfile(path).model.backbone.init_cfg
    assert stored == dict(type='Pretrained', checkpoint='mmcls://mobilenet_v2')


@every_config
def test_encoder_is_the_decoder_and_every_crop_has_its_size(path):
    config = load(path)
    loaders = [config[f'{loop}_dataloader'] for loop in ('train', 'val', 'test')]
    for loader in loaders:
        kinds = [step.type for step in loader.dataset.pipeline]
        crop = loader.dataset.pipeline[kinds.index('TopdownAffine')]
        assert kinds.count('TopdownAffine') == 1 and kinds[-1] == 'PackPoseInputs'
        assert tuple(crop.input_size) == tuple(config.codec.input_size)
    (target,) = (each for each in loaders[0].dataset.pipeline if each.type == 'GenerateTarget')
    assert target.encoder == config.model.head.decoder == config.codec
    assert config.test_dataloader == config.val_dataloader


@every_model
def test_model_predicts_landmarks_in_the_picture(path):
    """The whole way of a test: flip test, heatmaps, decoder, input px to image px."""
    config, (dataset, side, size) = load(path), facts(path)
    torch.manual_seed(0)
    model = MODELS.build(
        dict(config.model, test_cfg=dict(config.model.test_cfg, output_heatmaps=True))
    )
    check_heatmap_size(model)
    model.eval()
    with torch.no_grad():
        images, samples = torch.randn(1, 3, side, side), [face_sample(config, side)]
        (result,) = model(images, samples, mode='predict')
    assert tuple(result.pred_fields.heatmaps.shape) == (LANDMARKS[dataset], size, size)
    keypoints = result.pred_instances.keypoints
    assert keypoints.shape == (1, LANDMARKS[dataset], 2) and np.isfinite(keypoints).all()


@every_model
def test_parameters_and_operations_are_those_of_the_page(path):
    _, side, size = facts(path)
    model = MODELS.build(load(path).model).eval()
    found = measure_complexity(model, (side, side))
    numbers = f'{found.gflops:.3f} | {found.parameters_million:.2f}'
    text = (FOLDER / 'README.md').read_text('utf-8')
    (row,) = re.findall(rf'^\| (0\.\d+) \| {side}x{side} \| {size}x{size} \| (.+) \|$', text, re.M)
    assert row[1] == numbers
    assert found.gflops <= float(row[0])


@every_config
def test_the_page_lists_every_config(path):
    _, side, size = facts(path)
    link = f'[{path.stem}]({path.relative_to(FOLDER).as_posix()})'
    row = f'| {side}x{side} | {size}x{size} | {link} | not measured |'
    assert row in (FOLDER / 'README.md').read_text('utf-8')

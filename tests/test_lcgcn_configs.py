"""The configs of LC-GCN: the paper's facts, our networks below a graph, a run on each data set."""

from pathlib import Path

import pytest
import torch
from mmengine import Config
from mmengine.optim import build_optim_wrapper
from mmengine.runner import Runner
from mmpose.registry import MODELS, TRANSFORMS
from mmpose.utils import register_all_modules
from shipped_configs import set_sizes
from torch import nn

import mmpose_multilat  # noqa: F401
from mmpose_multilat.datasets.synthetic import Request, write_data_sets

register_all_modules()

ROOT = Path(__file__).parents[1] / 'configs' / 'face_2d_keypoint'
LANDMARKS = {'wflw': 98, '300w': 68}
PAPER = 'lcgcn_hrnetv2-w18_4xb32-60e_{}-256x256-hm64'
OURS = '{}_hrnetv2-w18_4xb32-100e_{}-256x256-hm{}'
SIZES = (16, 8, 4)

every_dataset = pytest.mark.parametrize('dataset', LANDMARKS)
every_size = pytest.mark.parametrize('size', SIZES)


def load(dataset: str, name: str, algorithm: str = 'lcgcn') -> Config:
    return Config.fromfile(ROOT / algorithm / dataset / f'{name}.py')


def test_the_paper_and_three_smaller_heatmaps_for_two_data_sets():
    expected = {PAPER.format(dataset) for dataset in LANDMARKS}
    expected |= {OURS.format('lcgcn', dataset, size) for dataset in LANDMARKS for size in SIZES}
    assert {path.stem for path in ROOT.glob('lcgcn/*/*.py')} == expected


@every_dataset
def test_facts_of_the_paper(dataset):
    config = load(dataset, PAPER.format(dataset))
    head = config.model.head
    assert head.base_head.out_channels == LANDMARKS[dataset]
    assert head.base_head.decoder == config.codec and head.end_to_end
    assert config.codec.heatmap_size == (64, 64) and config.codec.input_size == (256, 256)
    model = build(config)
    losses = model.head.base_head.loss_module
    assert (losses.alpha, losses.beta, losses.loss_weight) == (2, 4, 1)
    assert isinstance(model.head.coordinate_loss.criterion.func, type(nn.functional.l1_loss))
    assert model.head.coordinate_loss.loss_weight == 1
    widths = [block.own.out_features for block in model.head.graph.blocks]
    assert widths == [64, 16, 2] and model.head.graph.edges.kind == 'confidence'
    assert model.head.confidence == 'score'


@every_dataset
def test_learning_rates_of_the_paper(dataset):
    config = load(dataset, PAPER.format(dataset))
    model = build(config)
    rates = {
        id(each): group['lr'] for group in optimizer_of(config, model) for each in group['params']
    }
    for name, each in model.named_parameters():
        expected = 1e-3 if name.startswith('head.graph') else 1e-4
        assert rates[id(each)] == pytest.approx(expected), name


@every_dataset
def test_augmentation_is_that_of_section_4_b(dataset):
    config = load(dataset, PAPER.format(dataset))
    steps = [TRANSFORMS.build(step) for step in config.train_dataloader.dataset.pipeline]
    flip, box, crop, colours = steps[2:6]
    assert flip.direction == 'horizontal' and crop.input_size == (256, 256)
    assert (box.rotate_factor, box.scale_factor, box.shift_factor) == (30, (0.8, 1.2), 0.1)
    assert (box.rotate_prob, box.scale_prob, box.shift_prob) == (1, 1, 1)
    assert type(colours).__name__ == 'PhotometricDistortion'


@every_dataset
@every_size
def test_the_smaller_ones_are_our_networks_with_a_graph(dataset, size):
    config = load(dataset, OURS.format('lcgcn', dataset, size))
    plain = load(dataset, OURS.format('multilat', dataset, size), 'multilat')
    assert config.model.head.type == 'GraphRefinementHead'
    assert config.model.head.base_head == plain.model.head
    for name in ('backbone', 'neck', 'test_cfg', 'data_preprocessor'):
        assert config.model[name] == plain.model[name]
    for name in ('train_dataloader', 'optim_wrapper', 'param_scheduler', 'custom_hooks'):
        assert config[name] == plain[name]


def build(config: Config) -> nn.Module:
    config.model.backbone.init_cfg = None
    return MODELS.build(config.model)


def optimizer_of(config: Config, model: nn.Module) -> list[dict]:
    return build_optim_wrapper(model, config.optim_wrapper).optimizer.param_groups


@pytest.fixture(scope='module')
def data(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp('data')
    write_data_sets(list(LANDMARKS), str(folder), Request(train=4, test=2, size=64))
    return folder


@every_dataset
@pytest.mark.parametrize('paper', [True, False], ids=['paper', 'ours'])
def test_training_and_testing_on_synthetic_faces(dataset, paper, data, tmp_path):
    name = PAPER.format(dataset) if paper else OURS.format('lcgcn', dataset, 16)
    config = load(dataset, name)
    inputs, cells = ((64, 64), (16, 16)) if paper else ((128, 128), (8, 8))
    for part in (config.model, config.train_dataloader, config.val_dataloader, config.codec):
        set_sizes(part, inputs, cells)
    for loader in (config.train_dataloader, config.val_dataloader):
        loader.update(batch_size=2, num_workers=0, persistent_workers=False)
        loader.dataset.data_root = str(data / Path(loader.dataset.data_root).name)
    config.test_dataloader = config.val_dataloader
    config.model.backbone.init_cfg = None
    config.train_cfg.max_epochs = 1
    config.work_dir = str(tmp_path)
    config.default_hooks.checkpoint.save_best = None
    config.experiment_name = f'{dataset}-{paper}'
    torch.manual_seed(0)
    runner = Runner.from_cfg(config)
    before = [each.clone() for each in runner.model.head.graph.parameters()]
    runner.train()
    metrics = runner.test()
    after = list(runner.model.head.graph.parameters())
    assert any(not torch.equal(old, new) for old, new in zip(before, after))
    assert any('NME' in key for key in metrics) and all(v == v for v in metrics.values())

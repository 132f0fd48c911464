"""Ten training steps with every loss on synthetic faces."""

import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.registry import init_default_scope
from mmpose.registry import DATASETS, MODELS

from mmpose_multilat.datasets.synthetic import Request, write_data_sets

CONFIG = 'configs/face_2d_keypoint/popos/300w/popos_hrnetv2-w18_4xb32-100e_300w-256x256-hm4.py'
MSE = dict(type='KeypointMSELoss', use_target_weight=True)
ANCHOR = dict(type='MultilaterationAnchorLoss', loss_weight=6.0)
COORDINATE = dict(type='MultilaterationHead', min_score=-1.0)
RECIPES = {
    'MSE': dict(loss=MSE),
    'anchor': dict(loss=ANCHOR),
    'norm': dict(loss=dict(type='HeatmapNormLoss')),
    'MSE and anchor': dict(loss=dict(type='LossSum', losses=[MSE, ANCHOR])),
    'coordinate': dict(
        COORDINATE,
        coordinate_loss=dict(type='SmoothL1Loss', use_target_weight=True, loss_weight=0.01),
    ),
    'coordinate by inter-ocular distance': dict(
        COORDINATE,
        coordinate_loss=dict(type='MPJPELoss', use_target_weight=True),
        coordinate_unit='ocular',
        eyes=(36, 45),
    ),
    'all': dict(
        COORDINATE,
        loss=dict(type='LossSum', losses=[MSE, ANCHOR]),
        coordinate_loss=dict(type='WingLoss', use_target_weight=True, loss_weight=1e-4),
    ),
}


@pytest.fixture(scope='module')
def batch(tmp_path_factory):
    """One batch of eight synthetic faces, as the config's pipeline makes it."""
    root = tmp_path_factory.mktemp('faces')
    write_data_sets(['300w'], str(root), Request(train=8, test=1, size=128))
    config = Config.fromfile(CONFIG)
    init_default_scope('mmpose')  # before the fixture of every single test does so
    dataset = DATASETS.build({**config.train_dataloader.dataset, 'data_root': f'{root}/300w/'})
    torch.manual_seed(0)
    return pseudo_collate([dataset[i] for i in range(8)])


@pytest.mark.parametrize('recipe', RECIPES)
def test_loss_falls_and_gradients_are_finite(batch, recipe):
    config = Config.fromfile(CONFIG)
    config.model.backbone.init_cfg = None
    torch.manual_seed(0)
    model = MODELS.build(dict(config.model, head=dict(config.model.head, **RECIPES[recipe])))
    model.train()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    totals = []
    for _ in range(10):
        data = model.data_preprocessor(batch, training=True)
        losses = model.loss(data['inputs'], data['data_samples'])
        total = sum(value for name, value in losses.items() if 'loss' in name)
        optimizer.zero_grad()
        total.backward()
        gradients = [p.grad for p in model.parameters() if p.grad is not None]
        assert gradients and all(gradient.isfinite().all() for gradient in gradients)
        optimizer.step()
        totals.append(total.item())
    assert sum(totals[-3:]) < sum(totals[:3])

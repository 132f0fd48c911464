"""The configs are those of earlier versions to the byte: a stopped training must go on.

A work folder whose config differs from the run's begins anew. The texts below were written by the
version that made the first results.
"""

import hashlib
from pathlib import Path

import pytest

from projects.popos.study.definition import LOSSES
from projects.popos.study.plan import PARTS, LossRun, make_plan
from projects.study.options import SIZES
from projects.study.run_config import ROOT, config_text

HEAD = """\
# {name}: written by projects.popos.study
_base_ = '../../../../projects/popos/configs/popos_hrnetv2-w18_1xb32-30e_ytf68-256x256-hm4.py'
"""

MODELS = {
    'mse': """\
model = {'head': {'type': 'HeatmapHead',
          'loss': {'_delete_': True, 'type': 'KeypointMSELoss', 'use_target_weight': True}}}
""",
    'all': """\
model = {'head': {'type': 'MultilaterationHead',
          'loss': {'_delete_': True,
                   'type': 'LossSum',
                   'losses': [{'type': 'KeypointMSELoss', 'use_target_weight': True},
                              {'type': 'MultilaterationAnchorLoss',
                               'num_anchors': 10,
                               'anchors_from': 'target',
                               'norm': 'l2',
                               'loss_weight': 6.0}]},
          'decoder': {'_delete_': True,
                      'type': 'KeyPosS',
                      'input_size': (256, 256),
                      'heatmap_size': (4, 4),
                      'sigma': 2},
          'coordinate_loss': {'type': 'SmoothL1Loss',
                              'use_target_weight': True,
                              'loss_weight': 0.001}}}
""",
    'norm': """\
model = {'head': {'type': 'HeatmapHead', 'loss': {'_delete_': True, 'type': 'HeatmapNormLoss'}}}
""",
}

SCHEDULE = """\
train_cfg = {'by_epoch': True, 'max_epochs': 12, 'val_interval': 12}
optim_wrapper = {'optimizer': {'type': 'Adam', 'lr': 0.002}}
param_scheduler = [{'type': 'LinearLR', 'start_factor': 0.001, 'begin': 0, 'end': 100, \
'by_epoch': False},
 {'type': 'LinearLR',
  'start_factor': 1.0,
  'end_factor': 0.005,
  'begin': 0,
  'end': 12,
  'by_epoch': True}]
train_dataloader = {'batch_size': 32, 'dataset': {'data_root': '/faces/ytf68/'}}
default_hooks = {'checkpoint': {'interval': 1, 'max_keep_ckpts': 2, 'save_best': None}}
randomness = {'seed': 0}
val_dataloader = {'dataset': {'data_root': '/faces/ytf68/'}}
test_dataloader = {'dataset': {'data_root': '/faces/ytf68/'}}
"""

DIGEST_OF_ALL = 'b136004163220741234413d05908fafa34bcf8b915b524d29ce07628d0026a8a'
"""Of the texts of every run that can be asked for, with 12 and with 30 epochs and seeds 0 to 2."""


def text_of(run):
    folder = ROOT / LOSSES.work / f'ytf68_{run.epochs}e' / run.name
    return config_text(run, Path('/faces/ytf68'), folder, LOSSES.module)


@pytest.mark.parametrize('recipe', MODELS)
def test_the_text_of_a_run(recipe):
    run = LossRun(recipe, 4, 0, 12)
    assert text_of(run) == HEAD.format(name=run.name) + MODELS[recipe] + SCHEDULE


def test_the_texts_of_all_runs():
    seeds = (0, 1, 2)
    plans = [make_plan(epochs, SIZES, seeds, PARTS, SIZES, seeds) for epochs in (12, 30)]
    text = ''.join(text_of(run) for plan in plans for run in plan)
    assert hashlib.sha256(text.encode()).hexdigest() == DIGEST_OF_ALL

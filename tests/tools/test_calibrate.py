"""The tool from the command line to its files, with synthetic faces and an untrained network."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmpose.registry import MODELS

from mmpose_multilat.analysis import measure_residuals
from mmpose_multilat.analysis.calibration.decoders import decoders_with_covariances
from mmpose_multilat.analysis.loading import build_model, load_config
from mmpose_multilat.datasets.synthetic import Request, write_data_sets
from mmpose_multilat.tools import calibrate
from mmpose_multilat.tools.calibrate import main

ROOT = Path(__file__).parents[2]
BASE = ROOT / 'configs/face_2d_keypoint/popos/300w/popos_hrnetv2-w18_4xb32-100e_300w-256x256-hm4.py'

CODEC = dict(type='GaussianVector', input_size='(256,256)', heatmap_size='(4,4)')
VECTORS = [
    '--cfg-options',
    *(f'model.head.decoder.{name}={value}' for name, value in CODEC.items()),
    'model.head.decoder._delete_=True',
    'model.head.type=GaussianVectorHead',
]


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """A config, its checkpoint and six faces of three persons."""
    init_default_scope('mmpose')
    folder = tmp_path_factory.mktemp('calibrate')
    write_data_sets(['300w'], str(folder / 'data'), Request(train=1, test=6, size=128))
    (folder / 'small.py').write_text(
        f"_base_ = '{BASE}'\n"
        f'test_dataloader = dict(batch_size=4, num_workers=0, persistent_workers=False,\n'
        f"    dataset=dict(data_root='{folder / 'data' / '300w'}'))\n"
        'model = dict(backbone=dict(init_cfg=None))\n'
    )
    config = Config.fromfile(folder / 'small.py')
    annotations = folder / 'data/300w' / config.test_dataloader.dataset.ann_file
    content = json.loads(annotations.read_text())
    for place, image in enumerate(content['images']):
        image['person'] = f'person {place % 3}'
    annotations.write_text(json.dumps(content))
    torch.manual_seed(0)
    model = MODELS.build(config.model)
    torch.nn.init.normal_(model.head.final_layer.weight)
    torch.save(dict(state_dict=model.state_dict()), folder / 'small.pth')
    return folder


def words(folder):
    return [str(folder / 'small.py'), str(folder / 'small.pth'), '--out', str(folder / 'out')]


def test_what_is_written(folder, capsys):
    options = ['--decoders', 'POPoS', 'KeyPosS', '--draws', '3', '--device', 'cpu']
    assert main([*words(folder), *options]) == 0
    printed = capsys.readouterr().out
    content = json.loads((folder / 'out/calibration.json').read_text())
    assert (folder / 'out/reliability.png').stat().st_size > 0
    assert content['faces'] == 6 and content['groups'] == 3
    assert content['grouped_by'] == 'person' and content['flip_test'] is True
    popos, keyposs = content['decoders']
    assert len(popos['halves']['median']) == 3
    scale = popos['scales']['mean_square']
    assert f"dict(type='POPoS', ..., covariance_scale={scale:.3g})" in printed
    # Faces of six, two of each person: halves are two persons against one.
    assert {half['faces'] for half in keyposs['halves']['median']} == {4}


def test_without_groups_every_image_is_one(folder, capsys):
    options = ['--decoders', 'POPoS', '--draws', '1', '--group', 'nothing', '--device', 'cpu']
    assert main([*words(folder), *options]) == 0
    assert '6 faces (every image for itself)' in capsys.readouterr().out
    content = json.loads((folder / 'out/calibration.json').read_text())
    assert content['groups'] == 6 and content['grouped_by'] is None


@pytest.mark.parametrize(
    'changes, message',
    [
        (['--decoders', 'one-hot'], '--decoders one-hot: estimates no covariances; choose from'),
        (['--decoders', 'nothing'], '--decoders nothing: unknown'),
        (['--draws', '0'], '--draws 0 must be at least 1'),
        (['--seed', '-1'], '--seed -1 must be at least 0'),
        (['--out', str(BASE / 'x')], 'hm4.py cannot be a folder'),
        (['--limit', '1', '--decoders', 'POPoS'], 'at least two groups of faces, got 1'),
        (['--device', 'cuda:99'], '--device cuda:99: '),
        (['--cfg-options', 'model.head.decoder.sigma=0'], 'of the config cannot be built: ValueEr'),
        (['--cfg-options', 'test_dataloader.dataset.data_root=nowhere'], 'dataset is not where'),
        (
            VECTORS,
            'decodes with GaussianVector, and no decoder of its output estimates covariances',
        ),
    ],
)
def test_mistakes_are_explained(folder, capsys, changes, message):
    assert main([*words(folder), *changes]) == 2
    assert message in capsys.readouterr().err


def test_halves_without_covariances_write_nothing(folder, tmp_path, capsys, monkeypatch):
    def find_one_face(*arguments):
        residuals = measure_residuals(*arguments)
        for each in residuals.covariances.values():
            each[1:] = np.nan
        return residuals

    monkeypatch.setattr(calibrate, 'measure_residuals', find_one_face)
    out = tmp_path / 'out'
    options = ['--decoders', 'POPoS', '--device', 'cpu', '--out', str(out)]
    assert main([*words(folder)[:2], *options]) == 2
    assert 'error: POPoS: a half of the faces has no landmark' in capsys.readouterr().err
    assert not out.exists()


def test_all_decoders_that_tell_covariances_take_part(folder):
    config = load_config(str(folder / 'small.py'), {})
    model = build_model(config, str(folder / 'small.pth'), 'cpu')
    chosen = decoders_with_covariances(model.head.decoder, [])
    assert {'KeyPosS', 'POPoS', 'GaussianMLE'} <= set(chosen)
    assert 'one-hot' not in chosen and chosen['POPoS'] is model.head.decoder

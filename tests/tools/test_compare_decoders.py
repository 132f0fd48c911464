"""The tool from the command line to its files, with synthetic faces and an untrained network."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmpose.registry import MODELS

from mmpose_multilat.datasets.synthetic import Request, write_data_sets
from mmpose_multilat.tools.command_line import UserError
from mmpose_multilat.tools.compare_decoders import check_evaluator, main

ROOT = Path(__file__).parents[2]
CONFIG = 'configs/face_2d_keypoint/popos/300w/popos_hrnetv2-w18_4xb32-100e_300w-256x256-hm8.py'
NME = dict(type='NME', norm_mode='keypoint_distance')

pytestmark = pytest.mark.usefixtures('quick_times')


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """A config, its checkpoint and three faces."""
    init_default_scope('mmpose')
    folder = tmp_path_factory.mktemp('compare')
    write_data_sets(['300w'], str(folder / 'data'), Request(train=1, test=3, size=128))
    (folder / 'small.py').write_text(
        f"_base_ = '{ROOT / CONFIG}'\n"
        f'test_dataloader = dict(batch_size=3, num_workers=0, persistent_workers=False,\n'
        f"    dataset=dict(data_root='{folder / 'data' / '300w'}'))\n"
        'model = dict(backbone=dict(init_cfg=None))\n'
    )
    torch.manual_seed(0)
    model = MODELS.build(Config.fromfile(folder / 'small.py').model)
    torch.save(dict(state_dict=model.state_dict()), folder / 'small.pth')
    return folder


def test_what_is_written(folder, tmp_path, capsys):
    words = [str(folder / 'small.py'), str(folder / 'small.pth'), '--device', 'cpu']
    options = ['--cfg-options', 'test_dataloader.dataset.pipeline.2.use_udp=True']
    assert main([*words, '--out', str(tmp_path), '--faces', '1', *options]) == 0
    printed = capsys.readouterr()
    assert 'Decoding 3 faces' in printed.out and 'left out' not in printed.out
    assert printed.err.count('warning: TopdownAffine(use_udp=True) cuts the crops') == 1
    content = json.loads((tmp_path / 'decoders.json').read_text())
    assert content['faces'] == 3 and len(content['decoders']) == 6
    assert (tmp_path / 'faces.png').stat().st_size > 0


@pytest.mark.parametrize(
    'words, message',
    [
        (['nowhere.py', 'nowhere.pth'], 'config nowhere.py does not exist'),
        ([CONFIG, 'nowhere.pth'], 'checkpoint nowhere.pth does not exist'),
        ([CONFIG, CONFIG, '--faces', '-1'], '--faces -1 must be at least 0'),
        ([CONFIG, CONFIG, '--device', 'cuda:99'], '--device cuda:99: '),
        (['{config}', '{weights}', '--out', '{config}'], 'cannot be a folder'),
        (
            ['{config}', '{weights}', '--cfg-options', 'model.head.decoder.type=Nope'],
            'the model of the config cannot be built: KeyError: ',
        ),
        (
            ['{config}', '{weights}', '--cfg-options', 'model.head.decoder=None'],
            'the head of the config has no codec',
        ),
        (
            ['{config}', '{weights}', '--cfg-options', 'model.head.out_channels=98'],
            'was not trained with this config',
        ),
    ],
)
def test_mistakes_are_explained(folder, tmp_path, capsys, words, message):
    places = dict(config=folder / 'small.py', weights=folder / 'small.pth')
    words = [word.format(**places) for word in words]
    words += [] if '--out' in words else ['--out', str(tmp_path / 'out')]
    assert main(words) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / 'out').exists()


def test_metrics_with_an_nme_can_be_compared():
    check_evaluator(NME)
    check_evaluator([dict(type='PCKAccuracy'), NME])
    check_evaluator(dict(type='FaceAlignmentMetric'))


@pytest.mark.parametrize('evaluator', [dict(type='CocoMetric'), [], None])
def test_other_metrics_are_refused(evaluator):
    with pytest.raises(UserError, match='no metric of type NME or FaceAlignmentMetric'):
        check_evaluator(evaluator)


def test_images_that_cannot_be_read_are_explained(folder, tmp_path, capsys):
    broken = tmp_path / '300w'
    shutil.copytree(folder / 'data' / '300w', broken)
    for path in broken.rglob('*.jpg'):
        path.write_bytes(path.read_bytes()[:20])
    words = [str(folder / 'small.py'), str(folder / 'small.pth'), '--device', 'cpu']
    options = ['--cfg-options', f'test_dataloader.dataset.data_root={broken}']
    assert main([*words, '--out', str(tmp_path / 'out'), *options]) == 2
    error = capsys.readouterr().err
    assert error.startswith('error: the test set cannot be read: ') and '.jpg' in error
    assert 'check_data' in error and error.count('\n') == 1

"""The tool from the command line to its files, with synthetic faces and an untrained network."""

import json
import shutil
from pathlib import Path

import cv2
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from mmpose.registry import MODELS

from mmpose_multilat.analysis.benchmarking.records import load
from mmpose_multilat.datasets.synthetic import Request, write_data_sets
from mmpose_multilat.tools.benchmark import main

ROOT = Path(__file__).parents[2]
BASE = ROOT / 'configs/face_2d_keypoint/popos/300w/popos_hrnetv2-w18_4xb32-100e_300w-256x256-hm4.py'
DECODERS = ['one-hot', 'POPoS', 'KeyPosS:kernel_size=3']
SIZES = dict(input_size=(256, 256), heatmap_size=(4, 4), sigma=2)

pytestmark = pytest.mark.usefixtures('quick_times')


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """A config, its checkpoint and six faces."""
    init_default_scope('mmpose')
    folder = tmp_path_factory.mktemp('benchmark')
    write_data_sets(['300w'], str(folder / 'data'), Request(train=1, test=6, size=128))
    subset = 'face_landmarks_300w_valid_common.json'
    (folder / 'small.py').write_text(
        f"_base_ = '{BASE}'\n"
        f'test_dataloader = dict(batch_size=4, num_workers=0, persistent_workers=False,\n'
        f"    dataset=dict(data_root='{folder / 'data' / '300w'}'))\n"
        "test_evaluator = dict(_delete_=True, type='FaceAlignmentMetric',\n"
        "    normalisers=['ocular', 'box_tight'],\n"
        f"    subsets=dict(common=dict(ann_file='{subset}')))\n"
        'model = dict(backbone=dict(init_cfg=None))\n'
    )
    torch.manual_seed(0)
    model = MODELS.build(Config.fromfile(folder / 'small.py').model)
    torch.nn.init.normal_(model.head.final_layer.weight)
    torch.save(dict(state_dict=model.state_dict()), folder / 'small.pth')
    return folder


@pytest.fixture(scope='module')
def measured(folder, quick_times):
    words = [str(folder / 'small.py'), str(folder / 'small.pth'), '--out', str(folder / 'out')]
    assert main([*words, '--decoders', *DECODERS]) == 0
    return folder / 'out'


def reached_by_test_loop(folder, flip, decoder=None, head='HeatmapHead'):
    """What MMEngine's test loop reaches with another decoder or head."""
    config = Config.fromfile(folder / 'small.py')
    config.work_dir, config.load_from = str(folder / 'work'), str(folder / 'small.pth')
    config.model.test_cfg.flip_test = flip
    config.model.head.type = head
    if decoder:
        config.model.head.decoder = dict(**SIZES, **decoder)
    return Runner.from_cfg(config).test()


def check_numbers(result, expected):
    for key in ('NME_ocular', 'NME_box_tight', 'AUC_ocular@0.10', 'FR_box_tight@0.08'):
        assert result.metrics['full'][key] == pytest.approx(expected[key], rel=1e-6)
        assert result.metrics['common'][key] == pytest.approx(expected[f'common/{key}'], rel=1e-6)


@pytest.mark.parametrize(
    'flip, label, decoder',
    [
        (False, 'POPoS', None),
        (True, 'KeyPosS kernel_size=3', dict(type='KeyPosS', kernel_size=3)),
    ],
)
def test_numbers_are_those_of_the_test_loop(folder, measured, flip, label, decoder):
    (result,) = (
        each
        for each in load(measured / 'benchmark.json').results
        if (each.decoder, each.flip_test) == (label, flip)
    )
    check_numbers(result, reached_by_test_loop(folder, flip, decoder))


def test_a_head_of_vectors_is_measured_with_its_own_decoder_alone(folder, tmp_path):
    words = [str(folder / 'small.py'), str(folder / 'small.pth'), '--out', str(tmp_path)]
    sizes = [f'model.head.decoder.{name}={value}'.replace(' ', '') for name, value in SIZES.items()]
    decoder = ['model.head.decoder._delete_=True', 'model.head.decoder.type=GaussianVector']
    head = 'model.head.type=GaussianVectorHead'
    assert main([*words, '--cfg-options', head, *decoder, *sizes]) == 0
    record = load(tmp_path / 'benchmark.json')
    assert [(each.label, each.own) for each in record.decoders] == [('GaussianVector', True)]
    assert [each.flip_test for each in record.results] == [False, True]
    for result in record.results:
        decoder = dict(type='GaussianVector')
        expected = reached_by_test_loop(folder, result.flip_test, decoder, 'GaussianVectorHead')
        check_numbers(result, expected)


def test_what_is_written(measured):
    record = load(measured / 'benchmark.json')
    assert [each.label for each in record.decoders] == [
        'one-hot',
        'POPoS',
        'KeyPosS kernel_size=3',
    ]
    assert [each.own for each in record.decoders] == [False, True, False]
    assert (record.faces, record.landmarks, record.heatmap_size) == (6, 68, (4, 4))
    assert record.batch_size == 4 and record.dataset == '300w'
    assert 0.6 < record.complexity.parameters_million < 0.7
    assert all(each.timing.ms_per_face > 0 for each in record.decoders)
    assert record.network['on'].ms_per_face > 0
    assert record.command.startswith('python -m mmpose_multilat.tools.benchmark ')
    assert all((measured / each.predictions).is_file() for each in record.results)
    pictures = {'ced_full.png', 'ced_common.png', 'nme_by_decoder.png', 'worst_faces.png'}
    assert {path.name for path in measured.glob('*.png')} == pictures
    assert all(cv2.imread(str(measured / name)) is not None for name in pictures)
    assert '| POPoS †' in (measured / 'benchmark.md').read_text()
    assert len((measured / 'benchmark.csv').read_text().splitlines()) == 1 + 6 * 2


def test_recompute_gives_the_same_without_the_network(measured, tmp_path, capsys):
    copied = tmp_path / 'copied'
    shutil.copytree(measured, copied)
    content = json.loads((copied / 'benchmark.json').read_text())
    for result in content['results']:
        result['metrics'] = {'full': {'NME_ocular': 0.5, 'faces': 6}}
    (copied / 'benchmark.json').write_text(json.dumps(content))
    (copied / 'ced_common.png').unlink()
    assert main(['--recompute', str(copied), '--out', str(tmp_path / 'joint')]) == 0
    assert load(copied / 'benchmark.json') == load(measured / 'benchmark.json')
    assert (copied / 'benchmark.md').read_text() == (measured / 'benchmark.md').read_text()
    assert (copied / 'ced_common.png').is_file()
    assert str(copied) in capsys.readouterr().out


def test_recompute_with_other_settings(measured, tmp_path):
    copied = tmp_path / 'copied'
    shutil.copytree(measured, copied)
    words = ['--recompute', str(copied), '--out', str(tmp_path / 'joint')]
    assert main([*words, '--normalisers', 'pupil', '--thresholds', '0.07']) == 0
    record = load(copied / 'benchmark.json')
    assert (record.normalisers, record.thresholds) == (['pupil'], [0.07])
    assert 'AUC_pupil@0.07' in record.results[0].metrics['common']


def test_limit(folder, tmp_path, capsys):
    words = [str(folder / 'small.py'), str(folder / 'small.pth'), '--out', str(tmp_path)]
    assert main([*words, '--decoders', 'POPoS', '--limit', '2']) == 0
    assert 'warning' not in capsys.readouterr().err
    record = load(tmp_path / 'benchmark.json')
    assert (record.faces, record.faces_of_test_set, record.batch_size) == (2, 6, 2)
    assert '2 of 6 faces' in (tmp_path / 'benchmark.md').read_text()


@pytest.mark.parametrize(
    'words, message',
    [
        ([], 'name a config and its checkpoint'),
        (['{config}'], 'name a config and its checkpoint'),
        (['nowhere.py', '{weights}'], 'config nowhere.py does not exist'),
        (['{config}', 'nowhere.pth'], 'checkpoint nowhere.pth does not exist'),
        (['{config}', '{weights}', '--decoders', 'x'], '--decoders x: unknown'),
        (['{config}', '{weights}', '--limit', '0'], '--limit 0 must be positive'),
        (['{config}', '{weights}', '--device', 'cuda:99'], '--device cuda:99: '),
        (['{config}', '{weights}', '--out', '{config}'], 'cannot be a folder'),
        (['{config}', '{weights}', '--thresholds', '0'], 'thresholds must be fractions above 0'),
        (
            ['{config}', '{weights}', '--cfg-options', 'model.head.decoder=None'],
            'the head of the config has no codec',
        ),
        (
            ['{config}', '{weights}', '--cfg-options', 'model.head.decoder.heatmap_size=(8,8)'],
            'was built for heatmap_size=(8, 8) (W, H) and needs (B, K, 8, 8), got (4, 68, 4',
        ),
        (
            ['{config}', '{weights}', '--cfg-options', 'test_dataloader.dataset.data_root=no'],
            'the dataset is not where the config looks for it',
        ),
        (['--recompute', 'nowhere'], 'nowhere holds no benchmark.json'),
        (['{config}', '--recompute', '{folder}'], '--recompute takes folders only'),
        (['--recompute', 'x', '--limit', '2'], '--limit changes nothing of --recompute'),
        (['--recompute', 'x', '--decoders', 'POPoS'], '--decoders changes nothing of --recompute'),
        (['--recompute', 'x', '--device', 'cpu'], '--device changes nothing of --recompute'),
        (['--recompute', 'x', '--cfg-options', 'a=1'], '--cfg-options changes nothing of --rec'),
    ],
)
def test_mistakes_are_explained(folder, tmp_path, capsys, words, message):
    places = dict(config=folder / 'small.py', weights=folder / 'small.pth', folder=folder)
    words = [word.format(**places) for word in words]
    words += [] if '--out' in words else ['--out', str(tmp_path)]
    assert main(words) == 2
    assert message in capsys.readouterr().err

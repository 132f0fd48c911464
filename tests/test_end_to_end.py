"""`mim train` and `mim test` on the five stock data set classes, with synthetic faces."""

import json
import math
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CONFIGS = ROOT / 'configs' / 'face_2d_keypoint'
RUNS = {
    'wflw': 'keyposs/wflw/keyposs_hrnetv2-w18_4xb64-100e_wflw-256x256-hm8.py',
    '300w': 'popos/300w/popos_hrnetv2-w18_4xb32-100e_300w-256x256-hm8.py',
    'aflw': 'keyposs/aflw/keyposs_hrnetv2-w18_4xb64-100e_aflw-256x256-hm4.py',
    'cofw': 'popos/cofw/popos_hrnetv2-w18_4xb32-100e_cofw-256x256-hm4.py',
    'coco_wholebody_face': (
        'popos/coco_wholebody_face/popos_hrnetv2-w18_4xb32-100e_coco-wholebody-face-256x256-hm4.py'
    ),
}
NME = dict.fromkeys(RUNS, 'NME_ocular') | {'aflw': 'NME_box_side'}
SMALL = [
    'model.backbone.init_cfg=None',
    'train_cfg.max_epochs=1',
    'train_dataloader.batch_size=4',
    *(
        f'{loop}_dataloader.{setting}'
        for loop in ('train', 'val', 'test')
        for setting in ('num_workers=0', 'persistent_workers=False')
    ),
]


def run(folder, *words):
    done = subprocess.run(
        [sys.executable, '-W', 'ignore', *words], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """A folder with `data/` as the configs expect it."""
    folder = tmp_path_factory.mktemp('end_to_end')
    tool = ['-m', 'mmpose_multilat.tools.make_synthetic_faces']
    run(folder, *tool, *RUNS, '--out', 'data', '--train', '8', '--test', '6', '--size', '128')
    return folder


@pytest.mark.parametrize('data_set', RUNS)
def test_train_and_test(folder, data_set):
    config, work = str(CONFIGS / RUNS[data_set]), f'work_dirs/{data_set}'
    options = ['--work-dir', work, '--cfg-options', *SMALL]
    run(folder, '-m', 'mim', 'train', 'mmpose', config, *options)
    (checkpoint,) = (folder / work).glob('epoch_1.pth')
    run(folder, '-m', 'mim', 'test', 'mmpose', config, '--checkpoint', str(checkpoint), *options)
    results = [
        json.loads(path.read_text())
        for path in (folder / work).glob('*/*.json')
        if path.parent.name in path.name
    ]
    (result,) = (each for each in results if 'faces' in each)
    assert math.isfinite(result[NME[data_set]]) and result[NME[data_set]] > 0


def test_compare_decoders_on_a_trained_checkpoint(folder):
    checkpoint = folder / 'work_dirs' / '300w' / 'epoch_1.pth'
    if not checkpoint.exists():
        pytest.skip('needs the checkpoint of test_train_and_test[300w]')
    options = ['--out', 'out', '--faces', '2', '--cfg-options', *SMALL]
    tool = ['-m', 'mmpose_multilat.tools.compare_decoders', str(CONFIGS / RUNS['300w'])]
    printed = run(folder, *tool, str(checkpoint), *options)
    written = json.loads((folder / 'out' / 'decoders.json').read_text())
    assert list(written['decoders']) == [
        'one-hot',
        'two-hot',
        'DARK',
        'KeyPosS',
        'POPoS',
        'GaussianMLE',
    ]
    assert written['faces'] == 6 and written['heatmap_size'] == [8, 8]
    assert written['flip_test'] is True
    for label, result in written['decoders'].items():
        nme = f'{100 * result["metrics"]["NME_ocular"]:.2f}'
        assert re.search(rf'^\| {label} +\| +{re.escape(nme)} \|', printed, re.MULTILINE)
        assert result['ms_per_face'] > 0
    assert {path.name for path in (folder / 'out').iterdir()} == {
        'decoders.json',
        'decoders.md',
        'faces.png',
        'nme_by_decoder.png',
    }
    # The codec of the config decodes as `mim test` did.
    tested = [json.loads(path.read_text()) for path in (folder / 'work_dirs/300w').glob('*/*.json')]
    tested = [each['NME_ocular'] for each in tested if 'NME_ocular' in each]
    assert written['decoders']['POPoS']['metrics']['NME_ocular'] == pytest.approx(
        tested[0], rel=1e-4
    )

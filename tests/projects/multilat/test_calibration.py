import json

import numpy as np
import pytest

from mmpose_multilat.analysis.encoding.faces import read_faces
from projects.multilat.calibration import Spread, main, markdown, spread_over


@pytest.fixture(scope='module')
def annotations(tmp_path_factory):
    rng = np.random.default_rng(0)
    keypoints = rng.uniform(20, 80, (30, 68, 2))
    keypoints[0, 5] = np.nan
    path = tmp_path_factory.mktemp('faces') / 'faces.npz'
    np.savez(path, keypoints=keypoints, bbox=np.tile([20.0, 20, 60, 60], (30, 1)))
    return path


def test_covariances_are_right_on_synthetic_noise(annotations, tmp_path, capsys):
    out = tmp_path / 'synthetic.json'
    options = ['--sizes', '16', '4', '--noises', '0.05', '--faces', '20', '--out', str(out)]
    assert main(['--data', str(annotations), *options]) == 0
    assert '20 faces' in capsys.readouterr().out
    results = json.loads(out.read_text())['results']
    assert len(results) == 6
    for each in results:
        assert each['landmarks'] == 20 * 68 - 1 and each['left_out'] == 0
        # 1359 landmarks: 4 %, beside 15 % that are aimed at.
        assert each['variance'] == pytest.approx(1, abs=0.19)
        assert each['coverage']['0.95'] == pytest.approx(0.95, abs=0.04)


def test_faces_are_spread(annotations):
    faces = read_faces(annotations, [])
    some = spread_over(faces, 4)
    assert some.ids == [0, 10, 19, 29]
    np.testing.assert_array_equal(some.true, faces.true[[0, 10, 19, 29]])
    assert len(spread_over(faces, 99)) == 30


def test_table():
    rows = [(8, 1.04, 0.66), (4, 0.9, 0.7)]
    table = markdown(
        [
            Spread(0.1, size, 'A', value, {0.68: share, 0.95: 0.949}, 99, 0)
            for size, value, share in rows
        ]
    )
    lines = [' '.join(line.split()) for line in table.splitlines()]
    assert lines[0] == '| noise 0.1 | 8x8 | 4x4 |'
    assert lines[2] == '| A | 1.04 (66 / 95) | 0.90 (70 / 95) |'


@pytest.mark.parametrize(
    'words, message',
    [
        (['--noises', '0'], '--noises must be above 0'),
        (['--faces', '0'], '--faces 0 must be positive'),
        (['--decoders', 'DARK'], 'DARK: estimates no covariances'),
    ],
)
def test_mistakes_are_explained(annotations, capsys, words, message):
    assert main(['--data', str(annotations), *words]) == 2
    assert message in capsys.readouterr().err

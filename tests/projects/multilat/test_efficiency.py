import json

import numpy as np
import pytest
import torch

from mmpose_multilat.analysis.encoding.faces import read_faces
from mmpose_multilat.analysis.encoding.round_trip import Heatmaps
from mmpose_multilat.multilateration import cramer_rao_bound
from projects.multilat.efficiency import (
    BOUND,
    Efficiency,
    errors_at_bound,
    main,
    markdown,
    panels,
)

EYES = (36, 45)


@pytest.fixture(scope='module')
def annotations(tmp_path_factory):
    """Eight faces of 68 landmarks; one landmark is not annotated."""
    rng = np.random.default_rng(0)
    keypoints = rng.uniform(20, 80, (8, 68, 2))
    keypoints[:, EYES[0]], keypoints[:, EYES[1]] = (30, 40), (70, 40)
    keypoints[0, 5] = np.nan
    path = tmp_path_factory.mktemp('faces') / 'faces.npz'
    np.savez(path, keypoints=keypoints, bbox=np.tile([20.0, 20, 60, 60], (8, 1)))
    return path


def test_errors_at_bound_are_sampled_gaussians(annotations):
    """Draws from the bound's covariance have the mean length that is said, over the eyes."""
    faces = read_faces(annotations, ['ocular'])
    lowest = errors_at_bound(faces, Heatmaps(8, noise=0.05))
    assert np.isnan(lowest[0, 5]) and np.isfinite(lowest).sum() == 8 * 68 - 1
    covariance = cramer_rao_bound(torch.from_numpy(faces.true[3, 7] / 32), (8, 8), 2.0, 0.05)
    draws = np.random.default_rng(1).multivariate_normal([0, 0], covariance.numpy(), 200_000)
    eyes = np.linalg.norm(faces.true[3, EYES[0]] - faces.true[3, EYES[1]])
    expected = 32 * np.linalg.norm(draws, axis=1).mean() / eyes
    assert lowest[3, 7] == pytest.approx(expected, rel=0.01)


def test_written_numbers(annotations, tmp_path, capsys):
    out = tmp_path / 'folder' / 'efficiency.json'
    options = ['--sizes', '16', '4', '--noises', '0.05', '--decoders', 'one-hot', 'GaussianMLE']
    assert main(['--data', str(annotations), *options, '--out', str(out)]) == 0
    assert '| noise 0.05 ' in capsys.readouterr().out
    content = json.loads(out.read_text())
    assert out.with_suffix('.png').stat().st_size > 0
    assert content['faces'] == 8 and content['seed'] == 0
    assert content['command'].startswith('python -m projects.multilat.efficiency --data ')
    found = {(each['decoder'], each['heatmap_size']): each for each in content['results']}
    for size in (16, 4):
        best = found['GaussianMLE', size]
        # 543 landmarks: the mean error is known to about 2 %.
        assert best['efficiency'] == pytest.approx(1, abs=0.08)
        assert 0.005 < best['standard_error'] < 0.05
        assert found['one-hot', size]['efficiency'] < 0.4
        assert found['one-hot', size]['bound'] == best['bound']


def results():
    rows = [(0.1, 8, 'A', 0.2), (0.1, 4, 'A', 0.4), (0.1, 4, 'B', 0.8)]
    return [Efficiency(*row, bound=0.1, standard_error=0.01) for row in rows]


def test_table():
    lines = [line.replace(' ', '') for line in markdown(results()).splitlines()]
    assert lines[0] == '|noise0.1|8x8|4x4|'
    assert lines[2:4] == ['|A|0.500|0.250|', '|B|-|0.125|']
    assert lines[4].endswith('|0.10000|0.10000|')


def test_panels():
    assert panels(results()) == {
        'noise 0.1 per cell': {'A': {8: 2.0, 4: 4.0}, 'B': {4: 8.0}, BOUND: {8: 1.0, 4: 1.0}}
    }


def test_no_noise_has_no_limit(annotations, capsys):
    assert main(['--data', str(annotations), '--noises', '0']) == 2
    assert '--noises must be above 0' in capsys.readouterr().err


def test_an_unwritable_file_is_explained(annotations, tmp_path, capsys):
    (tmp_path / 'file').touch()
    words = ['--data', str(annotations), '--sizes', '4', '--noises', '0.1', '--out']
    assert main([*words, str(tmp_path / 'file' / 'out.json')]) == 2
    assert 'cannot be written' in capsys.readouterr().err

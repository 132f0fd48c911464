"""The command line of the measurement; the measurement itself is tested beside it."""

import pytest
import torch

from mmpose_multilat.codecs import GaussianMLE
from mmpose_multilat.multilateration import encode_gaussian
from projects.multilat import noise
from projects.multilat.heatmap_noise import analyse

CODEC = GaussianMLE((256, 256), (16, 16), sigma=2.0)


@pytest.fixture(scope='module')
def places():
    generator = torch.Generator().manual_seed(0)
    return 4 + 7 * torch.rand(100, 5, 2, generator=generator)  # heatmap px


def test_table(places):
    found = analyse(CODEC, encode_gaussian(places + 0.5, (16, 16), 2.0), places)
    table = noise.markdown(found)
    assert '16x16' in table.splitlines()[0]
    assert f'{found.shape_explained:.1%}' in table and '+8.00, +8.00' in table


def test_command_line(places, monkeypatch, tmp_path, capsys):
    heatmaps = encode_gaussian(places + 0.5, (16, 16), 2.0)
    monkeypatch.setattr(noise, 'collect', lambda config, checkpoint: (CODEC, heatmaps, places))
    out = tmp_path / 'noise.json'
    assert noise.main(['config.py', 'checkpoint.pth', '--out', str(out)]) == 0
    assert '100 faces, 500 landmarks' in capsys.readouterr().out
    assert '"actual_error": 8.0' in out.read_text()


def test_a_missing_config_is_explained(capsys):
    assert noise.main(['nowhere.py', 'nowhere.pth']) == 2
    assert 'config nowhere.py does not exist' in capsys.readouterr().err

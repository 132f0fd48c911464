"""The command line of the measurement; the measurement itself is tested beside it."""

import numpy as np
import pytest
import torch
from pass_samples import CELLS, SIZE, Loader, heatmaps_by, make_estimator

from mmpose_multilat.analysis import look_through
from mmpose_multilat.codecs import GaussianMLE
from mmpose_multilat.multilateration import encode_gaussian
from mmpose_multilat.tools.command_line import UserError
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


def test_heatmaps_and_landmarks_are_those_of_the_network(monkeypatch, one_thread):
    model, loader = make_estimator(heatmaps_by('POPoS')), Loader()
    monkeypatch.setattr(noise, 'load_config', lambda path, options: {})
    monkeypatch.setattr(noise, 'build_model', lambda *arguments: model)
    monkeypatch.setattr(noise, 'build_loader', lambda config: loader)
    codec, heatmaps, true = noise.collect('config.py', 'checkpoint.pth')
    assert (codec.input_size, codec.heatmap_size, codec.sigma) == (SIZE, CELLS, 2.0)
    views = list(look_through(model, loader))
    expected = [view.plain.outputs for view in views]
    torch.testing.assert_close(heatmaps, torch.cat(expected))
    in_input = codec.geometry.to_input(true)
    labels = torch.from_numpy(np.concatenate([view.true for view in views])).float()
    torch.testing.assert_close(in_input, labels, equal_nan=True)


def test_heatmaps_of_another_size_are_refused(monkeypatch, one_thread):
    head = heatmaps_by('POPoS')
    model = make_estimator(dict(head, decoder=dict(head['decoder'], heatmap_size=(8, 8))))
    monkeypatch.setattr(noise, 'load_config', lambda path, options: {})
    monkeypatch.setattr(noise, 'build_model', lambda *arguments: model)
    monkeypatch.setattr(noise, 'build_loader', lambda config: Loader())
    with pytest.raises(UserError, match=r'built for heatmap_size=\(8, 8\)'):
        noise.collect('config.py', 'checkpoint.pth')

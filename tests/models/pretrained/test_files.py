"""Reading, judging and fetching files of weights."""

import os
import socket
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from mmpose_multilat.models.pretrained.files import (
    WeightFileError,
    download,
    read_weights,
    read_weights_of,
)


def build() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Conv2d(4, 2, 1))


NETWORK = build()


class Hostile:
    """Pickled, it is a call of ``os.mkdir``."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize('name', ['weights.bin', 'weights.pth', 'weights.safetensors'])
def test_every_format_gives_the_same_weights(name, tmp_path):
    path, state = tmp_path / name, NETWORK.state_dict()
    (save_file if path.suffix == '.safetensors' else torch.save)(state, path)
    weights = read_weights_of(build, path)
    assert weights.keys() == state.keys()
    assert all(torch.equal(weights[name], state[name]) for name in state)


def test_weights_of_a_training_checkpoint_are_unwrapped(tmp_path):
    path, state = tmp_path / 'weights.pth', NETWORK.state_dict()
    torch.save(dict(state_dict=state, meta=dict(epoch=3)), path)
    assert read_weights(path).keys() == state.keys()


def test_code_in_a_file_is_not_run(tmp_path):
    path, trace = tmp_path / 'weights.bin', tmp_path / 'trace'
    torch.save({**NETWORK.state_dict(), 'more': Hostile(trace)}, path)
    with pytest.raises(WeightFileError, match='weights.bin is damaged or holds more than'):
        read_weights(path)
    assert not trace.exists()
    torch.load(path, weights_only=False)
    assert trace.exists(), 'the file above does no harm at all'


@pytest.mark.parametrize('name', ['weights.bin', 'weights.safetensors'])
@pytest.mark.parametrize('size', [0, 7, 500, -1])
def test_damaged_file_is_named(name, size, tmp_path):
    path = tmp_path / name
    (save_file if path.suffix == '.safetensors' else torch.save)(NETWORK.state_dict(), path)
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(WeightFileError, match=name):
        read_weights(path)


@pytest.mark.parametrize(
    'content', [[torch.zeros(2)], torch.zeros(2), dict(epoch=3), dict(state_dict=3)]
)
def test_something_other_than_parameters_by_name_is_refused(content, tmp_path):
    torch.save(content, tmp_path / 'weights.pth')
    with pytest.raises(WeightFileError, match='weights.pth holds something other than parameters'):
        read_weights(tmp_path / 'weights.pth')


def test_missing_package_is_named(tmp_path, monkeypatch):
    save_file(NETWORK.state_dict(), tmp_path / 'weights.safetensors')
    monkeypatch.setitem(sys.modules, 'safetensors.torch', None)
    with pytest.raises(WeightFileError, match='pip install safetensors'):
        read_weights(tmp_path / 'weights.safetensors')


@pytest.mark.parametrize(
    ('change', 'fitting'),
    [
        (lambda state: {f'backbone.{name}': value for name, value in state.items()}, 0),
        (lambda state: {name: value[..., None] for name, value in state.items()}, 0),
        (lambda state: {**state, '0.weight': torch.zeros(4, 3, 1, 1)}, 7),
        (lambda state: {name: value for name, value in state.items() if name[0] != '1'}, 4),
    ],
)
def test_weights_of_another_network_are_refused(change, fitting, tmp_path):
    torch.save(change(NETWORK.state_dict()), tmp_path / 'weights.pth')
    with pytest.raises(WeightFileError, match=f'of the 8 parameters .* it has {fitting} with'):
        read_weights_of(build, tmp_path / 'weights.pth')


def test_more_than_the_network_has_and_no_counters_of_batches_will_do(tmp_path):
    state = {**NETWORK.state_dict(), 'classifier.weight': torch.zeros(2)}
    del state['1.num_batches_tracked']
    torch.save(state, tmp_path / 'weights.pth')
    assert read_weights_of(build, tmp_path / 'weights.pth').keys() == state.keys()


def test_judging_a_file_takes_no_random_numbers(tmp_path):
    """A training with a seed is the same whether weights are loaded or not."""
    torch.save(NETWORK.state_dict(), tmp_path / 'weights.pth')
    before = torch.get_rng_state()
    read_weights_of(build, tmp_path / 'weights.pth')
    assert torch.equal(torch.get_rng_state(), before)


def test_download_makes_the_folder_and_the_complete_file(tmp_path):
    source, target = tmp_path / 'source.bin', tmp_path / 'new' / 'target.bin'
    source.write_bytes(b'weights')
    seen = []
    download(source.as_uri(), target, lambda part: seen.append((part.read_bytes(), part != target)))
    assert target.read_bytes() == b'weights'
    assert seen == [(b'weights', True)]


def test_refused_download_leaves_nothing(tmp_path):
    source, target = tmp_path / 'source.bin', tmp_path / 'new' / 'target.bin'
    source.write_bytes(b'half of it')
    with pytest.raises(WeightFileError):
        download(source.as_uri(), target, read_weights)
    assert not list(target.parent.iterdir())


def test_server_that_does_not_answer_is_given_up(tmp_path, monkeypatch):
    """Connections of a download have a time limit, those of the rest of the program keep theirs."""
    limits = []

    def fetch(url, path, progress):
        limits.append(socket.getdefaulttimeout())
        Path(path).touch()

    monkeypatch.setattr(torch.hub, 'download_url_to_file', fetch)
    before = socket.getdefaulttimeout()
    download('http://127.0.0.1:9', tmp_path / 'target.bin', lambda part: None)
    assert 0 < limits[0] <= 30
    assert socket.getdefaulttimeout() == before

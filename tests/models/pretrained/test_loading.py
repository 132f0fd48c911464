"""The order of the places, and the message where all of them are empty."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import mmengine
import mmpose
import pytest
import torch
from mmengine.runner import load_checkpoint
from mmengine.runner.checkpoint import CheckpointLoader
from safetensors.torch import save_file
from torch import nn

from mmpose_multilat.datasets.synthetic import Request, write_data_sets
from mmpose_multilat.models.pretrained import (
    SOURCES,
    PretrainedWeightsError,
    Source,
    files_on_this_machine,
    loading,
)

ROOT = Path(__file__).parents[3]
NAME = 'open-mmlab://msra/hrnetv2_w18'
HUB_FILE = 'timm/tiny.in1k/resolve/main/pytorch_model.bin'
ORIGINAL = 'https://127.0.0.1:9/third_party/tiny-0123.pth'
FILES = ('tiny.in1k.bin', 'tiny.in1k.safetensors', 'tiny-0123.pth')


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    """Let the name stand for a network of six numbers."""
    source = Source('timm/tiny.in1k', ORIGINAL, lambda: nn.Linear(2, 2))
    monkeypatch.setitem(SOURCES, NAME, source)
    monkeypatch.setattr(sys, 'excepthook', sys.__excepthook__)


def write(path: Path, value: float) -> Path:
    """Write the weights of a network whose numbers are all the same."""
    state = {'weight': torch.full((2, 2), value), 'bias': torch.full((2,), value)}
    path.parent.mkdir(parents=True, exist_ok=True)
    (save_file if path.suffix == '.safetensors' else torch.save)(state, path)
    return path


def load() -> float:
    """Load the name as a config does, and return the number in the weights."""
    network = nn.Linear(2, 2)
    load_checkpoint(network, NAME, map_location='cpu')
    (value,) = {
        value for tensor in network.state_dict().values() for value in tensor.flatten().tolist()
    }
    return value


@pytest.mark.parametrize('file', FILES)
def test_file_in_the_folder_of_the_variable_comes_first(
    file, hub, torch_cache, tmp_path, monkeypatch
):
    write(hub / HUB_FILE, 3)
    write(torch_cache / file, 2)
    monkeypatch.setenv('MMPOSE_MULTILAT_WEIGHTS', str(tmp_path / 'mine'))
    write(tmp_path / 'mine' / file, 1)
    assert load() == 1


def test_the_variable_may_name_the_file(torch_cache, tmp_path, monkeypatch):
    write(torch_cache / FILES[0], 2)
    monkeypatch.setenv('MMPOSE_MULTILAT_WEIGHTS', str(write(tmp_path / 'any-name.pth', 1)))
    assert load() == 1


def test_files_that_need_no_download_are_listed(torch_cache, tmp_path, monkeypatch):
    assert set(files_on_this_machine()) == set(SOURCES)
    assert not any(files_on_this_machine().values())
    path = write(torch_cache / FILES[0], 1)
    assert files_on_this_machine()[NAME] == str(path)
    own = write(tmp_path / 'own' / FILES[1], 1)
    monkeypatch.setenv('MMPOSE_MULTILAT_WEIGHTS', str(own.parent))
    assert files_on_this_machine()[NAME] == str(own)


@pytest.mark.parametrize('file', FILES)
def test_file_in_the_cache_comes_before_a_download(file, hub, torch_cache):
    write(hub / HUB_FILE, 3)
    write(torch_cache / file, 2)
    assert load() == 2


def test_hub_is_asked_once(hub, torch_cache, monkeypatch):
    monkeypatch.setenv('HF_ENDPOINT', f'{hub.as_uri()}/')
    write(hub / HUB_FILE, 3)
    assert load() == 3
    (hub / HUB_FILE).unlink()
    assert load() == 3
    assert [path.name for path in torch_cache.iterdir()] == ['tiny.in1k.bin']


def test_original_server_comes_last(hub, torch_cache, monkeypatch):
    original = write(hub / 'original' / 'tiny-0123.pth', 4)
    source = Source('timm/tiny.in1k', original.as_uri(), lambda: nn.Linear(2, 2))
    monkeypatch.setitem(SOURCES, NAME, source)
    assert load() == 4
    assert [path.name for path in torch_cache.iterdir()] == ['tiny-0123.pth']


@pytest.mark.parametrize('content', [b'<html>log in</html>', b''])
def test_damaged_download_is_not_kept_and_the_next_server_is_asked(
    content, hub, torch_cache, monkeypatch
):
    write(hub / HUB_FILE, 3).write_bytes(content)
    original = write(hub / 'original' / 'tiny-0123.pth', 4)
    source = Source('timm/tiny.in1k', original.as_uri(), lambda: nn.Linear(2, 2))
    monkeypatch.setitem(SOURCES, NAME, source)
    assert load() == 4
    assert [path.name for path in torch_cache.iterdir()] == ['tiny-0123.pth']


def test_endpoint_is_the_hub_itself_by_default(monkeypatch):
    monkeypatch.setenv('HF_ENDPOINT', '')
    assert SOURCES[NAME].files()['tiny.in1k.bin'] == f'https://huggingface.co/{HUB_FILE}'


@pytest.mark.parametrize('place', ['cache', 'variable'])
def test_damaged_file_stops_the_run_and_is_named(place, hub, torch_cache, tmp_path, monkeypatch):
    """Also where a sound one could be downloaded: the user has put it there."""
    write(hub / HUB_FILE, 3)
    path = torch_cache / FILES[0]
    if place == 'variable':
        path = tmp_path / 'mine' / FILES[0]
        monkeypatch.setenv('MMPOSE_MULTILAT_WEIGHTS', str(path.parent))
    write(path, 1).write_bytes(b'PK')
    with pytest.raises(PretrainedWeightsError, match=re.escape(str(path))):
        load()


def test_weights_of_another_network_stop_the_run(torch_cache):
    torch.save(nn.Linear(3, 3).state_dict(), torch_cache / FILES[0])
    with pytest.raises(PretrainedWeightsError) as caught:
        load()
    for part in (str(torch_cache / FILES[0]), NAME, 'it has 0 with', 'init_cfg=None'):
        assert part in str(caught.value)


def test_source_is_logged(hub, torch_cache, monkeypatch):
    lines = []
    monkeypatch.setattr(loading, 'print_log', lambda line, logger: lines.append(line))
    write(hub / HUB_FILE, 3)
    load()
    path = torch_cache / FILES[0]
    assert lines == [
        f'Downloading {hub.as_uri()}/{HUB_FILE} to {path}',
        f'The pretrained weights {NAME} are those in {path}',
    ]


def test_message_says_what_was_tried_and_what_to_do(hub, tmp_path, monkeypatch):
    monkeypatch.setenv('MMPOSE_MULTILAT_WEIGHTS', str(tmp_path / 'mistyped'))
    with pytest.raises(PretrainedWeightsError) as caught:
        load()
    torch_cache = tmp_path / 'torch' / 'hub' / 'checkpoints'
    lines = str(caught.value).splitlines()
    assert NAME in lines[0]
    tried, remedies = lines[1:5], lines[5:]
    assert tried[0] == f'  MMPOSE_MULTILAT_WEIGHTS={tmp_path / "mistyped"}: no such folder'
    assert tried[1] == f'  {torch_cache}: none of the files below'
    assert tried[2].startswith(f'  {hub.as_uri()}/{HUB_FILE}: ')
    assert 'No such file' in tried[2]
    assert tried[3].startswith(f'  {ORIGINAL}: ')
    assert 'refused' in tried[3]
    assert str(torch_cache) in remedies[0]
    assert 'MMPOSE_MULTILAT_WEIGHTS' in remedies[0]
    assert [line.split()[0] for line in remedies[1:4]] == list(FILES)
    assert all(' from ' in line for line in remedies[1:4])
    assert remedies[4].endswith('--cfg-options model.backbone.init_cfg=None')


def test_unusable_endpoint_is_part_of_the_message(monkeypatch):
    monkeypatch.setenv('HF_ENDPOINT', 'huggingface.co')
    with pytest.raises(PretrainedWeightsError, match='huggingface.co/timm.*unknown url type'):
        load()


@pytest.mark.parametrize(
    ('name', 'loader'),
    [
        *((name, 'load_from_known_sources') for name in SOURCES),
        ('open-mmlab://msra/hrnetv2_w18_small', 'load_from_openmmlab'),
        ('open-mmlab://msra/hrnetv2_w40', 'load_from_openmmlab'),
        ('mmcls://mobilenet_v3_small', 'load_from_mmcls'),
        ('torchvision://resnet50.imagenet1k_v2', 'load_from_torchvision'),
        ('torchvision://resnet101', 'load_from_torchvision'),
        ('weights.pth', 'load_from_local'),
    ],
)
def test_other_names_go_to_mmengine(name, loader):
    assert CheckpointLoader._get_checkpoint_loader(name).__name__ == loader


def test_original_urls_are_those_of_mmengine(monkeypatch):
    monkeypatch.undo()  # the tiny network
    folder = Path(mmengine.__file__).parent / 'hub'
    known = {
        f'{scheme}://{name}': url
        for scheme, file in (
            ('open-mmlab', 'openmmlab'),
            ('mmcls', 'mmcls'),
            ('torchvision', 'torchvision_0.12'),
        )
        for name, url in json.loads((folder / f'{file}.json').read_text()).items()
    }
    assert {name: source.url for name, source in SOURCES.items()} == {
        name: known[name] for name in SOURCES
    }


def test_readme_of_the_configs_lists_every_source_and_file(monkeypatch):
    monkeypatch.undo()  # the tiny network
    text = (ROOT / 'configs' / 'README.md').read_text(encoding='utf-8')
    for name, source in SOURCES.items():
        files = ', '.join(f'`{file}`' for file in source.files())
        assert f'| `{name}` | `{source.repository}` | {files} |' in text


def be_process(monkeypatch, local_rank: int, barrier) -> None:
    monkeypatch.setattr(loading, 'is_distributed', lambda: True)
    monkeypatch.setattr(loading, 'barrier', barrier)
    monkeypatch.setenv('LOCAL_RANK', str(local_rank))


def test_first_process_downloads_before_the_others_go_on(hub, torch_cache, monkeypatch):
    write(hub / HUB_FILE, 3)
    files = []
    be_process(monkeypatch, 0, lambda: files.append([path.name for path in torch_cache.iterdir()]))
    assert load() == 3
    assert files == [['tiny.in1k.bin']]


def test_others_wait_for_its_file(hub, torch_cache, monkeypatch):
    write(hub / HUB_FILE, 3)
    be_process(monkeypatch, 1, lambda: write(torch_cache / FILES[0], 5) and None)
    assert load() == 5


def test_no_process_waits_for_ever_when_nothing_can_be_had(torch_cache, monkeypatch):
    waits = []
    for rank, message in ((0, 'cannot be had'), (1, 'first process of this machine')):
        be_process(monkeypatch, rank, lambda: waits.append(None))
        with pytest.raises(PretrainedWeightsError, match=message):
            load()
    assert len(waits) == 2
    assert not list(torch_cache.iterdir())


def test_training_stops_with_the_message_alone(tmp_path):
    """What `mim train mmpose CONFIG` runs, without weights and without a network.

    mim itself adds a traceback below the message whenever the program that it has started fails.
    """
    write_data_sets(['300w'], str(tmp_path / 'data'), Request(train=2, test=2, size=64))
    name = 'multilat/300w/multilat_hrnetv2-w18_4xb32-100e_300w-256x256-hm4.py'
    train = Path(mmpose.__file__).parent / '.mim' / 'tools' / 'train.py'
    done = subprocess.run(
        [sys.executable, str(train), str(ROOT / 'configs' / 'face_2d_keypoint' / name)],
        cwd=tmp_path,
        env={**os.environ, 'PYTHONPATH': str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert 'Traceback' not in done.stdout + done.stderr
    message = done.stderr[done.stderr.index('error: ') :].splitlines()
    assert message[0] == f'error: The pretrained weights {NAME} cannot be had. Tried:'
    assert message[-1] == 'or train from scratch: --cfg-options model.backbone.init_cfg=None'
    assert 'Epoch(train)' not in done.stdout

"""A machine without weights and without a network."""

import pytest


@pytest.fixture(autouse=True)
def hub(tmp_path, monkeypatch):
    """Stand in for the Hugging Face hub: an empty folder, whose URL begins with ``file:``.

    Every other server is refused by a proxy that does not exist, and torch's cache is empty.
    """
    folder = tmp_path / 'hub'
    folder.mkdir()
    monkeypatch.setenv('HF_ENDPOINT', folder.as_uri())
    monkeypatch.setenv('http_proxy', 'http://127.0.0.1:9')
    monkeypatch.setenv('https_proxy', 'http://127.0.0.1:9')
    monkeypatch.delenv('no_proxy', raising=False)
    monkeypatch.delenv('NO_PROXY', raising=False)
    monkeypatch.delenv('MMPOSE_MULTILAT_WEIGHTS', raising=False)
    monkeypatch.setenv('TORCH_HOME', str(tmp_path / 'torch'))
    return folder


@pytest.fixture
def torch_cache(tmp_path):
    """Torch's cache of this test, empty."""
    folder = tmp_path / 'torch' / 'hub' / 'checkpoints'
    folder.mkdir(parents=True)
    return folder

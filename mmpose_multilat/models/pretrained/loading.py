"""Find the weights of a name on this machine or download them, and hand them to MMEngine."""

from __future__ import annotations

import os
from functools import partial
from http.client import HTTPException
from pathlib import Path
from typing import Any

import torch
from mmengine.dist import barrier, get_rank, is_distributed
from mmengine.logging import print_log
from mmengine.runner.checkpoint import CheckpointLoader
from torch import Tensor

from mmpose_multilat.models.pretrained.error import PretrainedWeightsError
from mmpose_multilat.models.pretrained.files import WeightFileError, download, read_weights_of
from mmpose_multilat.models.pretrained.sources import SOURCES, Source

FOLDER_VARIABLE = 'MMPOSE_MULTILAT_WEIGHTS'
FROM_SCRATCH = '--cfg-options model.backbone.init_cfg=None'


# MMEngine takes names for regular expressions and asks the longest first, so that a name which
# only begins like one of these goes on to its own loader.
@CheckpointLoader.register_scheme(prefixes=[f'{name}$' for name in SOURCES], force=True)
def load_from_known_sources(name: str, map_location: Any = None) -> dict[str, Tensor]:
    """Find the weights of a name and read them.

    Args:
        name: One of :data:`SOURCES`.
        map_location: What MMEngine hands every loader. The weights are on the CPU whatever it
            says; a network copies them to where its parameters are.

    Returns:
        Parameters and buffers by name.

    Raises:
        PretrainedWeightsError: If they cannot be had, or a file of them cannot be used.
    """
    path = _obtain_once(name)
    try:
        weights = _read(SOURCES[name], path)
    except WeightFileError as error:
        raise PretrainedWeightsError(
            f'{error}\nIts place and name say that it holds the pretrained weights {name}. Remove '
            f'it or put the right file there, or train from scratch: {FROM_SCRATCH}'
        ) from error
    print_log(f'The pretrained weights {name} are those in {path}', logger='current')
    return weights


def _read(source: Source, path: Path) -> dict[str, Tensor]:
    """Read a file of a source, see :func:`read_weights_of`."""
    return read_weights_of(source.network, path, source.rename)


def _obtain_once(name: str) -> Path:
    """Find or download a file; of several processes on a machine only the first downloads."""
    local_rank = int(os.environ.get('LOCAL_RANK', get_rank())) if is_distributed() else 0
    try:
        if local_rank == 0:
            return _find(SOURCES[name]) or _download(name)
    finally:
        barrier()
    path = _find(SOURCES[name])
    if path is None:
        raise PretrainedWeightsError(
            f'The first process of this machine has not found the pretrained weights {name} '
            'either; its message says what to do.'
        )
    return path


def files_on_this_machine() -> dict[str, str]:
    """Return the file of each of :data:`SOURCES` that needs no download, '' without one."""
    return {name: str(_find(source) or '') for name, source in SOURCES.items()}


def _find(source: Source) -> Path | None:
    """Look for a file of the source on this machine."""
    for place in _places():
        for path in (place, *(place / file for file in source.files())):
            if path.is_file():
                return path
    return None


def _places() -> list[Path]:
    """Return where files of weights are: what the user names, a folder or a file; torch's cache."""
    named = os.environ.get(FOLDER_VARIABLE)
    cache = Path(torch.hub.get_dir(), 'checkpoints')
    return [Path(named).expanduser(), cache] if named else [cache]


def _download(name: str) -> Path:
    """Download the first file of a source that can be reached into torch's hub cache."""
    *_, cache = _places()
    check = partial(_read, SOURCES[name])
    failures = []
    for file, url in SOURCES[name].files().items():
        if file.endswith('.safetensors'):  # the same as the .bin file, which needs no package
            continue
        print_log(f'Downloading {url} to {cache / file}', logger='current')
        try:
            download(url, cache / file, check)
        except (OSError, HTTPException, ValueError) as error:
            failures.append(f'{url}: {error}')
        else:
            return cache / file
    raise PretrainedWeightsError(_describe(name, failures))


def _describe(name: str, failures: list[str]) -> str:
    """Say what was tried, which file goes where, and how to do without."""
    *named, cache = _places()
    files = SOURCES[name].files()
    width = max(map(len, files))
    return '\n'.join(
        [
            f'The pretrained weights {name} cannot be had. Tried:',
            *(f'  {FOLDER_VARIABLE}={place}: {_state(place)}' for place in named),
            *([] if named else [f'  {FOLDER_VARIABLE}: not set']),
            f'  {cache}: {_state(cache)}',
            *(f'  {failure}' for failure in failures),
            f'Put one of these files into {cache} or into the folder that {FOLDER_VARIABLE} names:',
            *(f'  {file:{width}}  from {url}' for file, url in files.items()),
            f'or train from scratch: {FROM_SCRATCH}',
        ]
    )


def _state(place: Path) -> str:
    return 'none of the files below' if place.is_dir() else 'no such folder'

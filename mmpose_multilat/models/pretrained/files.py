"""Files of pretrained weights: fetch one, read it, and see whether it is what it is taken for."""

from __future__ import annotations

import pickle
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor, nn

from mmpose_multilat.landmarks.whole_files import replacing

TIMEOUT = 10.0
"""Seconds without an answer after which a server counts as unreachable."""

LEAST_FITTING = 0.9
"""Share of a network's parameters that its file has to hold.

Those of its smaller and wider relatives hold less than half. What is missing in a file of the right
network MMEngine reports parameter by parameter.
"""


class WeightFileError(ValueError):
    """A file cannot be read, or holds something other than the weights of its network."""


def read_weights(path: Path) -> dict[str, Tensor]:
    """Read a file of weights without running any code that it holds.

    Args:
        path: A ``.safetensors`` file, or any other of ``torch.save``: parameters by name, or a
            dict with these as ``state_dict``.

    Returns:
        Parameters and buffers by name, in the memory of the CPU.

    Raises:
        WeightFileError: If the file is damaged or holds anything else, or safetensors is missing.
    """
    read = _read_safetensors if path.suffix == '.safetensors' else _read_pickle
    try:
        content = read(path)
    except WeightFileError:
        raise
    except pickle.UnpicklingError as error:  # torch's own text explains how to run what it refuses
        raise WeightFileError(f'{path} is damaged or holds more than parameters.') from error
    except Exception as error:  # torch and safetensors promise no type for damaged files
        raise WeightFileError(f'{path} cannot be read: {error or type(error).__name__}') from error
    weights = content.get('state_dict', content) if isinstance(content, dict) else None
    if not isinstance(weights, dict) or not all(map(torch.is_tensor, weights.values())):
        raise WeightFileError(f'{path} holds something other than parameters by name.')
    return weights


def _read_pickle(path: Path) -> object:
    return torch.load(path, map_location='cpu', weights_only=True)


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    try:
        from safetensors.torch import load_file
    except ImportError as error:
        raise WeightFileError(
            f'{path} needs the package safetensors: `pip install safetensors`, or take the .bin '
            'file of the same weights.'
        ) from error
    return load_file(path)


def read_weights_of(
    build: Callable[[], nn.Module],
    path: Path,
    rename: Callable[[Mapping[str, Tensor]], dict[str, Tensor]] = dict,
) -> dict[str, Tensor]:
    """Read the weights of a network and refuse those of another one.

    Args:
        build: Builds the network that the weights belong to; only names and shapes matter.
        path: See :func:`read_weights`.
        rename: Gives the weights of the file the names that the network has.

    Returns:
        All that the file holds, so also what the network does not have.

    Raises:
        WeightFileError: See :func:`read_weights`, and if fewer than :data:`LEAST_FITTING` of the
            network's parameters are in the file with their name and shape.
    """
    weights = rename(read_weights(path))
    with torch.device('meta'):  # takes neither memory nor random numbers
        # Files of early versions of PyTorch have no counters of batches.
        shapes = {
            name: parameter.shape
            for name, parameter in build().state_dict().items()
            if not name.endswith('num_batches_tracked')
        }
    fitting = sum(
        name in weights and weights[name].shape == shape for name, shape in shapes.items()
    )
    if fitting < LEAST_FITTING * len(shapes):
        raise WeightFileError(
            f'{path} holds other weights: of the {len(shapes)} parameters of the network it has '
            f'{fitting} with the right name and shape.'
        )
    return weights


def download(url: str, path: Path, check: Callable[[Path], object]) -> None:
    """Fetch a file that appears only when it is complete and passes a check.

    Args:
        url: Where it is.
        path: Where it goes; its folder is made.
        check: Called with the path of the complete file; raises to refuse it.

    Raises:
        OSError: If the server cannot be reached, does not answer for :data:`TIMEOUT` seconds or
            does not have the file, or the file cannot be written.
        ValueError: If ``url`` is not one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as part, _impatient_sockets():
        torch.hub.download_url_to_file(url, str(part), progress=sys.stderr.isatty())
        check(part)


@contextmanager
def _impatient_sockets() -> Iterator[None]:
    """Let connections give up after :data:`TIMEOUT`; torch's download has no such argument."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(TIMEOUT)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)

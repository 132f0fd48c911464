"""Load MMEngine's training checkpoints with torch >= 2.6 and its protection left on.

Since 2.6 ``torch.load`` reads files with ``weights_only=True``: a restricted unpickler that knows
tensors and plain containers. MMEngine 0.10.7 also stores its message hub and the meta information
of the data set, so resuming or testing such a file fails. Its runner's files ask for these names:

``mmengine.logging.history_buffer.HistoryBuffer``
    the curves of the message hub (loss, learning rate)
``builtins.getattr``
    ``HistoryBuffer.mean`` and its three sisters, which every buffer carries, and ``anneal_func`` of
    one-cycle schedules
``mmengine.optim.scheduler.param_scheduler.OneCycleParamScheduler``
    the owner of that ``anneal_func``
``numpy.ndarray``, ``numpy.dtype``, ``numpy.core.multiarray._reconstruct``
    the curves; sigmas and colours of the landmarks
``numpy.core.multiarray.scalar``
    metrics and the best score (``numpy.float64``)
``builtins.bytes``
    the content of an empty array (the links of a face without a skeleton)

Allowing the real objects would open the format to an attacker who writes the file:

* ``getattr`` reaches ``__globals__`` and with it every function of Python;
* the state of a ``numpy.dtype`` can declare raw bytes to be Python objects: a crash at best;
* ``numpy.array``, which the constructor of ``HistoryBuffer`` calls, follows an
  ``__array_interface__`` to any address;
* setting the state of an array twice frees memory that a tensor may still share;
* the state of a ``HistoryBuffer`` replaces the statistics methods of all its siblings.

So none of them is registered. Each *name* gets a stand-in that checks its arguments by exact type,
builds nothing but numbers, arrays of numbers and finished ``HistoryBuffer`` objects, and otherwise
raises ``pickle.UnpicklingError``, or TypeError for arguments that it does not take. What a file can
still do is what it can do without this module: hold wrong numbers, or so many that they fill the
memory.

The names are registered for the whole process. A program that registers the real NumPy objects too
(``add_safe_globals([numpy.dtype, ...])``) gives up the guard, and either of the two may be used.
"""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
import torch
from mmengine.logging import HistoryBuffer
from mmengine.optim.scheduler.param_scheduler import OneCycleParamScheduler

# fmt: off
NUMBER_TYPES = frozenset({
    'b1', 'i1', 'i2', 'i4', 'i8', 'u1', 'u2', 'u4', 'u8', 'f2', 'f4', 'f8', 'c8', 'c16',
})
# fmt: on
"""Type codes that an array may have: no objects, no records, no text."""

PLAIN_LAYOUT = (None, None, None, -1, -1, 0)
"""State of a number type after its byte order: no fields, no size and no flags of its own."""

HISTORY_FIELDS = {'max_length', '_log_history', '_count_history'}


def _require(condition: bool, what: str) -> None:
    """Raise ``pickle.UnpicklingError`` naming what was refused, unless ``condition`` holds."""
    if not condition:
        raise pickle.UnpicklingError(
            f'{what} is not something that an MMEngine runner writes into a checkpoint'
        )


class _NumberType:
    """Stands for ``numpy.dtype``: holds one of the :data:`NUMBER_TYPES` as ``value``."""

    def __init__(self, code: str, align: bool = False, copy: bool = False) -> None:
        _require(type(code) is str and code in NUMBER_TYPES, f'an array of type {code!r}')
        self.value = np.dtype(code)

    def __setstate__(self, state: tuple) -> None:
        """Take over the byte order, the only part of the state that may differ from the default."""
        plain = type(state) is tuple and state[2:] == PLAIN_LAYOUT and state[1] in ('<', '>', '|')
        _require(plain, 'an array type with fields, flags or a size of its own')
        self.value = self.value.newbyteorder(state[1])


class CheckpointArray(np.ndarray):
    """Array of numbers that came out of a checkpoint; a ``numpy.ndarray`` in every other respect.

    Stands for ``numpy.ndarray``. Its state can be set once and consists of numbers. On disk its
    copies are ordinary arrays.
    """

    def __new__(cls) -> CheckpointArray:
        """Return an empty array; the file's arguments (shape, buffer, strides) are never used."""
        return super().__new__(cls, (0,), np.uint8)

    def __setstate__(self, state: tuple) -> None:
        """Fill the empty array with ``(version, shape, type, column-major, bytes)``."""
        _require(self.size == 0, 'an array that is filled twice')
        _require(type(state) is tuple and len(state) == 5, 'an array with an unknown state')
        version, shape, number_type, is_column_major, data = state
        sizes_are_plain = type(shape) is tuple and all(type(n) is int and n >= 0 for n in shape)
        _require(
            sizes_are_plain and type(data) is bytes, 'an array of something other than numbers'
        )
        _require(type(number_type) is _NumberType, 'an array of an unknown type')
        dtype = number_type.value
        _require(
            math.prod(shape) * dtype.itemsize == len(data),
            'an array whose bytes do not fill its shape',
        )
        super().__setstate__((version, shape, dtype, bool(is_column_major), data))

    def __reduce_ex__(self, protocol: int) -> tuple:
        """Pickle as ``numpy.ndarray``, so that files do not depend on this module."""
        return self.view(np.ndarray).__reduce_ex__(protocol)


def _reconstruct(owner: object, shape: object, code: object) -> CheckpointArray:
    """Stand for NumPy's function of this name, which every pickled array starts with."""
    _require(owner is CheckpointArray, 'an array of an unknown class')
    return CheckpointArray()


def _scalar(number_type: _NumberType, data: bytes) -> np.generic:
    """Stand for ``numpy.core.multiarray.scalar``: one number from its bytes."""
    _require(
        type(number_type) is _NumberType and type(data) is bytes,
        'a NumPy scalar that is not a number',
    )
    _require(len(data) == number_type.value.itemsize, 'a NumPy scalar of the wrong size')
    return np.frombuffer(data, number_type.value)[0]


def _empty_bytes() -> bytes:
    """Stand for ``bytes``, which pickle calls without arguments to write ``b''``."""
    return b''


class _History:
    """Stands for ``HistoryBuffer``, and becomes one when its state, two arrays, is set."""

    def __new__(cls) -> _History:
        """Take no arguments: those of ``HistoryBuffer`` would go through ``numpy.array``."""
        return super().__new__(cls)

    def __setstate__(self, state: dict) -> None:
        """Check the three fields; the statistics methods are the class's own, never the file's."""
        _require(type(state) is dict, 'a HistoryBuffer with an unknown state')
        fields = {name: value for name, value in state.items() if name != 'statistics_methods'}
        _require(set(fields) == HISTORY_FIELDS, 'a HistoryBuffer with unknown fields')
        curves = [fields['_log_history'], fields['_count_history']]
        _require(
            all(type(curve) is CheckpointArray for curve in curves),
            'a HistoryBuffer without arrays',
        )
        length = fields['max_length']
        # NumPy's come from `_scalar`, which makes numbers only.
        whole = type(length) is int or isinstance(length, np.integer)
        _require(whole, 'a HistoryBuffer without an integer length')
        fields['max_length'] = int(length)
        log_history, count_history = (np.array(curve) for curve in curves)
        self.__class__ = HistoryBuffer
        self.__setstate__({**fields, '_log_history': log_history, '_count_history': count_history})


class _OneCycle:
    """Stands for ``OneCycleParamScheduler``; files need two static functions of three numbers."""


_METHODS: dict[type, dict[str, Callable]] = {
    _History: {name: getattr(HistoryBuffer, name) for name in ('min', 'max', 'current', 'mean')},
    _OneCycle: {
        name: getattr(OneCycleParamScheduler, name)
        for name in ('_annealing_cos', '_annealing_linear')
    },
}


def _get_method(owner: type, name: str) -> Callable:
    """Stand for ``getattr``: look up one of six functions in a table, never an attribute."""
    is_known = isinstance(owner, type) and type(name) is str and name in _METHODS.get(owner, {})
    _require(is_known, f'getattr of {name!r}')
    return _METHODS[owner][name]


def _named_stand_ins() -> list[tuple[Any, str]]:
    """Return (stand-in, name in the file), with the names that NumPy 1 and NumPy 2 write."""
    named = [
        (_get_method, 'builtins.getattr'),
        (_empty_bytes, 'builtins.bytes'),
        (_History, 'mmengine.logging.history_buffer.HistoryBuffer'),
        (_OneCycle, 'mmengine.optim.scheduler.param_scheduler.OneCycleParamScheduler'),
        (_NumberType, 'numpy.dtype'),
        (CheckpointArray, 'numpy.ndarray'),
    ]
    for package in ('numpy.core', 'numpy._core'):
        named += [
            (_reconstruct, f'{package}.multiarray._reconstruct'),
            (_scalar, f'{package}.multiarray.scalar'),
        ]
    return named


def _is_needed(serialization: ModuleType) -> bool:
    """Tell whether this torch protects ``torch.load`` by default.

    ``add_safe_globals`` exists since 2.4; ``get_unsafe_globals_in_checkpoint``, the change of the
    default and names for allowed objects belong to 2.6. Earlier versions load MMEngine's files as
    they are.
    """
    return hasattr(serialization, 'add_safe_globals') and hasattr(
        serialization, 'get_unsafe_globals_in_checkpoint'
    )


def allow_mmengine_checkpoints() -> bool:
    """Let ``torch.load`` read MMEngine's training checkpoints without switching its protection off.

    May be called any number of times.

    Returns:
        Whether stand-ins were registered; False with torch < 2.6, which needs none.
    """
    if not _is_needed(torch.serialization):
        return False
    torch.serialization.add_safe_globals(_named_stand_ins())
    return True

"""Reading MATLAB files of raw releases, with errors that name file, entry and field."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Optional

import numpy as np
import scipy.io

from mmpose_multilat.datasets.face.preparation.raw_data import RawDataError


def read_mat(path: Path, names: Sequence[str]) -> dict[str, np.ndarray]:
    """Read variables of a MATLAB file of version 7.2 or older.

    Args:
        path: The file.
        names: The variables.

    Returns:
        The variables by name, at least two-dimensional as MATLAB has them.

    Raises:
        RawDataError: If the file is missing or damaged, or lacks a variable.
    """
    if not path.is_file():
        raise RawDataError(path, 'there is no such file')
    try:
        content = scipy.io.loadmat(str(path), variable_names=list(names))
    except Exception as error:  # the reader fails in many ways on damaged files
        raise RawDataError(path, f'is no readable MATLAB file ({_words(error)})') from error
    for name in names:
        if name not in content:
            raise RawDataError(path, 'there is no such variable', field=name)
    return {name: content[name] for name in names}


@contextmanager
def open_hdf5(path: Path, names: Sequence[str]) -> Iterator[Any]:
    """Open a MATLAB file of version 7.3, which is HDF5 and has all dimensions in reverse order.

    Args:
        path: The file.
        names: The variables that it has to have.

    Yields:
        The `h5py.File`.

    Raises:
        RawDataError: If h5py is not installed, the file is missing or damaged, or lacks a
            variable.
    """
    try:
        import h5py
    except ImportError as error:
        problem = 'reading MATLAB 7.3 files needs h5py; install it: pip install h5py'
        raise RawDataError(path, problem) from error
    if not path.is_file():
        raise RawDataError(path, 'there is no such file')
    try:
        file = h5py.File(path, 'r')
    except OSError as error:
        problem = f'is no readable MATLAB 7.3 (HDF5) file ({_words(error)})'
        raise RawDataError(path, problem) from error
    with file:
        for name in names:
            if not isinstance(file.get(name), h5py.Dataset):
                raise RawDataError(path, 'there is no such variable', field=name)
        yield file


def read_hdf5_matrix(file: Any, name: str, path: Path, columns: int) -> np.ndarray:
    """A numeric matrix with one row for each face, from an open MATLAB 7.3 file.

    Args:
        file: What `open_hdf5` gives.
        name: The variable; columns x faces as HDF5 has it.
        path: The file, for messages.
        columns: Numbers of a face.

    Returns:
        (N, columns) float64.

    Raises:
        RawDataError: If it cannot be read, or is anything else.
    """
    try:
        values = np.asarray(file[name]).T
    except (OSError, ValueError) as error:
        raise RawDataError(path, f'cannot be read ({_words(error)})', field=name) from error
    return matrix(values, name, path, columns)


def matrix(
    values: np.ndarray,
    name: str,
    path: Path,
    columns: int,
    rows: Optional[int] = None,
) -> np.ndarray:
    """Make sure that a variable is a matrix of finite numbers.

    Args:
        values: The variable.
        name: Its name.
        path: The file, for messages.
        columns: Columns that it has to have.
        rows: Rows that it has to have; any number if None.

    Returns:
        (rows, columns) float64.

    Raises:
        RawDataError: If it is not; the entry is the row, from 1 as MATLAB counts.
    """
    expected = f'{rows or "any number"} x {columns}'
    if values.ndim != 2 or values.shape[1] != columns or rows not in (None, len(values)):
        shape = ' x '.join(map(str, values.shape)) or 'a single value'
        raise RawDataError(path, f'is {shape}; it has to be {expected}', field=name)
    if values.dtype.kind not in 'biuf':
        raise RawDataError(path, f'holds no numbers; it has to be {expected}', field=name)
    wrong = np.argwhere(~np.isfinite(values))
    if len(wrong):
        row, column = wrong[0] + 1
        problem = f'{values[row - 1, column - 1]} in column {column} is no finite number'
        raise RawDataError(path, problem, entry=int(row), field=name)
    return values.astype(np.float64)


def _words(error: Exception) -> str:
    """The first line of a message."""
    return (str(error) or type(error).__name__).splitlines()[0]

import h5py
import numpy as np
import pytest
import scipy.io

from mmpose_multilat.datasets.face.preparation.mat_files import (
    matrix,
    open_hdf5,
    read_hdf5_matrix,
    read_mat,
)
from mmpose_multilat.datasets.face.preparation.raw_data import RawDataError


def test_old_files(tmp_path):
    path = tmp_path / 'a.mat'
    scipy.io.savemat(path, {'a': [1, 2, 3], 'b': 4.5, 'c': 'text'})
    content = read_mat(path, ['a', 'b'])
    assert set(content) == {'a', 'b'}
    np.testing.assert_array_equal(content['a'], [[1, 2, 3]])
    np.testing.assert_array_equal(content['b'], [[4.5]])


def test_a_new_file_where_an_old_one_is_expected(tmp_path):
    with h5py.File(tmp_path / 'a.mat', 'w', userblock_size=512) as file:
        file['a'] = [[1.0]]
    with pytest.raises(RawDataError, match='a.mat: is no readable MATLAB file'):
        read_mat(tmp_path / 'a.mat', ['a'])


def test_an_old_file_where_a_new_one_is_expected(tmp_path):
    scipy.io.savemat(tmp_path / 'a.mat', {'a': [1.0]})
    with pytest.raises(RawDataError, match='a.mat: is no readable MATLAB 7.3'):
        open_hdf5(tmp_path / 'a.mat', ['a']).__enter__()


def test_new_files_are_transposed(tmp_path):
    with h5py.File(tmp_path / 'a.mat', 'w', userblock_size=512) as file:
        file['a'] = [[1, 2, 3], [4, 5, 6]]
        file.create_group('group')
    with open_hdf5(tmp_path / 'a.mat', ['a']) as file:
        values = read_hdf5_matrix(file, 'a', tmp_path / 'a.mat', 2)
    np.testing.assert_array_equal(values, [[1, 4], [2, 5], [3, 6]])
    assert values.dtype == np.float64
    with pytest.raises(RawDataError, match='field group: there is no such variable'):
        open_hdf5(tmp_path / 'a.mat', ['group']).__enter__()


@pytest.mark.parametrize(
    'values, rows, words',
    [
        (np.ones((3, 5)), None, 'a.mat, field x: is 3 x 5; it has to be any number x 4'),
        (np.ones((3, 4)), 2, 'a.mat, field x: is 3 x 4; it has to be 2 x 4'),
        (np.ones(4), None, 'is 4; it has to be any number x 4'),
        (np.array(1.0), None, 'is a single value; it has to be any number x 4'),
        (np.full((2, 4), 'x'), None, 'holds no numbers'),
        (np.array([[1, 2, 3, 4], [1, 2, np.inf, 4]]), None, 'entry 2, field x: inf in column 3'),
    ],
)
def test_other_values(tmp_path, values, rows, words):
    with pytest.raises(RawDataError) as error:
        matrix(values, 'x', tmp_path / 'a.mat', 4, rows)
    assert words in str(error.value)

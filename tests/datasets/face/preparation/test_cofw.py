import sys
from pathlib import Path

import cv2
import h5py
import numpy as np
import pytest
from binary_releases import (
    SIZE,
    TEST_NAMES,
    cofw_boxes,
    cofw_values,
    faces,
    score_untrained_network,
    write_cofw,
    write_cofw_mat,
)
from mmpose.datasets import COFWDataset

from mmpose_multilat.datasets.face.preparation.prepare import prepare
from mmpose_multilat.datasets.face.preparation.raw_data import RawDataError


@pytest.fixture(scope='module')
def people():
    return faces(5)


@pytest.fixture(scope='module')
def prepared(people, tmp_path_factory):
    """Three training and two test faces; the second image is grey."""
    folder = tmp_path_factory.mktemp('cofw')
    write_cofw(folder / 'raw', people[:3], people[3:], grey=[1])
    prepare('cofw', folder / 'raw', folder / 'data')
    return folder / 'data'


def load(folder, part, **settings):
    return COFWDataset(
        ann_file=f'annotations/cofw_{part}.json',
        data_root=str(folder),
        data_prefix=dict(img='images/'),
        **settings,
    )


def test_mmpose_reads_the_landmarks(prepared, people):
    for part, expected in (('train', people[:3]), ('test', people[3:])):
        data_set = load(prepared, part)
        assert len(data_set) == len(expected)
        for sample, face in zip(data_set, expected):
            np.testing.assert_allclose(sample['keypoints'][0], face.landmarks['cofw'], atol=1e-4)
            # MMPose counts occluded landmarks as visible, but the file keeps them apart.
            flags = np.array(sample['raw_ann_info']['keypoints'])[2::3]
            np.testing.assert_array_equal(flags, np.where(face.hidden['cofw'], 1, 2))


def test_boxes_are_those_of_the_release(prepared, people):
    for sample, (x, y, width, height) in zip(load(prepared, 'train'), cofw_boxes(people)):
        expected = [x, y, min(x + width, SIZE - 1), min(y + height, SIZE - 1)]
        np.testing.assert_allclose(sample['bbox'][0], expected)


def test_pictures_are_numbered_train_before_test(prepared, people):
    names = [f'{number:06d}.jpg' for number in range(1, 6)]
    assert sorted(path.name for path in (prepared / 'images').iterdir()) == names
    assert Path(load(prepared, 'test')[0]['img_path']).name == '000004.jpg'


def test_pictures_keep_their_colours_and_orientation(prepared, people):
    for number, face in enumerate(people, start=1):
        expected = face.image
        if number == 2:
            expected = cv2.cvtColor(cv2.cvtColor(expected, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
        read = cv2.imread(str(prepared / 'images' / f'{number:06d}.jpg'))
        assert np.abs(read.astype(int) - expected).mean() < 3


def test_landmarks_outside_the_picture_are_kept(people, tmp_path):
    values = np.stack([cofw_values(face) for face in people[:1]])
    values[0, 0] = -4.0
    write_cofw(tmp_path / 'raw', people[:1], people[1:2], values=values)
    prepare('cofw', tmp_path / 'raw', tmp_path / 'data')
    assert load(tmp_path / 'data', 'train')[0]['keypoints'][0, 0, 0] == -5


def changed(people, row, column, value):
    values = np.stack([cofw_values(face) for face in people])
    values[row, column] = value
    return values


BROKEN = {
    'NaN': (
        lambda people: {'values': changed(people, 1, 30, np.nan)},
        'entry 2, field phisTr: nan in column 31 is no finite number',
    ),
    'flag': (
        lambda people: {'values': changed(people, 0, 60, 2)},
        'entry 1, field phisTr: occlusion of landmark 2 is 2, neither 0 nor 1',
    ),
    'columns': (
        lambda people: {'values': np.zeros((2, 58))},
        'field phisTr: is 2 x 58; it has to be any number x 87',
    ),
    'box': (
        lambda people: {'boxes': np.array([[1.0, 1, 5, 5], [1, 1, 0, 5]])},
        'entry 2, field bboxesTr: [1.0, 1.0, 0.0, 5.0] (x, y, width, height) is empty',
    ),
    'count': (
        lambda people: {'boxes': np.ones((3, 4))},
        'different numbers of faces: 2 in IsTr, 2 in phisTr, 3 in bboxesTr',
    ),
    'depth': (
        lambda people: {'images': [people[0].image.astype(np.uint16)] * 2},
        'entry 1, field IsTr: its image is uint16 96 x 96 x 3; it has to be uint8',
    ),
    'channels': (
        lambda people: {'images': [np.zeros((8, 9, 4), np.uint8)] * 2},
        'entry 1, field IsTr: its image is uint8 8 x 9 x 4',
    ),
}


@pytest.mark.parametrize('case', BROKEN)
def test_broken_values(people, tmp_path, case):
    make, message = BROKEN[case]
    raw = write_cofw(tmp_path / 'raw', people[:2], people[2:], **make(people[:2]))
    refuse(raw, tmp_path / 'data', 'COFW_train_color.mat', message)


def refuse(raw, out, *messages):
    with pytest.raises(RawDataError) as error:
        prepare('cofw', raw, out)
    for message in messages:
        assert message in str(error.value)
    assert not out.exists()


def test_missing_variable(people, tmp_path):
    raw = write_cofw(tmp_path / 'raw', people[:1], people[1:2])
    write_cofw_mat(raw / 'COFW_test_color.mat', people[1:2], ('IsT', 'phis', 'bboxesT'))
    refuse(raw, tmp_path / 'data', 'COFW_test_color.mat, field phisT: there is no such variable')


def test_a_cell_that_refers_to_nothing(people, tmp_path):
    raw = write_cofw(tmp_path / 'raw', people[:1], people[1:2])
    with h5py.File(raw / 'COFW_test_color.mat', 'a') as file:
        file[TEST_NAMES[0]][0, 0] = h5py.Reference()
    refuse(raw, tmp_path / 'data', f'entry 1, field {TEST_NAMES[0]}: its image cannot be read')


@pytest.mark.parametrize('keep', [0, 100, 5000])
def test_truncated_file(people, tmp_path, keep):
    raw = write_cofw(tmp_path / 'raw', people[:1], people[1:2])
    path = raw / 'COFW_test_color.mat'
    path.write_bytes(path.read_bytes()[:keep])
    refuse(raw, tmp_path / 'data', f'{path}: is no readable MATLAB 7.3 (HDF5) file')


def test_missing_file(people, tmp_path):
    raw = write_cofw(tmp_path / 'raw', people[:1], people[1:2])
    (raw / 'COFW_test_color.mat').unlink()
    refuse(raw, tmp_path / 'data', 'COFW_test_color.mat: there is no such file')


def test_without_h5py(people, tmp_path, monkeypatch):
    raw = write_cofw(tmp_path / 'raw', people[:1], people[1:2])
    monkeypatch.setitem(sys.modules, 'h5py', None)
    refuse(raw, tmp_path / 'data', 'needs h5py; install it: pip install h5py')


def test_a_network_is_tested_on_it(prepared, tmp_path):
    config = 'popos/cofw/popos_hrnetv2-w18_4xb32-100e_cofw-256x256-hm4.py'
    metrics = score_untrained_network(config, prepared, tmp_path)
    assert metrics['faces'] == 2
    # The flags tell occluded landmarks from visible ones.
    for name in ('NME_ocular', 'NME_ocular_visible', 'NME_ocular_occluded'):
        assert 0 < metrics[name] < np.inf

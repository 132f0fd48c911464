import numpy as np
import pytest
import scipy.io
from binary_releases import annotations, cofw_boxes, faces, write_cofw, write_cofw68
from mmpose.datasets import Face300WDataset

from mmpose_multilat.datasets.face.preparation.prepare import prepare
from mmpose_multilat.datasets.face.preparation.raw_data import RawDataError


@pytest.fixture(scope='module')
def people():
    return faces(4)


@pytest.fixture
def raw(people, tmp_path):
    """A release of COFW-68 of two faces, beside the MATLAB files of COFW."""
    folder = write_cofw68(tmp_path / 'raw', people[2:])
    return write_cofw(folder, people[:2], people[2:])


def load(folder):
    return Face300WDataset(
        ann_file='annotations/cofw68_test.json',
        data_root=str(folder),
        data_prefix=dict(img='images/'),
    )


def check(folder, people, names):
    data_set = load(folder)
    assert [sample['img_path'].rsplit('/', 1)[1] for sample in data_set] == names
    for sample, face in zip(data_set, people):
        landmarks = face.landmarks['ibug']
        np.testing.assert_allclose(sample['keypoints'][0], landmarks, atol=1e-4)
        low, high = np.floor(landmarks.min(0)), np.ceil(landmarks.max(0))
        np.testing.assert_allclose(sample['bbox_center'][0], (low + high) / 2)
        np.testing.assert_allclose(sample['bbox_scale'][0], (high - low).max(), rtol=1e-6)
    records = annotations(folder, 'cofw68_test.json')['annotations']
    for record, face, box in zip(records, people, cofw_boxes(people)):
        assert record['detection_box'] == box.tolist()
        flags = np.where(face.hidden['ibug'], 1, 2)
        np.testing.assert_array_equal(record['keypoints'][2::3], flags)


def test_with_the_pictures_of_the_matlab_file(raw, people, tmp_path):
    prepare('cofw68', raw, tmp_path / 'data')
    check(tmp_path / 'data', people[2:], ['001346.jpg', '001347.jpg'])


def test_with_the_pictures_of_a_prepared_cofw(people, tmp_path):
    """The small COFW has two training faces, so that its test faces begin at number 3."""
    prepare('cofw', write_cofw(tmp_path / 'cofw', people[:2], people[2:]), tmp_path / 'raw/cofw')
    raw = write_cofw68(tmp_path / 'raw', people[2:])
    prepare('cofw68', raw, tmp_path / 'data')
    check(tmp_path / 'data', people[2:], ['000003.jpg', '000004.jpg'])


def test_the_layout_of_the_repository(people, tmp_path):
    write_cofw68(tmp_path / 'raw' / 'COFW68_Data', people[2:])
    write_cofw(tmp_path / 'raw', people[:2], people[2:])
    prepare('cofw68', tmp_path / 'raw', tmp_path / 'data')
    assert len(load(tmp_path / 'data')) == 2


def refuse(raw, message):
    out = raw.parent / 'data'
    with pytest.raises(RawDataError) as error:
        prepare('cofw68', raw, out)
    assert message in str(error.value)
    assert not out.exists()


POINTS, OCCLUDED = np.ones((68, 2)), np.zeros((1, 68))
BROKEN = {
    'variable': ({'Points': POINTS}, 'field Occ: there is no such variable'),
    'points': ({'Points': np.ones((66, 2)), 'Occ': OCCLUDED}, 'field Points: is 66 x 2'),
    'flags': ({'Points': POINTS, 'Occ': np.zeros((1, 66))}, 'field Occ: is 1 x 66'),
    'flag': ({'Points': POINTS, 'Occ': OCCLUDED + 3}, 'field Occ: occlusion of landmark 0 is 3'),
    'NaN': ({'Points': POINTS * np.nan, 'Occ': OCCLUDED}, 'entry 1, field Points: nan'),
}


@pytest.mark.parametrize('case', BROKEN)
def test_broken_values(raw, case):
    variables, message = BROKEN[case]
    scipy.io.savemat(raw / 'test_annotations' / '2_points.mat', variables)
    refuse(raw, '2_points.mat, ')
    refuse(raw, message)


def test_missing_face(raw):
    (raw / 'test_annotations' / '1_points.mat').unlink()
    refuse(raw, '1_points.mat: there is no such file')


def test_truncated_face(raw):
    path = raw / 'test_annotations' / '1_points.mat'
    path.write_bytes(path.read_bytes()[:150])
    refuse(raw, '1_points.mat')


def test_another_number_of_pictures(raw, people):
    write_cofw68(raw, people[1:])
    refuse(raw, 'field bboxes: 3 faces, but COFW has 2 test images')


def test_no_annotations(tmp_path):
    (tmp_path / 'raw').mkdir()
    refuse(tmp_path / 'raw', 'has no folder test_annotations/')


def test_no_pictures(people, tmp_path):
    refuse(write_cofw68(tmp_path / 'raw', people), 'neither COFW_test_color.mat nor a prepared')


@pytest.mark.parametrize(
    'content, message',
    [
        ('{"images": [', 'is no annotation file of COFW'),
        ('{"images": [{"id": 1}]}', 'is no annotation file of COFW'),
        ('{"images": [{"file_name": "1.jpg"}]}', 'entry image 1.jpg: its image: '),
        ('{"images": [{"file_name": "../1.jpg"}]}', 'entry image ../1.jpg: its image: '),
    ],
)
def test_a_broken_prepared_cofw(people, tmp_path, content, message):
    raw = write_cofw68(tmp_path / 'raw', people[:1])
    (raw / 'cofw' / 'annotations').mkdir(parents=True)
    (raw / 'cofw' / 'annotations' / 'cofw_test.json').write_text(content)
    refuse(raw, message)

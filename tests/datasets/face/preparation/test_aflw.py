import cv2
import numpy as np
import pytest
from binary_releases import aflw_variables, annotations, faces, score_untrained_network, write_aflw
from mmpose.datasets import AFLWDataset

from mmpose_multilat.datasets.face.preparation import aflw
from mmpose_multilat.datasets.face.preparation.prepare import prepare
from mmpose_multilat.datasets.face.preparation.raw_data import RawDataError

TRAIN = 3


@pytest.fixture(autouse=True)
def small_release(monkeypatch):
    monkeypatch.setattr(aflw, 'TRAIN_FACES', TRAIN)


@pytest.fixture(scope='module')
def people():
    return faces(6)


@pytest.fixture
def prepared(people, tmp_path):
    """The order `ra` is backwards: faces 5, 4, 3 are for training, 2, 1, 0 for testing."""
    masks = np.ones((6, 19), np.uint8)
    masks[1, 4] = masks[5, 0] = 0
    write_aflw(tmp_path / 'raw', people, mask_new=masks)
    prepare('aflw', tmp_path / 'raw', tmp_path / 'data')
    return tmp_path / 'data'


def load(folder, part):
    return AFLWDataset(
        ann_file=f'annotations/face_landmarks_aflw_{part}.json',
        data_root=str(folder),
        data_prefix=dict(img='images/'),
        test_mode=True,
    )


@pytest.mark.parametrize(
    'part, expected', [('train', [5, 4, 3]), ('test', [2, 1, 0]), ('test_frontal', [2, 0])]
)
def test_mmpose_reads_the_faces(prepared, people, part, expected):
    data_set = load(prepared, part)
    assert len(data_set) == len(expected)
    for sample, index in zip(data_set, expected):
        landmarks = people[index].landmarks['aflw']
        np.testing.assert_allclose(sample['keypoints'][0], landmarks, atol=1e-4)
        assert (sample['keypoints_visible'] == 1).all()
        np.testing.assert_array_equal(cv2.imread(sample['img_path']).shape, (96, 96, 3))
        x, y = np.floor(landmarks.min(0))
        np.testing.assert_allclose(sample['bbox_center'][0], (x + 32, y + 32))
        np.testing.assert_allclose(sample['bbox'][0], (x, y, x + 64, y + 64))
        assert sample['box_size'] == 64


def test_fields_of_an_annotation(prepared):
    content = annotations(prepared, 'face_landmarks_aflw_test.json')
    records = content['annotations']
    assert [sum(record['mask']) for record in records] == [19, 18, 19]
    assert all(record['scale'] == 64 / 200 for record in records)
    frontal = annotations(prepared, 'face_landmarks_aflw_test_frontal.json')
    assert frontal['annotations'] == [records[0], records[2]]
    assert [image['file_name'] for image in content['images']] == [
        'flickr/3/image00002.jpg',
        'flickr/2/image00001.jpg',
        'flickr/0/image00000.jpg',
    ]


def test_faces_of_one_picture_share_it(people, tmp_path):
    cells = np.empty((6, 1), dtype=object)
    cells[:, 0] = ['0/image00000.jpg'] * 6
    write_aflw(tmp_path / 'raw', people, nameList=cells)
    prepare('aflw', tmp_path / 'raw', tmp_path / 'data')
    content = annotations(tmp_path / 'data', 'face_landmarks_aflw_train.json')
    assert len(content['images']) == 1 and len(content['annotations']) == 3


@pytest.mark.parametrize('place', ['data/flickr', 'images/flickr', '.'])
def test_places_of_the_pictures(people, tmp_path, place):
    write_aflw(tmp_path / 'raw', people, place)
    prepare('aflw', tmp_path / 'raw', tmp_path / 'data')
    assert (tmp_path / 'data/images/flickr/3/image00002.jpg').is_file()


def broken(name, row, column, value):
    def change(people):
        names = [f'{(0, 2, 3)[index % 3]}/image{index:05d}.jpg' for index in range(len(people))]
        values = aflw_variables(people, names)[name]
        values[row, column] = value
        return {name: values}

    return change


BROKEN = {
    'NaN': (broken('data', 3, 20, np.nan), 'entry 4, field data: nan in column 21'),
    'box': (broken('bbox', 0, 1, -50), 'entry 1, field bbox: '),
    'mask': (broken('mask_new', 2, 5, 7), 'entry 3, field mask_new: 7 of landmark 5'),
    'order': (broken('ra', 0, 0, 3), 'field ra: is no permutation of the 6 faces'),
    'no name': (broken('nameList', 4, 0, ''), 'entry 5, field nameList: holds no name'),
    'escape': (broken('nameList', 4, 0, '0/../../secret.jpg'), 'entry 5, field nameList: '),
    'picture': (
        broken('nameList', 4, 0, '0/none.jpg'),
        'entry 5, field nameList: its image: ',
    ),
    'variable': (lambda people: {'mask_new': None}, 'field mask_new: there is no such variable'),
    'rows': (
        lambda people: {'bbox': np.ones((5, 4))},
        'field bbox: is 5 x 4; it has to be 6 x 4',
    ),
    'columns': (
        lambda people: {'data': np.ones((6, 42))},
        'field data: is 6 x 42; it has to be 6 x 38',
    ),
    'text': (
        lambda people: {'mask_new': np.array([['x'] * 19] * 6, dtype=object)},
        'field mask_new: holds no numbers',
    ),
}


@pytest.mark.parametrize('case', BROKEN)
def test_broken_values(people, tmp_path, case):
    change, message = BROKEN[case]
    raw = write_aflw(tmp_path / 'raw', people, **change(people))
    refuse(raw, tmp_path / 'data', f'{raw}/AFLWinfo_release.mat, {message}')


def refuse(raw, out, message):
    with pytest.raises(RawDataError) as error:
        prepare('aflw', raw, out)
    assert message in str(error.value)
    assert not out.exists()


def test_an_incomplete_release(people, tmp_path):
    raw = write_aflw(tmp_path / 'raw', people[:TRAIN])
    refuse(raw, tmp_path / 'data', 'field ra: 3 faces; 3 are for training')


@pytest.mark.parametrize('keep', [0, 60, 200, -40])
def test_truncated_file(people, tmp_path, keep):
    raw = write_aflw(tmp_path / 'raw', people)
    path = raw / 'AFLWinfo_release.mat'
    path.write_bytes(path.read_bytes()[:keep])
    refuse(raw, tmp_path / 'data', f'{path}')


def test_unreadable_picture(people, tmp_path):
    raw = write_aflw(tmp_path / 'raw', people)
    (raw / 'flickr/2/image00004.jpg').write_text('no image')
    refuse(raw, tmp_path / 'data', 'entry 5, field nameList: its image: ')


def test_no_pictures(people, tmp_path):
    raw = write_aflw(tmp_path / 'raw', people)
    (raw / 'flickr').rename(raw / 'elsewhere')
    refuse(raw, tmp_path / 'data', 'no folder 0 in any of flickr, data/flickr')


def test_missing_file(people, tmp_path):
    raw = write_aflw(tmp_path / 'raw', people)
    (raw / 'AFLWinfo_release.mat').unlink()
    refuse(raw, tmp_path / 'data', 'AFLWinfo_release.mat: there is no such file')


def test_a_network_is_tested_on_it(prepared, tmp_path):
    config = 'keyposs/aflw/keyposs_hrnetv2-w18_4xb64-100e_aflw-256x256-hm4.py'
    metrics = score_untrained_network(config, prepared, tmp_path / 'work')
    assert metrics['faces'] == 3 and metrics['frontal/faces'] == 2
    for name in ('NME_box_side', 'frontal/NME_box_side'):
        assert 0 < metrics[name] < np.inf

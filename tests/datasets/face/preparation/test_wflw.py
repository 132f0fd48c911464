import json
import re

import numpy as np
import pytest
from mmpose.datasets.datasets import WFLWDataset
from raw_releases import WFLW_FLAGS, points, wflw_line, wflw_list, write_wflw

from mmpose_multilat.datasets.face.preparation.prepare import prepare
from mmpose_multilat.datasets.face.preparation.raw_data import RawDataError
from mmpose_multilat.landmarks import DATASETS

FILES = [file.name for file in DATASETS['wflw'].files]


def stock(out, name):
    """The faces of a file as MMPose reads them."""
    return WFLWDataset(
        ann_file=f'annotations/{name}',
        data_root=str(out),
        data_prefix=dict(img='images/'),
        test_mode=True,
        serialize_data=False,
    )


@pytest.fixture(scope='module')
def prepared(tmp_path_factory):
    folder = tmp_path_factory.mktemp('wflw')
    faces = write_wflw(folder / 'raw')
    written = prepare('wflw', folder / 'raw', folder / 'out')
    return folder / 'out', faces, written


@pytest.mark.parametrize('part', ['train', 'test'])
def test_mmpose_reads_the_exact_landmarks(prepared, part):
    out, faces, _ = prepared
    data = stock(out, f'face_landmarks_wflw_{part}.json')
    assert len(data) == len(faces[part])
    for index, (name, landmarks) in enumerate(faces[part]):
        info = data.get_data_info(index)
        assert info['img_path'] == str(out / 'images' / name)
        np.testing.assert_array_equal(info['keypoints'][0], landmarks.astype(np.float32))
        np.testing.assert_array_equal(info['keypoints_visible'], np.ones((1, 98)))
        low, high = np.floor(landmarks.min(0)), np.ceil(landmarks.max(0))
        np.testing.assert_array_equal(info['bbox_center'][0], (low + high) / 2)
        np.testing.assert_allclose(info['bbox_scale'], (high - low).max(), rtol=1e-6)


def test_subsets_are_the_flags(prepared):
    out, faces, _ = prepared
    expected = {
        'largepose': [0],
        'expression': [1],
        'illumination': [2],
        'makeup': [0, 3],
        'occlusion': [1],
        'blur': [2],
    }
    for subset, places in expected.items():
        data = stock(out, f'face_landmarks_wflw_test_{subset}.json')
        assert len(data) == len(places)
        for index, place in enumerate(places):
            info = data.get_data_info(index)
            np.testing.assert_array_equal(
                info['keypoints'][0], faces['test'][place][1].astype(np.float32)
            )


def test_fields(prepared):
    out, _, _ = prepared
    content = json.loads((out / 'annotations' / 'face_landmarks_wflw_test.json').read_text())
    attributes = [each['attributes'] for each in content['annotations']]
    assert attributes[0] == dict.fromkeys(WFLW_FLAGS, 0) | {'pose': 1, 'make_up': 1}
    assert attributes[3] == dict.fromkeys(WFLW_FLAGS, 0) | {'make_up': 1}
    assert content['annotations'][0]['detection_box'] == [10, 12, 40, 43]
    # Two faces share the first image.
    assert [each['image_id'] for each in content['annotations']] == [3, 3, 4, 5]
    assert [each['id'] for each in content['annotations']] == [4, 5, 6, 7]
    assert all((each['width'], each['height']) == (64, 64) for each in content['images'])


def test_what_was_written(prepared):
    out, _, written = prepared
    assert [(file.name, file.faces, file.pictures) for file in written] == [
        (FILES[0], 3, 2),
        (FILES[1], 4, 3),
        *zip(FILES[2:], (1, 1, 1, 2, 1, 1), (1, 1, 1, 2, 1, 1)),
    ]
    assert sorted(path.name for path in (out / 'annotations').iterdir()) == sorted(FILES)
    pictures = list((out / 'images').rglob('*.jpg'))
    assert len(pictures) == 5 and all(path.is_symlink() for path in pictures)


def test_a_release_without_the_folder_of_annotations(tmp_path):
    write_wflw(tmp_path / 'raw')
    (tmp_path / 'raw/WFLW_annotations/list_98pt_rect_attr_train_test').rename(
        tmp_path / 'raw/list_98pt_rect_attr_train_test'
    )
    assert prepare('wflw', tmp_path / 'raw', tmp_path / 'out')[0].faces == 3


GOOD = wflw_line(0, [0] * 6, '0--Parade/0_train_1.jpg')


def changed(field, text):
    words = GOOD.split()
    words[field] = text
    return ' '.join(words) + '\n'


BROKEN = {
    '206 fields': (' '.join(GOOD.split()[1:]), 'line 2: has 206 fields instead of 207'),
    '208 fields': ('7 ' + GOOD, 'line 2: has 208 fields instead of 207'),
    'truncated line': (GOOD[: len(GOOD) // 2], 'fields instead of 207'),
    'truncated name': (GOOD[:-6], 'field 207 (picture)'),
    'empty line': ('\n' + GOOD, 'line 2: has 0 fields instead of 207'),
    'text for a coordinate': (
        changed(13, 'twelve'),
        "line 2, field 14 (y of landmark 6): 'twelve' is no number",
    ),
    'NaN': (changed(0, 'nan'), "line 2, field 1 (x of landmark 0): 'nan' is no number"),
    'text in the rectangle': (changed(199, '-'), "line 2, field 200 (y_max): '-' is no number"),
    'flag 2': (changed(203, '2'), "line 2, field 204 (make_up): '2' is neither 0 nor 1"),
    'flag 1.0': (changed(205, '1.0'), "line 2, field 206 (blur): '1.0' is neither 0 nor 1"),
    'missing image': (
        changed(206, '0--Parade/none.jpg'),
        'none.jpg: there is no such image',
    ),
    'image elsewhere': (changed(206, '../../x.jpg'), 'lies outside'),
    'absolute image': (changed(206, '/x.jpg'), 'lies outside'),
}


@pytest.mark.parametrize('part', ['train', 'test'])
@pytest.mark.parametrize('case', BROKEN)
def test_broken_lines(tmp_path, case, part):
    """File, line and field are named, whichever list is broken, and nothing is written."""
    line, message = BROKEN[case]
    write_wflw(tmp_path / 'raw')
    path = wflw_list(tmp_path / 'raw', part)
    path.write_text(GOOD + line)
    with pytest.raises(RawDataError, match=re.escape(message)) as caught:
        prepare('wflw', tmp_path / 'raw', tmp_path / 'out')
    assert str(caught.value).startswith(f'{path}, line 2')
    assert [each.name for each in tmp_path.iterdir()] == ['raw']


def test_wrong_encoding(tmp_path):
    write_wflw(tmp_path / 'raw')
    path = wflw_list(tmp_path / 'raw', 'test')
    path.write_bytes((GOOD * 3 + GOOD.replace('Parade', 'Défilé')).encode('latin-1'))
    with pytest.raises(RawDataError, match='test.txt, line 4: is not UTF-8'):
        prepare('wflw', tmp_path / 'raw', tmp_path / 'out')


def test_unreadable_picture(tmp_path):
    faces = write_wflw(tmp_path / 'raw')
    name = faces['test'][2][0]
    (tmp_path / 'raw/WFLW_images' / name).write_text('not an image')
    message = f'line 3, field 207 (picture): {tmp_path}/raw/WFLW_images/{name}: is no readable'
    with pytest.raises(RawDataError, match=re.escape(message)):
        prepare('wflw', tmp_path / 'raw', tmp_path / 'out')


@pytest.mark.parametrize('part', ['train', 'test'])
def test_missing_and_empty_lists(tmp_path, part):
    write_wflw(tmp_path / 'raw')
    path = wflw_list(tmp_path / 'raw', part)
    path.write_text('')
    with pytest.raises(RawDataError, match=f'{part}.txt: is empty'):
        prepare('wflw', tmp_path / 'raw', tmp_path / 'out')
    path.unlink()
    with pytest.raises(RawDataError, match=f'{part}.txt: cannot be read'):
        prepare('wflw', tmp_path / 'raw', tmp_path / 'out')


def test_the_line_of_the_tests_is_a_good_one(tmp_path):
    write_wflw(tmp_path / 'raw')
    wflw_list(tmp_path / 'raw', 'train').write_text(GOOD)
    prepare('wflw', tmp_path / 'raw', tmp_path / 'out')
    info = stock(tmp_path / 'out', FILES[0]).get_data_info(0)
    np.testing.assert_array_equal(info['keypoints'][0], points(0, 'wflw').astype(np.float32))

"""Subsets by annotation files, lists, fields and folders."""

import json

import numpy as np
import pytest

from mmpose_multilat.evaluation.annotation_files import plain_path, read_coco
from mmpose_multilat.evaluation.annotations import AnnotatedFaces
from mmpose_multilat.evaluation.occlusion import occluded_landmarks
from mmpose_multilat.evaluation.subsets import check_subsets, find_members

LANDMARKS = [[[1, 2], [3, 4]], [[50, 60], [7, 8]], [[1, 2], [9, 9]], [[20, 20], [21, 21]]]
TRUE = np.array(LANDMARKS, dtype=np.float32)
NAMES = ['a/one.jpg', 'a/one.jpg', 'b/one.jpg', 'b/sub/two .jpg']


def write_coco(path, faces, first_id=1, **fields):
    """An annotation file with some of the four faces, numbered from `first_id`."""
    names = sorted({NAMES[face] for face in faces})
    path.write_text(
        json.dumps(
            dict(
                images=[dict(id=i + 100, file_name=name) for i, name in enumerate(names)],
                annotations=[
                    dict(
                        id=first_id + i,
                        image_id=names.index(NAMES[face]) + 100,
                        keypoints=[v for x, y in LANDMARKS[face] for v in (x, y, 1 + face % 2)],
                        **{name: values[face] for name, values in fields.items()},
                    )
                    for i, face in enumerate(faces)
                ],
            )
        )
    )
    return path


@pytest.fixture
def data(tmp_path):
    """Folder of a dataset whose own name is that of a subset."""
    folder = tmp_path / 'ibug' / 'data' / 'annotations'
    folder.mkdir(parents=True)
    attributes = [dict(pose=1, blur=0), dict(pose=0, blur=0), dict(pose=1, blur=0), dict(pose=0)]
    write_coco(folder / 'test.json', range(4), 10, attributes=attributes, quality=[1, 2, 3, 4])
    return folder


@pytest.fixture
def faces(data):
    return AnnotatedFaces(
        images=[str(data.parent / 'images' / name) for name in NAMES],
        first_landmarks=TRUE[:, 0].copy(),
        ids=[10, 11, 12, 13],
        given=[None] * 4,
        annotation_file=data / 'test.json',
    )


def members(faces, **rule):
    check_subsets(dict(it=rule))
    found, messages = find_members(faces, dict(it=rule), 2)
    return np.flatnonzero(found['it']).tolist(), messages


def test_annotation_file_with_other_numbers(faces, data):
    write_coco(data / 'subset.json', [2, 1], first_id=500)
    assert members(faces, ann_file='subset.json') == ([1, 2], [])  # beside the dataset's file
    assert members(faces, ann_file=str(data / 'subset.json')) == ([1, 2], [])


def test_coordinates_that_were_rounded(faces, data):
    file = write_coco(data / 'subset.json', [0, 1])
    content = json.loads(file.read_text())
    content['annotations'][0]['keypoints'][0] += 0.3
    content['annotations'][1]['keypoints'][0] += 30
    file.write_text(json.dumps(content))
    chosen, messages = members(faces, ann_file='subset.json')
    assert chosen == [0]
    assert messages == ["Subset 'it': 1 of the 2 faces in its file were not tested."]


@pytest.mark.parametrize('moved, same', [(0.5, True), (0.6, False)])
def test_the_same_landmark_is_half_a_pixel_away_at_most(faces, data, moved, same):
    file = write_coco(data / 'subset.json', [1])
    content = json.loads(file.read_text())
    content['annotations'][0]['keypoints'][1] += moved
    file.write_text(json.dumps(content))
    assert members(faces, ann_file='subset.json')[0] == ([1] if same else [])


def test_of_two_faces_close_together_the_nearer_one_is_meant(faces, data):
    faces.first_landmarks[1] = faces.first_landmarks[0] + [0.25, 0]
    (data / 'list.txt').write_text('1.1 2 3 4 a/one.jpg')
    assert members(faces, list_file='list.txt')[0] == [0]
    (data / 'list.txt').write_text('1.2 2 3 4 a/one.jpg')
    assert members(faces, list_file='list.txt')[0] == [1]


def test_names_that_begin_with_numbers(faces, data):
    faces.images[3] = str(data.parent / 'images' / '12 7 two.jpg')
    (data / 'list.txt').write_text('12 7 two.jpg')
    assert members(faces, list_file='list.txt') == ([3], [])


def test_list_of_pictures(faces, data):
    (data / 'list.txt').write_text('a/one.jpg\n\nb/sub/two .jpg\n./b/missing.jpg\n')
    chosen, messages = members(faces, list_file='list.txt')
    assert chosen == [0, 1, 3]  # both faces of the first image
    assert '1 of the 3 faces' in messages[0]


def test_list_of_faces_as_wflw_has_them(faces, data):
    lines = ['50 60 7 8 a/one.jpg', '20.0 20.0 21 21 0 0 9 9 0 1 0 0 1 0 b/sub/two .jpg']
    (data / 'list.txt').write_text('\n'.join(lines))
    assert members(faces, list_file='list.txt') == ([1, 3], [])


def test_a_file_in_a_folder_is_not_sought_beside_the_annotation_file(faces, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'lists').mkdir()
    (tmp_path / 'lists' / 'list.txt').write_text('b/one.jpg')
    assert members(faces, list_file='lists/list.txt') == ([2], [])


def test_names_without_folders_mean_every_folder(faces, data):
    (data / 'list.txt').write_text('one.jpg')
    assert members(faces, list_file='list.txt')[0] == [0, 1, 2]


def test_fields(faces):
    assert members(faces, field='attributes.pose', equals=1) == ([0, 2], [])
    assert members(faces, field='quality', equals=4) == ([3], [])
    assert members(faces, field='quality', equals=9) == ([], [])


def test_fields_that_are_missing(faces, data):
    chosen, messages = members(faces, field='attributes.blur', equals=0)
    assert (
        chosen == [0, 1, 2] and "1 of 4 annotations have no field 'attributes.blur'" in messages[0]
    )
    chosen, messages = members(faces, field='pose', equals=1)
    assert chosen == [] and '4 of 4 annotations' in messages[0] and 'test.json' in messages[0]


def test_fields_of_what_has_none_are_missing(faces):
    chosen, messages = members(faces, field='quality.blur', equals=1)
    assert chosen == [] and '4 of 4 annotations' in messages[0]


def test_annotations_that_came_for_some_faces_only_are_looked_up(faces):
    faces.given = [dict(quality=9), None, None, None]
    assert members(faces, field='quality', equals=2) == ([1], [])


def test_fields_that_come_with_the_sample_need_no_file(faces):
    faces.given = [dict(age=age) for age in (1, 2, 1, 3)]
    faces.annotation_file = None
    assert members(faces, field='age', equals=1) == ([0, 2], [])


def test_no_annotation_file(faces):
    faces.annotation_file = None
    chosen, messages = members(faces, field='quality', equals=1)
    assert chosen == [] and '`ann_file` of the metric is not set' in messages[0]


def test_folders(faces):
    assert members(faces, path='b/') == ([2, 3], [])
    assert members(faces, path=['a/', 'sub/']) == ([0, 1, 3], [])
    assert members(faces, path='images/') == ([0, 1, 2, 3], [])
    assert members(faces, path='ub/') == ([], [])  # whole names only
    assert members(faces, path='ibug/') == ([], [])  # the dataset's own folder does not count


@pytest.mark.parametrize('content', [None, 'no json', '[]', '{"images": [], "annotations": [{}]}'])
@pytest.mark.parametrize('setting', ['ann_file', 'list_file'])
def test_a_file_that_cannot_be_read_is_named_and_left_out(faces, data, content, setting):
    if content is not None:
        (data / 'bad').write_bytes(content.encode() if setting == 'ann_file' else b'\xff\xfe\xff')
    rules = dict(good=dict(path='b/'), bad={setting: 'bad'})
    found, messages = find_members(faces, rules, 2)
    assert list(found) == ['good']
    assert len(messages) == 1 and "Subset 'bad' is left out" in messages[0]
    assert str(data / 'bad') in messages[0] and 'prepare_data' in messages[0]


@pytest.mark.parametrize(
    ('name', 'rule'),
    [
        ('full', dict(path='a/')),
        ('a/b', dict(path='a/')),
        ('', dict(path='a/')),
        ('x', {}),
        ('x', 'list.txt'),
        ('x', dict(field='pose')),
        ('x', dict(field=3, equals=1)),
        ('x', dict(path='a/', ann_file='b')),
        ('x', dict(ann_file=3)),
        ('x', dict(path=[])),
        ('x', dict(path=[1])),
        ('x', dict(path='/')),
    ],
)
def test_wrong_rules(name, rule):
    with pytest.raises(ValueError, match=f"subset.*'{name}'"):
        check_subsets({name: rule})


def test_same_picture_same_place_is_settled_by_the_id(faces, data):
    """Two annotations of one face: each face gets its own record."""
    path = write_coco(data / 'test.json', [0, 0], 10, quality=[5, 5, 5, 5])
    content = json.loads(path.read_text())
    content['annotations'][1]['quality'] = 6
    path.write_text(json.dumps(content))
    twins = AnnotatedFaces(
        [faces.images[0]] * 2, faces.first_landmarks[[0, 0]], [10, 11], [None] * 2, path
    )
    assert [record['quality'] for record in twins.records] == [5, 6]


def test_occlusion(faces):
    labelled = np.ones((4, 2), dtype=bool)
    occluded, message = occluded_landmarks(faces, TRUE, labelled)
    assert message is None
    assert occluded.tolist() == [[True, True], [False, False], [True, True], [False, False]]
    labelled[0, 1] = False
    occluded, _ = occluded_landmarks(faces, TRUE, labelled)
    assert occluded.tolist() == [[True, False], [False, False], [True, True], [False, False]]
    labelled[[1, 3]] = False
    occluded, message = occluded_landmarks(faces, TRUE, labelled)
    assert occluded is None and 'no landmark has the flag 2' in message
    faces.ids, faces.images = [0] * 4, ['elsewhere.jpg'] * 4
    faces.__dict__.pop('records')
    faces.__dict__.pop('_indices')
    occluded, message = occluded_landmarks(faces, TRUE, labelled)
    assert occluded is None and '4 of 4 faces have no flags' in message


@pytest.mark.parametrize('content', ['{', '[1]', '{"images": [], "annotations": [[1]]}'])
def test_a_bad_annotation_file_says_nothing_about_occlusion(faces, data, content):
    (data / 'bad.json').write_text(content)
    faces.annotation_file = data / 'bad.json'
    occluded, message = occluded_landmarks(faces, TRUE, np.ones((4, 2), dtype=bool))
    assert occluded is None and 'bad.json is no annotation file' in message


def test_a_missing_annotation_file_is_named(faces, data):
    faces.annotation_file = data / 'missing.json'
    messages = members(faces, field='quality', equals=1)[1]
    messages.append(occluded_landmarks(faces, TRUE, np.ones((4, 2), dtype=bool))[1])
    assert ['missing.json, which does not exist' in each for each in messages] == [True] * 2


@pytest.mark.parametrize('landmarks', [[1, 2, 1], [1, 2, 3, 4], [1, 2, 1] * 3])
def test_flags_of_another_number_of_landmarks_say_nothing(faces, landmarks):
    faces.given = [dict(keypoints=[1, 2, 1, 3, 4, 2])] * 3 + [dict(keypoints=landmarks)]
    occluded, message = occluded_landmarks(faces, TRUE, np.ones((4, 2), dtype=bool))
    assert occluded is None and '1 of 4 faces have no flags' in message


def test_face_landmarks_of_coco_wholebody(tmp_path):
    record = dict(image_id=1, keypoints=[9, 9, 2], face_kpts=[1.5, 2.5, 1])
    content = dict(images=[dict(id=1, file_name='x\\y.jpg')], annotations=[record])
    (tmp_path / 'x.json').write_text(json.dumps(content))
    (entry,) = read_coco(tmp_path / 'x.json')
    assert (entry.name, entry.first_landmark) == ('x/y.jpg', (1.5, 2.5))
    assert plain_path('./a//b/../c.jpg') == 'a/c.jpg'


def test_subsets_without_names_are_refused():
    with pytest.raises(ValueError, match='subsets must be rules by name'):
        check_subsets([dict(path='a/')])

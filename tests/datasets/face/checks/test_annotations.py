import json

import numpy as np
import pytest

from mmpose_multilat.datasets.face.checks.annotations import read_annotation_file
from mmpose_multilat.landmarks import DATASETS

DATASET = DATASETS['aflw']
FILE = DATASET.files[0]


def document():
    images = [
        {'id': number, 'file_name': f'{number}.jpg', 'width': 90, 'height': 80} for number in (1, 2)
    ]
    annotations = [
        {
            'id': 10 + number,
            'image_id': number,
            'category_id': 1,
            'iscrowd': 0,
            'num_keypoints': 19,
            'center': [30, 40],
            'scale': 0.2,
            'box_size': 40.0,
            'keypoints': [5.0 + number, 6.0, 1] * 19,
        }
        for number in (1, 2)
    ]
    return {'images': images, 'annotations': annotations}


def read(folder, content, dataset=DATASET, file=FILE):
    (folder / 'annotations').mkdir()
    path = folder / 'annotations' / file.name
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return read_annotation_file(folder, file, dataset)


def test_a_sound_file(tmp_path):
    content = read(tmp_path, document())
    assert content.findings == [] and content.count == 2
    first, second = content.faces
    assert (first.entry, second.entry) == ('annotation 11', 'annotation 12')
    assert first.picture.path == 'images/1.jpg'
    assert (first.picture.width, first.picture.height) == (90, 80)
    np.testing.assert_array_equal(second.keypoints, [[7, 6, 1]] * 19)


def edit(kind, index, **fields):
    def change(content):
        content[kind][index].update(fields)

    return change


def drop(kind, index, field):
    def change(content):
        del content[kind][index][field]

    return change


PLACE = f'annotations/{FILE.name}, '
CASES = {
    'landmarks': (
        edit('annotations', 1, keypoints=[1.0, 2.0, 1] * 21),
        ['annotation 12, field keypoints: has 63 numbers, which is not x, y, v of 19 landmarks'],
    ),
    'missing field': (
        drop('annotations', 0, 'box_size'),
        ['annotation 11, field box_size: is missing'],
    ),
    'wrong field': (
        edit('annotations', 0, scale=-1),
        ['annotation 11, field scale: is -1; it has to be a positive number'],
    ),
    'two faults': (
        edit('annotations', 0, scale='1', iscrowd=1),
        ["annotation 11, field scale: is '1'", 'annotation 11, field iscrowd: is 1'],
    ),
    'image id': (
        edit('annotations', 0, image_id=9),
        ['annotation 11, field image_id: no image has the id 9'],
    ),
    'image id that no set can hold': (
        edit('annotations', 0, image_id=[1]),
        ['annotation 11, field image_id: is [1]; it has to be a whole number'],
    ),
    'image id that is an object': (
        edit('annotations', 0, image_id={}),
        ['annotation 11, field image_id: is {}; it has to be a whole number'],
    ),
    'ids of annotations': (
        edit('annotations', 1, id=11),
        ['annotation 11, field id: 2 entries have this id'],
    ),
    'ids of images': (
        edit('images', 1, id=1),
        ['image 1, field id: 2 entries have this id', 'no image has the id 2'],
    ),
    'image': (drop('images', 1, 'height'), ['image 2, field height: is missing']),
    'no id': (drop('annotations', 1, 'id'), ['annotation at place 1, field id: is missing']),
    'no object': (
        lambda content: content['annotations'].append(5),
        ['annotation at place 2: is no object'],
    ),
    'image that is no object': (
        lambda content: content['images'].insert(0, None),
        ['image at place 0: is no object'],
    ),
}


@pytest.mark.parametrize('case', CASES)
def test_faults(tmp_path, case):
    change, expected = CASES[case]
    content = document()
    change(content)
    found = [str(finding) for finding in read(tmp_path, content).findings]
    assert len(found) == len(expected)
    for words, line in zip(expected, found):
        assert line.startswith(PLACE) and words in line


def test_faulty_faces_are_counted_but_not_used(tmp_path):
    content = document()
    content['annotations'][0]['scale'] = None
    read_content = read(tmp_path, content)
    assert read_content.count == 2
    assert [face.entry for face in read_content.faces] == ['annotation 12']


@pytest.mark.parametrize(
    'content, words',
    [
        (json.dumps(document())[:300].encode(), 'is no JSON file or ends too early'),
        (b'', 'is no JSON file'),
        ('{"info": "é"}'.encode('latin-1'), 'is not UTF-8 text'),
        (b'[1, 2]', 'has to be an object'),
        (b'{"images": []}', 'has no list annotations'),
        (b'[' * 10**6, 'is nested too deeply'),
        (b'{"images": {}, "annotations": []}', 'has no list images'),
    ],
)
def test_broken_files(tmp_path, content, words):
    result = read(tmp_path, content)
    (finding,) = result.findings
    assert finding.kind == 'broken annotation file' and finding.entry is None
    assert words in finding.problem
    assert result.count is None and result.faces == []


def test_persons_without_a_face_do_not_count(tmp_path):
    dataset = DATASETS['coco_wholebody_face']
    shared = {'image_id': 1, 'category_id': 1, 'iscrowd': 0}
    valid = {'face_valid': True, 'face_box': [1, 2, 30, 40], 'face_kpts': [9.0, 8.0, 0.7] * 68}
    absent = {'face_valid': False, 'face_box': [0] * 4, 'face_kpts': [0] * 204}
    content = {
        'images': [{'id': 1, 'file_name': '1.jpg', 'width': 90, 'height': 80}],
        'annotations': [{'id': 1, **shared, **valid}, {'id': 2, **shared, **absent}],
    }
    result = read(tmp_path, content, dataset, dataset.files[0])
    assert result.findings == [] and result.count == 1
    assert result.faces[0].picture.path == 'train2017/1.jpg'

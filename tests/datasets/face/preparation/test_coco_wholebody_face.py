import json

import numpy as np
import pytest
from binary_releases import faces, write_wholebody
from mmpose.datasets import CocoWholeBodyFaceDataset

from mmpose_multilat.datasets.face.preparation.prepare import Written, prepare
from mmpose_multilat.datasets.face.preparation.raw_data import RawDataError

TRAIN, VAL = 'coco_wholebody_train_v1.0.json', 'coco_wholebody_val_v1.0.json'


@pytest.fixture(scope='module')
def people():
    return faces(3)


@pytest.fixture
def raw(people, tmp_path):
    return write_wholebody(tmp_path / 'raw', people[:2], people[2:])


def change(raw, name, edit):
    path = raw / 'annotations' / name
    document = json.loads(path.read_text())
    edit(document)
    path.write_text(json.dumps(document))


def test_mmpose_reads_the_faces(raw, people, tmp_path):
    prepare('coco_wholebody_face', raw, tmp_path / 'data')
    data_set = CocoWholeBodyFaceDataset(
        ann_file=f'annotations/{TRAIN}',
        data_root=str(tmp_path / 'data'),
        data_prefix=dict(img='train2017/'),
    )
    assert len(data_set) == 2
    for sample, face in zip(data_set, people):
        np.testing.assert_allclose(sample['keypoints'][0], face.landmarks['ibug'], atol=1e-4)


def test_files_stay_as_they_are(raw, tmp_path):
    written = prepare('coco_wholebody_face', raw, tmp_path / 'data')
    assert written == [Written(TRAIN, 2, 2), Written(VAL, 1, 1)]
    for name in (TRAIN, VAL):
        source, copy = (folder / 'annotations' / name for folder in (raw, tmp_path / 'data'))
        assert copy.read_bytes() == source.read_bytes()


def test_only_pictures_with_a_face_are_needed(raw, tmp_path):
    def hide(document):
        document['annotations'][0]['face_valid'] = False

    change(raw, TRAIN, hide)
    (raw / 'train2017' / '000000000100.jpg').unlink()
    written = prepare('coco_wholebody_face', raw, tmp_path / 'data')
    assert written[0] == Written(TRAIN, 1, 1)
    assert [path.name for path in (tmp_path / 'data/train2017').iterdir()] == ['000000000101.jpg']


def test_one_part_is_enough(raw, tmp_path):
    (raw / 'annotations' / TRAIN).unlink()
    assert prepare('coco_wholebody_face', raw, tmp_path / 'data') == [Written(VAL, 1, 1)]


def refuse(raw, *messages):
    out = raw.parent / 'data'
    with pytest.raises(RawDataError) as error:
        prepare('coco_wholebody_face', raw, out)
    for message in messages:
        assert message in str(error.value)
    assert not out.exists()


def edit_face(field, value):
    def edit(document):
        document['annotations'][2][field] = value

    return edit


def drop(kind, field):
    def edit(document):
        del document[kind][1][field]

    return edit


BROKEN = {
    'short': (edit_face('face_kpts', [1.0] * 201), 'annotation 202, field face_kpts: '),
    'NaN': (edit_face('face_kpts', [float('nan')] * 204), 'annotation 202, field face_kpts: '),
    'box': (edit_face('face_box', [1, 2, 3]), 'annotation 202, field face_box: '),
    'picture': (edit_face('image_id', 7), 'annotation 202, field image_id: there is no image 7'),
    'field': (drop('annotations', 'face_valid'), 'annotation 201, field face_valid: is missing'),
    'size': (drop('images', 'width'), 'image at 1, field width: is missing'),
    'list': (lambda document: document.pop('images'), 'field images: there is no such list'),
    'id': (
        lambda document: document['images'][1].update(id=100),
        'image at 1, field id: image 100 stands there twice',
    ),
    'record': (
        lambda document: document['annotations'].insert(0, 5),
        'annotation at 0, field id: is missing',
    ),
    'escape': (
        lambda document: document['images'][0].update(file_name='../1.jpg'),
        'image 100, field file_name: its image: ',
    ),
}


@pytest.mark.parametrize('case', BROKEN)
def test_broken_entries(raw, case):
    edit, message = BROKEN[case]
    change(raw, TRAIN, edit)
    refuse(raw, TRAIN, message)


def test_truncated_file(raw):
    path = raw / 'annotations' / VAL
    path.write_bytes(path.read_bytes()[:500])
    refuse(raw, f'{VAL}, line 1: is no complete JSON file')


def test_another_encoding(raw):
    (raw / 'annotations' / VAL).write_bytes('{"images": "é"}'.encode('latin-1'))
    refuse(raw, f'{VAL}: is not UTF-8 text')


def test_missing_picture(raw):
    (raw / 'val2017' / '000000000100.jpg').unlink()
    refuse(raw, VAL, 'image 100, field file_name: its image: ', 'there is no such image')


def test_no_annotation_files(tmp_path):
    (tmp_path / 'raw').mkdir()
    refuse(tmp_path / 'raw', 'has neither coco_wholebody_train_v1.0.json nor')

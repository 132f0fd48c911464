import json

import pytest
from mmpose.registry import DATASETS

from mmpose_multilat.datasets.face.checks import PREPARED
from mmpose_multilat.datasets.face.checks.layouts import COMMON_FIELDS
from mmpose_multilat.datasets.face.preparation.formats import FORMATS

CLASSES = {
    'wflw': 'WFLWDataset',
    '300w': 'Face300WDataset',
    'cofw': 'COFWDataset',
    'cofw68': 'Face300WDataset',
    'aflw': 'AFLWDataset',
    'coco_wholebody_face': 'CocoWholeBodyFaceDataset',
    'lapa': 'LapaDataset',
    'jd_landmark': 'LapaDataset',
}


def test_what_is_prepared_can_be_checked():
    assert set(PREPARED) == set(FORMATS) == set(CLASSES)
    for name, data_set in PREPARED.items():
        assert data_set.folder == FORMATS[name].folder
        assert {file.name for file in data_set.files} == set(FORMATS[name].files)


@pytest.mark.parametrize('name', CLASSES)
def test_number_of_landmarks(name):
    data_set = DATASETS.build(dict(type=CLASSES[name], lazy_init=True))
    assert PREPARED[name].landmarks == data_set.metainfo['num_keypoints']


def minimal(data_set):
    """An annotation with the fields that the check asks for, and no others."""
    values = {
        'id': 1,
        'image_id': 1,
        'category_id': 1,
        'num_keypoints': data_set.landmarks,
        'center': [8.0, 8.0],
        'scale': 0.1,
        'box_size': 20.0,
        'bbox': [1, 2, 9, 9],
        'face_box': [1, 2, 9, 9],
        'face_valid': True,
    }
    landmarks = {data_set.keypoints: [3.0, 4.0, 1.0] * data_set.landmarks}
    return {**{name: values[name] for name in (*COMMON_FIELDS, *data_set.fields)}, **landmarks}


@pytest.mark.parametrize('name', ['wflw', '300w', 'cofw', 'aflw', 'coco_wholebody_face', 'lapa'])
def test_mmpose_needs_the_fields_and_no_others(name, tmp_path):
    """With them its class finds the face; without any of them it fails or finds none."""
    data_set = PREPARED[name]

    def count(record):
        content = {
            'images': [{'id': 1, 'file_name': 'a.jpg', 'width': 16, 'height': 16}],
            'annotations': [record],
            'categories': [{'id': 1, 'name': 'face'}],
        }
        (tmp_path / 'a.json').write_text(json.dumps(content))
        settings = dict(ann_file=str(tmp_path / 'a.json'), test_mode=True, serialize_data=False)
        try:
            return len(DATASETS.build(dict(type=CLASSES[name], **settings)))
        except (KeyError, AssertionError):
            return 0

    record = minimal(data_set)
    assert count(record) == 1
    for field in record:
        assert count({key: value for key, value in record.items() if key != field}) == 0, field

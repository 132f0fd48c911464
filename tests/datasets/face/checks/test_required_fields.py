import json

import pytest
from mmpose.registry import DATASETS as MMPOSE

from mmpose_multilat.datasets.face.checks.required_fields import COMMON_FIELDS, REQUIRED_FIELDS
from mmpose_multilat.datasets.face.preparation.releases import RELEASES
from mmpose_multilat.landmarks import DATASETS

CLASSES = {
    'wflw': 'WFLWDataset',
    '300w': 'Face300WDataset',
    'cofw': 'COFWDataset',
    'aflw': 'AFLWDataset',
    'coco_wholebody_face': 'CocoWholeBodyFaceDataset',
    'lapa': 'LapaDataset',
}


def test_what_is_prepared_can_be_checked():
    listed = {name for name, dataset in DATASETS.items() if dataset.files}
    assert set(REQUIRED_FIELDS) == set(RELEASES) == listed


def minimal(name):
    """An annotation with the fields that the check asks for, and no others."""
    required, count = REQUIRED_FIELDS[name], DATASETS[name].scheme.num_landmarks
    values = {
        'id': 1,
        'image_id': 1,
        'category_id': 1,
        'num_keypoints': count,
        'center': [8.0, 8.0],
        'scale': 0.1,
        'box_size': 20.0,
        'bbox': [1, 2, 9, 9],
        'face_box': [1, 2, 9, 9],
        'face_valid': True,
    }
    landmarks = {required.keypoints: [3.0, 4.0, 1.0] * count}
    return {**{field: values[field] for field in (*COMMON_FIELDS, *required.others)}, **landmarks}


@pytest.mark.parametrize('name', CLASSES)
def test_mmpose_needs_the_fields_and_no_others(name, tmp_path):
    """With them its class finds the face; without any of them it fails or finds none."""

    def count(record):
        content = {
            'images': [{'id': 1, 'file_name': 'a.jpg', 'width': 16, 'height': 16}],
            'annotations': [record],
            'categories': [{'id': 1, 'name': 'face'}],
        }
        (tmp_path / 'a.json').write_text(json.dumps(content))
        settings = dict(ann_file=str(tmp_path / 'a.json'), test_mode=True, serialize_data=False)
        try:
            return len(MMPOSE.build(dict(type=CLASSES[name], **settings)))
        except (KeyError, AssertionError):
            return 0

    record = minimal(name)
    assert count(record) == 1
    for field in record:
        assert count({key: value for key, value in record.items() if key != field}) == 0, field

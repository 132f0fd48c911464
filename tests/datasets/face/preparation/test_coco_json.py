import json

import numpy as np
import pytest

from mmpose_multilat.datasets.face.preparation.coco_json import (
    CocoWriter,
    center_and_scale,
    face_record,
    loose_box,
    tight_box,
)
from mmpose_multilat.datasets.face.preparation.raw_data import (
    AnnotationFile,
    RawDataError,
    RawFace,
)

POINTS = np.array([[10.25, 20.5], [30.5, 25.0], [12.0, 61.75]])
KEYPOINTS = np.column_stack([POINTS, np.ones(3)])


def test_boxes():
    assert tight_box(POINTS) == (10.25, 20.5, 20.25, 41.25)
    # A tenth of 20.25 and 41.25 on each side.
    assert loose_box(POINTS, (100, 100)) == pytest.approx((8.225, 16.375, 24.3, 49.5))
    # Clipped to the last pixels of an image of 32 x 64 px.
    assert loose_box(POINTS, (32, 64)) == pytest.approx((8.225, 16.375, 31 - 8.225, 63 - 16.375))


def test_center_and_scale_round_outwards():
    # The rectangle 10..31 x 20..62.
    assert center_and_scale(POINTS) == ([20.5, 41.0], 42 / 200)


def test_center_scale_and_box_of_a_released_file():
    """The corners of the landmarks of a face in MMPose's sample of WFLW, and its values there."""
    low, high = np.array([440.696106, 122.172989]), np.array([524.604004, 206.402104])
    points = np.array([low, high])
    center, scale = center_and_scale(points)
    assert center == [482.5, 164.5] and scale == pytest.approx(0.425)
    assert loose_box(points, (1024, 661)) == pytest.approx(
        (432.3053162, 113.7500775, 100.68947760000003, 101.074938)
    )


def test_record():
    assert face_record(RawFace('a.jpg', KEYPOINTS, fields={'subset': 'ibug'})) == {
        'keypoints': [10.25, 20.5, 1.0, 30.5, 25.0, 1.0, 12.0, 61.75, 1.0],
        'num_keypoints': 3,
        'bbox': [10.25, 20.5, 20.25, 41.25],
        'area': 20.25 * 41.25,
        'center': [20.5, 41.0],
        'scale': 0.21,
        'subset': 'ibug',
    }


def test_given_box_and_fields_win():
    fields = {'center': [1.0, 2.0], 'scale': 3.0}
    record = face_record(RawFace('a.jpg', KEYPOINTS, (1, 2, 30, 40), fields))
    assert record['bbox'] == [1, 2, 30, 40] and record['area'] == 1200
    assert record['center'] == [1, 2] and record['scale'] == 3


def test_points_without_label_do_not_count():
    keypoints = np.vstack([KEYPOINTS, [0, 0, 0]])
    record = face_record(RawFace('a.jpg', keypoints))
    assert record['num_keypoints'] == 3 and record['bbox'] == [10.25, 20.5, 20.25, 41.25]


@pytest.mark.parametrize(
    ('keypoints', 'box', 'problem'),
    [
        (np.array([[np.nan, 1, 1], [2, 3, 1]]), None, 'not a finite number'),
        (KEYPOINTS, (0, 0, np.inf, 1), 'not a finite number'),
        (np.array([[5.0, 5, 1], [5, 5, 1]]), None, 'no extent'),
        (np.array([[5.0, 5, 1], [5, 9, 1]]), None, 'no extent'),
        (np.array([[1.0, 2, 0], [3, 4, 0]]), None, 'no extent'),
        (KEYPOINTS, (1, 2, 0, 5), 'is empty'),
    ],
)
def test_faces_that_mmpose_would_leave_out_are_refused(keypoints, box, problem):
    with pytest.raises(RawDataError, match=rf'a\.jpg: .*{problem}'):
        face_record(RawFace('a.jpg', keypoints, box))


def test_ids_are_unique_and_the_same_in_all_files(tmp_path):
    sizes = {'images/a.jpg': (100, 80), 'images/b.jpg': (50, 60), 'val/a.jpg': (7, 8)}
    writer = CocoWriter(sizes, 'three faces')
    one, two, three = (RawFace(name, KEYPOINTS) for name in ('a.jpg', 'a.jpg', 'b.jpg'))
    contents = []
    for file, pictures in (
        (AnnotationFile('all.json', [one, two, three]), 2),
        (AnnotationFile('some.json', [three, two]), 2),
        (AnnotationFile('other.json', [RawFace('a.jpg', KEYPOINTS)], folder='val'), 1),
    ):
        assert writer.write(file, tmp_path / file.name) == pictures
        contents.append(json.loads((tmp_path / file.name).read_text()))
    found = [
        [(each['id'], each['image_id']) for each in content['annotations']] for content in contents
    ]
    assert found == [[(1, 1), (2, 1), (3, 2)], [(3, 2), (2, 1)], [(4, 3)]]
    assert contents[0]['images'] == [
        {'id': 1, 'file_name': 'a.jpg', 'height': 80, 'width': 100},
        {'id': 2, 'file_name': 'b.jpg', 'height': 60, 'width': 50},
    ]
    assert contents[2]['images'] == [{'id': 3, 'file_name': 'a.jpg', 'height': 8, 'width': 7}]
    assert contents[0]['info'] == {'description': 'three faces'}
    assert all(each['iscrowd'] == 0 for each in contents[0]['annotations'])


def test_numpy_values_become_plain_ones(tmp_path):
    fields = {'mask': np.array([1, 0]), 'flag': np.bool_(True), 'side': np.float32(2.5)}
    face = RawFace('a.jpg', KEYPOINTS, fields=fields)
    CocoWriter({'images/a.jpg': (9, 9)}, '').write(AnnotationFile('a', [face]), tmp_path / 'a')
    (annotation,) = json.loads((tmp_path / 'a').read_text())['annotations']
    assert annotation['mask'] == [1, 0] and annotation['flag'] is True and annotation['side'] == 2.5

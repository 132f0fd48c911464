import json

import numpy as np
import pytest
from annotation_samples import BOXES, KEYPOINTS, written

from mmpose_multilat.analysis.encoding.files import read_annotations
from mmpose_multilat.datasets.synthetic import Request, generate, write_data_sets
from mmpose_multilat.errors import UserError


@pytest.mark.parametrize(
    'arrays, message',
    [
        (dict(bbox=BOXES[:1]), r'it has keypoints \(2, 98, 2\) and bbox \(1, 4\)'),
        (dict(keypoints=KEYPOINTS[..., :1]), r'it has keypoints \(2, 98, 1\)'),
        (dict(keypoints=KEYPOINTS[:0], bbox=BOXES[:0]), 'N at least 1'),
        (dict(bbox=BOXES * [[1, 1, 1, 1], [1, 1, 0, 0]]), 'the bbox of face 1 .* has no size'),
        (dict(bbox=BOXES * [[np.nan], [1]]), 'the bbox of face 0 .* has no size'),
        (dict(keypoints=np.full((2, 98, 2), 'x')), 'is no .npz file of arrays'),
    ],
)
def test_wrong_arrays(tmp_path, arrays, message):
    with pytest.raises(UserError, match=message):
        read_annotations(written(tmp_path, **arrays))


@pytest.mark.parametrize('name', ['faces.npz', 'faces.json'])
@pytest.mark.parametrize('content', ['not an archive', '[]', '{}', '{"annotations": [{}]}'])
def test_another_file(tmp_path, name, content):
    (tmp_path / name).write_text(content)
    with pytest.raises(UserError, match='is no .npz file of arrays|is no annotation file'):
        read_annotations(tmp_path / name)


@pytest.mark.parametrize(
    'name, file, layout',
    [
        ('300w', '300w/annotations/face_landmarks_300w_valid.json', 'ibug'),
        ('cofw', 'cofw/annotations/cofw_test.json', 'cofw'),
        ('coco_wholebody_face', 'coco/annotations/coco_wholebody_val_v1.0.json', 'ibug'),
    ],
)
def test_files_of_mmpose(tmp_path, name, file, layout):
    write_data_sets([name], str(tmp_path), Request(train=1, test=2, size=64))
    keypoints, boxes = read_annotations(tmp_path / file)
    true = np.stack([generate(0, n, 'test', 64).landmarks[layout] for n in range(2)])
    np.testing.assert_allclose(keypoints, true, atol=1e-3)
    np.testing.assert_allclose(boxes[:, :2], true.min(1), atol=1e-3)
    np.testing.assert_allclose(boxes[:, :2] + boxes[:, 2:], true.max(1), atol=1e-3)


def test_landmarks_and_faces_without_labels(tmp_path):
    """The second landmark of the first face is not annotated, and the second face not at all."""
    faces = [[10, 20, 1, 0, 0, 0, 30, 60, 2], [0] * 9, [5, 5, 1, 7, 9, 1, 6, 6, 1]]
    path = tmp_path / 'faces.json'
    path.write_text(json.dumps(dict(annotations=[dict(keypoints=each) for each in faces])))
    keypoints, boxes = read_annotations(path)
    expected = [[[10, 20], [np.nan] * 2, [30, 60]], [[5, 5], [7, 9], [6, 6]]]
    np.testing.assert_array_equal(keypoints, expected)
    np.testing.assert_array_equal(boxes, [[10, 20, 20, 40], [5, 5, 2, 4]])


def test_an_archive_that_ends_too_early(tmp_path):
    path = written(tmp_path)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(UserError, match='is no .npz file of arrays'):
        read_annotations(path)

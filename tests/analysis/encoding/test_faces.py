import numpy as np
import pytest
from annotation_samples import BOXES, KEYPOINTS, written

from mmpose_multilat.analysis.encoding.faces import crop_landmarks, first_dataset, read_faces
from mmpose_multilat.errors import UserError
from mmpose_multilat.evaluation import normalising_distances


def test_crop_puts_the_box_in_the_middle():
    keypoints = np.array([[[10.0, 20.0], [110.0, 60.0]]])
    crop = crop_landmarks(keypoints, BOXES[:1])
    # The longer side, 100 px, becomes 256 / 1.25 = 204.8 px round the centre at 128.
    np.testing.assert_allclose(crop, [[[25.6, 87.04], [230.4, 168.96]]])


def test_boxes_move_with_the_crop(tmp_path):
    faces = read_faces(written(tmp_path), ['box_side'])
    np.testing.assert_allclose(faces.boxes[0], [25.6, 87.04, 230.4, 168.96])
    np.testing.assert_allclose(normalising_distances(faces, 'box_side'), [204.8, 204.8])


def test_a_scheme_is_known_by_the_number_of_landmarks():
    names = {count: first_dataset(count).name for count in (98, 68, 29, 19, 106)}
    assert names == {98: 'wflw', 68: '300w', 29: 'cofw', 19: 'aflw', 106: 'lapa'}
    assert first_dataset(68).scheme.eyes == ((36,), (45,))
    unknown = first_dataset(5)
    assert unknown.name == '' and unknown.scheme.eyes is None and unknown.scheme.num_landmarks == 5


def test_eyes_of_an_unknown_scheme(tmp_path):
    path = written(tmp_path, keypoints=KEYPOINTS[:, :5])
    with pytest.raises(UserError, match="normaliser 'ocular' needs the eyes"):
        read_faces(path, ['ocular'])
    faces = read_faces(path, ['ocular'], eyes=[0, 3])
    expected = np.linalg.norm(KEYPOINTS[:, 0] - KEYPOINTS[:, 3], axis=1) * 204.8 / [100, 200]
    np.testing.assert_allclose(normalising_distances(faces, 'ocular'), expected)

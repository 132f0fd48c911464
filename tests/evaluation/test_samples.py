"""What is taken from MMPose's data samples, by hand."""

import numpy as np
import pytest
import torch

from mmpose_multilat.evaluation.samples import UNKNOWN_ID, read_sample

TRUE = np.array([[[1.0, 2.0], [3.0, 4.0], [np.nan, 6.0]]])


def sample(predicted=TRUE + 1, true=TRUE, visible=None, **fields):
    """A face of three landmarks, the last of which has no place."""
    visible = np.ones(true.shape[:2]) if visible is None else visible
    known = dict(keypoints=true, keypoints_visible=visible)
    return dict(gt_instances=known, pred_instances=dict(keypoints=predicted), **fields)


def test_landmarks_count_that_are_visible_and_have_a_place():
    found = read_sample(sample(visible=np.array([[1.0, 0.0, 1.0]])))
    assert found.labelled.tolist() == [[True, False, False]]


def test_of_two_numbers_of_visibility_the_first_counts():
    """The second is MMPose's weight of the visibility itself."""
    visible = np.array([[[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]])
    assert read_sample(sample(visible=visible)).labelled.tolist() == [[True, False, False]]


def test_further_components_of_predictions_are_passed_over():
    deep = np.concatenate([TRUE + 1, np.full((1, 3, 1), 9.0)], axis=2)
    np.testing.assert_array_equal(read_sample(sample(deep)).predicted, TRUE + 1)
    np.testing.assert_array_equal(read_sample(sample(torch.tensor(deep))).predicted, TRUE + 1)


def test_what_is_missing_is_told_by_nan_and_unknown_ids():
    found = read_sample(sample())
    assert np.isnan(found.scores).all() and found.scores.shape == (1, 3)
    assert np.isnan(found.boxes).all() and found.boxes.shape == (1, 4)
    assert (found.images, found.ids, found.annotations) == ([''], [UNKNOWN_ID], [None])


def test_the_annotation_is_kept_where_it_is_wanted():
    record = dict(age=7)
    full = sample(raw_ann_info=record, id=5, img_path='a.jpg')
    found = read_sample(full)
    assert (found.images, found.ids, found.annotations) == (['a.jpg'], [5], [record])
    assert read_sample(full, with_annotation=False).annotations == [None]


@pytest.mark.parametrize(
    'ids, expected', [([3, 4], [3, 4]), (8, [8, 8]), ([3], [UNKNOWN_ID] * 2), ([3, None], [3, -1])]
)
def test_several_faces_of_one_picture(ids, expected):
    two = np.concatenate([TRUE, TRUE])
    found = read_sample(sample(two, two, id=ids, img_path='a.jpg'))
    assert found.ids == expected and found.images == ['a.jpg', 'a.jpg']


@pytest.mark.parametrize('shape', [(2, 3, 2), (1, 4, 2), (1, 3, 1)])
def test_one_prediction_for_each_landmark(shape):
    with pytest.raises(ValueError, match='a.jpg: the predictions have shape'):
        read_sample(sample(np.zeros(shape), img_path='a.jpg'))


def test_whole_numbers_become_floating_point_numbers():
    """A file of predictions holds no others."""
    whole = np.arange(6).reshape(1, 3, 2)
    full = sample(torch.tensor(whole), whole)
    full['pred_instances']['keypoint_scores'] = np.ones((1, 3), dtype=int)
    full['gt_instances']['bboxes'] = [[0, 0, 5, 5]]
    found = read_sample(full)
    for array in (found.predicted, found.true, found.scores, found.boxes):
        assert array.dtype == np.float32
    np.testing.assert_array_equal(found.predicted, whole)

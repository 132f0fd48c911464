"""Errors of faces against loops that follow the definitions word by word."""

import math
import warnings
from dataclasses import replace

import numpy as np
import pytest

from mmpose_multilat.evaluation import (
    NORMALISERS,
    face_errors,
    landmark_errors,
    mean_landmark_errors,
    normalising_distances,
    part_errors,
)
from mmpose_multilat.landmarks import SCHEMES

PUPILS_68 = (range(36, 42), range(42, 48))


def mean_point(points, indices):
    chosen = [points[i] for i in indices]
    return [sum(p[axis] for p in chosen) / len(chosen) for axis in (0, 1)]


def reference_distance(dataset, normaliser, points, box):
    """One face's normaliser in plain Python."""
    width, height = box[2] - box[0], box[3] - box[1]
    if normaliser == 'ocular':
        one, two = {'wflw': (60, 72), '300w': (36, 45), 'aflw': (6, 11), 'cofw': (8, 9)}[dataset]
        return math.dist(points[one], points[two])
    if normaliser == 'pupil':
        pairs = {'wflw': ([96], [97]), '300w': PUPILS_68, 'aflw': ([7], [10]), 'cofw': ([16], [17])}
        one, two = pairs[dataset]
        return math.dist(mean_point(points, one), mean_point(points, two))
    if normaliser == 'box_tight':
        x, y = zip(*points)
        return math.sqrt((max(x) - min(x)) * (max(y) - min(y)))
    return dict(
        box_side=max(width, height),
        box_geometric=math.sqrt(width * height),
        diagonal=math.hypot(width, height),
    )[normaliser]


@pytest.mark.parametrize('normaliser', NORMALISERS)
@pytest.mark.parametrize('dataset', ['wflw', '300w', 'aflw', 'cofw'])
def test_faces_against_a_loop(make_predictions, dataset, normaliser):
    made = make_predictions(dataset)
    found = face_errors(made, normaliser)
    for face in range(len(made)):
        true, predicted = made.true[face].tolist(), made.predicted[face].tolist()
        distance = reference_distance(dataset, normaliser, true, made.boxes[face].tolist())
        pixels = [math.dist(one, two) for one, two in zip(predicted, true)]
        assert found[face] == pytest.approx(sum(pixels) / len(pixels) / distance, abs=1e-9)


def test_only_labelled_landmarks_count(make_predictions):
    made = make_predictions('300w')
    made.labelled[2, 5:30] = False
    made.predicted[2, 5:30] = np.nan  # nobody asks for these
    made.true[3, 0] = np.inf  # labelled, but without a place
    errors = landmark_errors(made, 'box_tight')
    assert np.isnan(errors[2, 5:30]).all() and np.isnan(errors[3, 0])
    assert np.isnan(errors).sum() == 26
    kept = [i for i in range(68) if not 5 <= i < 30]
    x, y = made.true[2, kept].T
    size = math.sqrt((x.max() - x.min()) * (y.max() - y.min()))
    pixels = [math.dist(made.predicted[2, i], made.true[2, i]) for i in kept]
    assert face_errors(made, 'box_tight')[2] == pytest.approx(sum(pixels) / len(kept) / size)


def undefined_by_missing_point(made):
    made.labelled[1, 36] = False


def undefined_by_infinite_point(made):
    made.true[1, 37] = np.inf


def undefined_by_distance_zero(made):
    made.true[1, 36:48] = 50.0


def undefined_by_no_landmark(made):
    made.labelled[1] = False


@pytest.mark.parametrize(
    ('spoil', 'normaliser'),
    [
        (undefined_by_missing_point, 'ocular'),
        (undefined_by_missing_point, 'pupil'),
        (undefined_by_infinite_point, 'pupil'),
        (undefined_by_distance_zero, 'ocular'),
        (undefined_by_distance_zero, 'pupil'),
        *((undefined_by_no_landmark, normaliser) for normaliser in NORMALISERS),
    ],
)
def test_an_undefined_normaliser_is_nan_for_that_face_alone(make_predictions, spoil, normaliser):
    made, whole = make_predictions('300w'), make_predictions('300w')
    spoil(made)
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        found = face_errors(made, normaliser)
    assert np.isnan(found).tolist() == [face == 1 for face in range(7)]
    others = [0, 2, 3, 4, 5, 6]
    np.testing.assert_array_equal(found[others], face_errors(whole, normaliser)[others])


@pytest.mark.parametrize('normaliser', ['box_side', 'box_geometric', 'diagonal'])
@pytest.mark.parametrize(
    'box', [[np.nan] * 4, [5.0, 5.0, 5.0, 5.0], [9.0, 9.0, 1.0, 1.0], [0.0, 0.0, np.inf, 5.0]]
)
def test_a_box_without_size_is_undefined(make_predictions, normaliser, box):
    made = make_predictions('aflw')
    made.boxes[3] = box
    assert np.isnan(normalising_distances(made, normaliser)).tolist() == [
        face == 3 for face in range(7)
    ]


@pytest.mark.parametrize('value', [np.nan, np.inf])
def test_a_prediction_that_is_not_finite_names_the_face(make_predictions, value):
    made = make_predictions()
    made.predicted[4, 20, 1] = value
    with pytest.raises(ValueError, match=r'1 of 7 .*images/004.jpg, annotation 14, landmarks \[20'):
        face_errors(made, 'ocular')


def test_no_more_than_three_faces_are_named(make_predictions):
    made = make_predictions()
    made.predicted[2:, 3] = np.nan
    with pytest.raises(ValueError, match='5 of 7 faces') as caught:
        face_errors(made, 'ocular')
    named = [f'images/{face:03d}.jpg' in str(caught.value) for face in range(7)]
    assert named == [False, False, True, True, True, False, False]


def test_parts_and_landmarks(make_predictions):
    made = make_predictions('wflw')
    made.labelled[0, 51:60] = False
    errors = landmark_errors(made, 'ocular')
    parts = part_errors(made, 'ocular')
    assert list(parts) == list(SCHEMES['wflw'].parts)
    assert np.isnan(parts['nose']).tolist() == [True] + 6 * [False]
    np.testing.assert_allclose(parts['mouth'], errors[:, 76:96].mean(axis=1))
    np.testing.assert_allclose(
        part_errors(made, 'ocular', dict(mine=[0, 97]))['mine'], errors[:, [0, 97]].mean(axis=1)
    )
    by_landmark = mean_landmark_errors(made, 'ocular')
    assert by_landmark[55] == pytest.approx(errors[1:, 55].mean())
    assert by_landmark[0] == pytest.approx(errors[:, 0].mean())


def test_no_faces(make_predictions):
    made = make_predictions(faces=0)
    for normaliser in NORMALISERS:
        assert face_errors(made, normaliser).shape == (0,)
    assert np.isnan(mean_landmark_errors(made, 'ocular')).all()


def test_wrong_normalisers_name_the_right_ones(make_predictions):
    with pytest.raises(ValueError, match="unknown normaliser 'eyes'; choose among ocular, pupil"):
        face_errors(make_predictions(), 'eyes')
    unknown = replace(make_predictions(), dataset='mine', scheme=None)
    with pytest.raises(ValueError, match="needs the pupils of dataset 'mine' with 68 landmarks"):
        face_errors(unknown, 'pupil')


def test_single_precision_is_computed_in_double(make_predictions):
    made = make_predictions()
    single = make_predictions(
        predicted=made.predicted.astype(np.float32), true=made.true.astype(np.float32)
    )
    assert face_errors(single, 'ocular').dtype == np.float64
    np.testing.assert_allclose(face_errors(single, 'ocular'), face_errors(made, 'ocular'), 1e-5)


@pytest.mark.parametrize('normaliser', NORMALISERS)
def test_single_precision_loses_nothing_but_its_own_digits(make_predictions, normaliser):
    made = make_predictions()
    names = ('predicted', 'true', 'boxes')
    single = {name: getattr(made, name).astype(np.float32) for name in names}
    double = {name: values.astype(np.float64) for name, values in single.items()}
    np.testing.assert_array_equal(
        landmark_errors(make_predictions(**single), normaliser),
        landmark_errors(make_predictions(**double), normaliser),
    )

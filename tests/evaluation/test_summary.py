"""All numbers of a test set against an example by hand, MMPose's own metric and loops."""

import math
import warnings
from dataclasses import replace

import numpy as np
import pytest
from mmpose.evaluation.functional import keypoint_nme

from mmpose_multilat.evaluation import NORMALISERS, Predictions, evaluate, face_errors
from mmpose_multilat.evaluation.normalisers import normalising_distances
from mmpose_multilat.evaluation.summary import threshold_name
from mmpose_multilat.landmarks import LandmarkScheme


@pytest.fixture
def three_faces():
    """Three faces with two eyes 10 px apart and a mouth; the third has no left eye."""
    true = np.array([[[0, 0], [10, 0], [5, 8]]] * 3, dtype=float)
    offsets = np.array(
        [[[0, 0], [0, 0], [0, 3]], [[3, 4], [0, 1], [0, 0]], [[9, 9], [0, 0], [0, 0]]]
    )
    return Predictions(
        predicted=true + offsets,
        true=true,
        labelled=np.array([[1, 1, 1], [1, 1, 0], [0, 1, 1]], dtype=bool),
        occluded=np.array([[0, 0, 1], [0, 1, 0], [0, 0, 0]], dtype=bool),
        scores=np.ones((3, 3)),
        boxes=np.full((3, 4), np.nan),
        images=['a', 'b', 'c'],
        ids=[1, 2, 3],
        subsets=dict(first=np.array([True, False, False]), last=np.array([False, False, True])),
        scheme=LandmarkScheme(3, eyes=((0,), (1,)), parts=dict(mouth=(2,))),
    )


def test_three_faces_by_hand(three_faces):
    # Errors over 10 px: (0, 0, 0.3), (0.5, 0.1, not labelled), undefined.
    found = evaluate(three_faces, ['ocular'], [0.1, 0.2], [50], parts=True)
    assert found['full'] == pytest.approx(
        {
            'NME_ocular': (0.1 + 0.3) / 2,
            'NME_ocular_micro': 0.9 / 5,
            'FR_ocular@0.10': 0.5,  # 0.1 is not above 0.1
            'AUC_ocular@0.10': 0.0,
            'FR_ocular@0.20': 0.5,
            'AUC_ocular@0.20': 0.25,
            'P50_ocular': 0.2,
            'NME_ocular_visible': (0.0 + 0.5) / 2,
            'NME_ocular_occluded': (0.3 + 0.1) / 2,
            'NME_ocular_mouth': 0.3,
            'undefined_ocular': 1,
            'faces': 3,
        }
    )
    assert list(found['full'])[0] == 'NME_ocular'
    assert list(found) == ['full', 'first', 'last']
    assert found['first']['NME_ocular'] == pytest.approx(0.1)
    assert found['last'] == {'undefined_ocular': 1, 'faces': 1}


def test_nothing_is_nan_without_faces(make_predictions):
    nobody = dict(nobody=np.zeros(7, dtype=bool))
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        found = evaluate(make_predictions(subsets=nobody), ['ocular', 'box_side'], parts=True)
        empty = evaluate(make_predictions(faces=0), ['ocular'])
    assert found['nobody'] == {'undefined_ocular': 0, 'undefined_box_side': 0, 'faces': 0}
    assert empty['full'] == {'undefined_ocular': 0, 'faces': 0}
    assert all(math.isfinite(value) for row in found.values() for value in row.values())


def test_a_face_that_is_undefined_for_one_normaliser_counts_for_another(make_predictions):
    made = make_predictions()
    made.labelled[0, 36] = False
    full = evaluate(made, ['ocular', 'box_side'])['full']
    assert (full['undefined_ocular'], full['undefined_box_side'], full['faces']) == (1, 0, 7)


@pytest.mark.parametrize('normaliser', NORMALISERS)
@pytest.mark.parametrize('seed', range(3))
def test_numbers_against_loops(make_predictions, normaliser, seed):
    made = make_predictions('wflw', faces=40, noise=9.0, seed=seed)
    random = np.random.default_rng(seed)
    made.labelled[:] = random.uniform(size=made.labelled.shape) < 0.9
    made.labelled[:, [60, 72, 96, 97]] = True
    thresholds, percentiles = (0.05, 0.08, 0.10, 0.2), (90, 95, 99)
    full = evaluate(made, [normaliser], thresholds, percentiles)['full']
    distances = normalising_distances(made, normaliser)
    faces, landmarks = [], []
    for face in range(40):
        errors = [
            math.dist(made.predicted[face, i], made.true[face, i]) / distances[face]
            for i in range(98)
            if made.labelled[face, i]
        ]
        landmarks += errors
        faces.append(sum(errors) / len(errors))
    assert full[f'NME_{normaliser}'] == pytest.approx(sum(faces) / 40, abs=1e-9)
    micro = full[f'NME_{normaliser}_micro']
    assert micro == pytest.approx(sum(landmarks) / len(landmarks), abs=1e-9)
    assert micro != pytest.approx(full[f'NME_{normaliser}'], abs=1e-6)
    for t in thresholds:
        key = f'{normaliser}@{t:.2f}'
        assert full[f'FR_{key}'] == pytest.approx(sum(e > t for e in faces) / 40, abs=1e-9)
        area = sum(max(0.0, t - e) for e in faces) / 40 / t
        assert full[f'AUC_{key}'] == pytest.approx(area, abs=1e-9)
    ranked = sorted(faces)
    for p in percentiles:
        place = p / 100 * 39  # linear between the two nearest ranks
        low = int(place)
        value = ranked[low] + (place - low) * (ranked[min(low + 1, 39)] - ranked[low])
        assert full[f'P{p}_{normaliser}'] == pytest.approx(value, abs=1e-9)


def test_micro_is_mmposes_nme(make_predictions):
    made = make_predictions('300w', faces=30)
    made.labelled[:] = np.random.default_rng(3).uniform(size=made.labelled.shape) < 0.8
    made.labelled[:, [36, 45]] = True
    made.true[4, 36] = made.true[4, 45]  # MMPose leaves this face out as well
    size = np.linalg.norm(made.true[:, 36] - made.true[:, 45], axis=1, keepdims=True)
    expected = keypoint_nme(made.predicted, made.true, made.labelled, np.tile(size, [1, 2]))
    full = evaluate(made, ['ocular'])['full']
    assert full['undefined_ocular'] == 1
    assert full['NME_ocular_micro'] == pytest.approx(expected, abs=1e-6)


def test_subsets_are_evaluated_like_test_sets_of_their_own(make_predictions):
    members = np.array([True, False, True, True, False, False, False])
    made = make_predictions(subsets=dict(some=members))
    alone = replace(
        made,
        **{
            name: getattr(made, name)[members]
            for name in ('predicted', 'true', 'labelled', 'scores', 'boxes')
        },
        images=['', '', ''],
        ids=[1, 2, 3],
        subsets={},
    )
    assert evaluate(made)['some'] == evaluate(alone)['full']


def test_the_usual_normalisers_of_a_data_set(make_predictions):
    for dataset, first in {'wflw': 'NME_ocular', 'aflw': 'NME_box_side'}.items():
        assert list(evaluate(make_predictions(dataset))['full'])[0] == first
    assert 'NME_pupil' in evaluate(make_predictions('300w'))['full']


def test_the_best_and_the_worst_face_are_percentiles(make_predictions):
    made = make_predictions()
    faces = face_errors(made, 'ocular')
    full = evaluate(made, ['ocular'], percentiles=[0, 100])['full']
    assert (full['P0_ocular'], full['P100_ocular']) == pytest.approx((faces.min(), faces.max()))


def test_parts_of_ones_own(make_predictions):
    made = make_predictions()
    full = evaluate(made, ['ocular'], parts=dict(mine=[0, 1]))['full']
    assert {'NME_ocular_mine'} == {key for key in full if key.endswith('mine')}
    assert 'NME_ocular_mouth' not in full
    assert 'NME_ocular_mouth' in evaluate(made, ['ocular'], parts=True)['full']


@pytest.mark.parametrize(
    ('threshold', 'name'),
    [(0.1, '0.10'), (0.08, '0.08'), (0.075, '0.075'), (1, '1.00'), (0.05, '0.05')],
)
def test_names_of_thresholds(threshold, name):
    assert threshold_name(threshold) == name


@pytest.mark.parametrize(
    ('settings', 'message'),
    [
        (dict(normalisers='ocular'), 'normalisers must be a list'),
        (dict(normalisers=[]), 'normalisers must be a list'),
        (dict(normalisers=['ocular', 'head']), "unknown normaliser 'head'; choose among ocular"),
        (dict(thresholds=[0.1, 0.0]), 'thresholds must be fractions above 0 and below 1, got 0.0'),
        (dict(thresholds=[math.nan]), 'thresholds must be fractions above 0 and below 1, got nan'),
        (dict(thresholds=[math.inf]), 'thresholds must be fractions above 0 and below 1, got inf'),
        (dict(thresholds=[8, 10]), 'got 8; 8 % is 0.08'),
        (dict(thresholds=[0.08, 1]), 'got 1; 1 % is 0.01'),
        (dict(percentiles=[0.95]), 'percentiles are numbers from 0 to 100, got 0.95; write 95'),
        (dict(thresholds=0.08), 'thresholds=0.08 must be a list of numbers'),
        (dict(percentiles=90), 'percentiles=90 must be a list of numbers'),
        (dict(normalisers=[['ocular']]), r"unknown normaliser \['ocular'\]"),
        (dict(normalisers=5), r"normalisers must be a list such as \['ocular'\], got 5"),
        (dict(parts=dict(a=5)), "parts: 'a' must be a list of landmarks, got 5"),
        (dict(parts={1: [1, 2]}), 'a part of the face cannot be called 1'),
        (dict(percentiles=[101]), 'percentiles must lie between 0 and 100, got 101'),
        (dict(percentiles=[-0.1]), 'percentiles must lie between 0 and 100, got -0.1'),
        (dict(parts=dict(micro=[1])), "cannot be called 'micro'"),
        (dict(parts=dict(visible=[1])), "cannot be called 'visible'"),
        (dict(parts=dict(occluded=[1])), "cannot be called 'occluded'"),
        (dict(parts={'': [1]}), "cannot be called ''"),
        (dict(parts={'a/b': [1]}), "cannot be called 'a/b'"),
        (dict(parts=dict(a=[])), "'a' has no landmarks"),
        (dict(parts=dict(a=[68])), "'a' names landmark 68"),
    ],
)
def test_wrong_settings(make_predictions, settings, message):
    with pytest.raises(ValueError, match=message):
        evaluate(make_predictions(), **settings)

"""Whole numbers mean what they mean as floating point numbers, wherever they come in.

Boxes of an image, of a file and of a detector, landmarks of an annotation: NumPy calculates in the
type that it is given, where a division fails, and a difference of unsigned numbers wraps around.
"""

import numpy as np
import pytest
from registered_decoders import registered_decoders

from mmpose_multilat.codecs import GaussianVector
from mmpose_multilat.evaluation import Predictions, cumulative_errors, evaluate
from mmpose_multilat.evaluation.calibration import squared_mahalanobis
from mmpose_multilat.inference.boxes import whole_image
from mmpose_multilat.inference.smoothing import (
    OneEuroSettings,
    one_euro_step,
    start_one_euro,
)
from mmpose_multilat.inference.tracking import box_overlaps
from mmpose_multilat.landmarks import LandmarkScheme
from mmpose_multilat.visualization import draw_covariances, draw_face, draw_landmarks

TYPES = [np.int64, np.int32, np.uint8]

POINTS = np.array([[40, 200], [210, 180], [130, 60], [90, 90]])
MOVED = POINTS[::-1].copy()
BOXES = np.array([[10, 20, 200, 220], [0, 0, 250, 250], [240, 1, 255, 3]])
COVARIANCES = np.array([[[9, 2], [2, 4]]] * 4)
CANVAS = np.full((256, 256, 3), 120, np.uint8)


def smoothed(kind):
    state = start_one_euro(POINTS.astype(kind), 0.0)
    return one_euro_step(state, MOVED.astype(kind), 0.04, 100.0, OneEuroSettings()).points


def face(kind):
    canvas, box = CANVAS.copy(), BOXES[0].astype(kind)
    draw_face(canvas, POINTS.astype(kind), np.ones(4, kind), box, '1')
    return canvas


def ellipses(kind):
    canvas = CANVAS.copy()
    draw_covariances(canvas, POINTS.astype(kind), COVARIANCES.astype(kind))
    return canvas


def numbers(kind):
    found = Predictions(
        predicted=MOVED[None].astype(kind),
        true=POINTS[None].astype(kind),
        labelled=np.ones((1, 4), kind),
        occluded=None,
        scores=np.ones((1, 4), kind),
        boxes=BOXES[:1].astype(kind),
        images=['a.jpg'],
        ids=[0],
        scheme=LandmarkScheme(4, eyes=((0,), (1,)), pupils=((0, 1), (2, 3))),
    )
    kinds = ['ocular', 'pupil', 'box_tight', 'box_side', 'box_geometric', 'diagonal']
    return list(evaluate(found, kinds)['full'].values())


CALCULATIONS = dict(
    overlaps=lambda kind: box_overlaps(BOXES.astype(kind), BOXES[::-1].astype(kind)),
    smoothing=smoothed,
    error_drawing=lambda kind: draw_landmarks(CANVAS, MOVED.astype(kind), POINTS.astype(kind)),
    face_drawing=face,
    ellipse_drawing=ellipses,
    metrics=numbers,
    curve=lambda kind: cumulative_errors(POINTS[:, 0].astype(kind)),
    calibration=lambda kind: squared_mahalanobis(POINTS.astype(kind), COVARIANCES.astype(kind)),
)


@pytest.mark.parametrize('kind', TYPES)
@pytest.mark.parametrize('calculation', CALCULATIONS.values(), ids=CALCULATIONS)
def test_whole_numbers_give_what_floating_point_numbers_give(calculation, kind):
    np.testing.assert_array_equal(calculation(kind), calculation(np.float64))


@pytest.mark.parametrize('kind', TYPES)
@pytest.mark.parametrize('codec', [*registered_decoders(), GaussianVector])
def test_whole_numbers_are_encoded_as_floating_point_numbers(codec, kind):
    codec = codec(input_size=(256, 256), heatmap_size=(16, 16))
    found, expected = (
        codec.encode(POINTS[None].astype(each), np.ones((1, 4), each))
        for each in (kind, np.float32)
    )
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_array_equal(found[name], value)


def test_the_box_of_a_whole_image_can_be_divided():
    (box,) = whole_image(CANVAS)
    assert all(isinstance(each, float) for each in box.corners)

"""What a linear map can correct: it is found where it exists, and it turns with the faces."""

import numpy as np
import pytest

from projects.lcgcn.faces import EYES, Faces, errors_of
from projects.lcgcn.limit import error, fit

SHAPE = np.random.default_rng(1).normal(size=(68, 2)) * 20


@pytest.fixture
def faces() -> Faces:
    """Faces of one shape, of which the network finds the second half beside its place."""
    numbers = np.random.default_rng(0)
    true = SHAPE + numbers.normal(size=(400, 68, 2)) + numbers.normal(size=(400, 1, 2)) * 30
    found = true.copy()
    # As far to the right as the first landmark is high in the face.
    found[:, 34:, 0] += 0.1 * (true[:, :1, 1] - true[..., 1].mean(1, keepdims=True))
    return Faces(found, np.ones((400, 68)), true, np.zeros((400, 68), bool))


def test_a_linear_error_is_corrected(faces):
    corrected = fit(faces, 1e-3)(faces)
    assert error(corrected) < 0.02 * error(faces)
    np.testing.assert_array_equal(corrected.true, faces.true)


def test_the_correction_turns_and_scales_with_the_faces(faces):
    correct = fit(faces, 10.0)
    angle, scale = 0.7, 1.5
    turn = scale * np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    turned = faces._replace(found=faces.found @ turn + (5, -60))
    np.testing.assert_allclose(
        correct(turned).found, correct(faces).found @ turn + (5, -60), atol=1e-6
    )


def test_a_large_penalty_leaves_the_mean_error_alone(faces):
    shifted = faces._replace(found=faces.true + (1.0, 0.0))
    assert error(fit(shifted, 1e12)(shifted)) < 1e-2 * error(shifted)


def test_errors_are_fractions_of_the_distance_of_the_eyes():
    true = np.zeros((1, 68, 2), np.float32)
    true[0, EYES[1]] = 30, 40
    found = true + np.float32((0, 5))
    errors = errors_of(Faces(found, np.ones((1, 68)), true, np.zeros((1, 68), bool)))
    np.testing.assert_allclose(errors, np.full((1, 68), 0.1))
    assert errors.dtype == float

"""What errors of landmarks are divided by: distances in px that stand for the size of a face."""

from collections.abc import Callable

import numpy as np

from mmpose_multilat.landmarks import LandmarkScheme

from .predictions import Predictions

ENDS = dict(ocular='eyes', pupil='pupils')
"""Normaliser -> attribute of `LandmarkScheme` that holds the ends of its distance."""


def normalising_distances(predictions: Predictions, normaliser: str) -> np.ndarray:
    """Compute what the errors of each face are divided by.

    Args:
        predictions: N faces.
        normaliser: A key of `NORMALISERS`.

    Returns:
        (N,) distances in px, float64; NaN where a landmark that is needed is not labelled or not
        finite, where there is no box, and where the distance is 0.

    Raises:
        ValueError: If there is no such normaliser, or the scheme does not know its landmarks.
    """
    check_normaliser(normaliser)
    distances = NORMALISERS[normaliser](predictions)
    defined = np.isfinite(distances) & (distances > 0)
    return np.where(defined, distances, np.nan)


def check_normaliser(normaliser: str) -> None:
    """Refuse a normaliser that does not exist.

    Raises:
        ValueError: Naming those that do.
    """
    if not isinstance(normaliser, str) or normaliser not in NORMALISERS:
        raise ValueError(
            f'unknown normaliser {normaliser!r}; choose among {", ".join(NORMALISERS)}'
        )


def check_scheme(scheme: LandmarkScheme, normaliser: str, dataset: str) -> None:
    """Refuse a normaliser whose landmarks the annotation scheme does not know.

    Raises:
        ValueError: Naming the setting that tells them.
    """
    check_normaliser(normaliser)
    setting = ENDS.get(normaliser)
    if setting is not None and getattr(scheme, setting) is None:
        raise ValueError(
            f'normaliser {normaliser!r} needs the {setting} of dataset {dataset!r} with '
            f'{scheme.num_landmarks} landmarks, which are not known; name them by the setting '
            f'{setting}=(i, j), or choose another normaliser'
        )


def counted_landmarks(predictions: Predictions) -> np.ndarray:
    """Return which landmarks count, (N, K) bool: labelled, and with finite true coordinates."""
    return predictions.labelled.astype(bool) & np.isfinite(predictions.true).all(axis=2)


def _between(predictions: Predictions, normaliser: str) -> np.ndarray:
    """Distance between two points, each the mean of its landmarks."""
    check_scheme(predictions.scheme, normaliser, predictions.dataset)
    ends = getattr(predictions.scheme, ENDS[normaliser])
    counted = counted_landmarks(predictions)[..., None]
    points = np.where(counted, predictions.true.astype(np.float64), np.nan)
    offset = points[:, list(ends[0])].mean(axis=1) - points[:, list(ends[1])].mean(axis=1)
    return np.hypot(offset[:, 0], offset[:, 1])


def _ocular(predictions: Predictions) -> np.ndarray:
    return _between(predictions, 'ocular')


def _pupil(predictions: Predictions) -> np.ndarray:
    return _between(predictions, 'pupil')


def _box_tight(predictions: Predictions) -> np.ndarray:
    """Root of width times height of the rectangle that encloses the true landmarks."""
    counted = counted_landmarks(predictions)[..., None]
    points = predictions.true.astype(np.float64)
    low = np.where(counted, points, np.inf).min(axis=1, initial=np.inf)
    high = np.where(counted, points, -np.inf).max(axis=1, initial=-np.inf)
    return np.sqrt(np.prod(np.maximum(high - low, 0.0), axis=1))


def _box_sides(predictions: Predictions) -> np.ndarray:
    """Width and height of the annotated boxes in px, (N, 2)."""
    boxes = predictions.boxes.astype(np.float64)
    return np.maximum(boxes[:, 2:] - boxes[:, :2], 0.0)


def _box_side(predictions: Predictions) -> np.ndarray:
    return _box_sides(predictions).max(axis=1)


def _box_geometric(predictions: Predictions) -> np.ndarray:
    return np.sqrt(_box_sides(predictions).prod(axis=1))


def _diagonal(predictions: Predictions) -> np.ndarray:
    return np.hypot(*_box_sides(predictions).T)


NORMALISERS: dict[str, Callable[[Predictions], np.ndarray]] = {
    'ocular': _ocular,
    'pupil': _pupil,
    'box_tight': _box_tight,
    'box_side': _box_side,
    'box_geometric': _box_geometric,
    'diagonal': _diagonal,
}
"""What errors may be divided by. `ocular`: distance of the outer eye corners. `pupil`: distance of
the pupils. `box_tight`: root of the area of the rectangle that encloses the true landmarks.
`box_side`, `box_geometric`, `diagonal`: longer side, root of the area and diagonal of the annotated
face box."""

"""All numbers of a test set, by subset: NME, failure rate, area under the curve, percentiles."""

from collections.abc import Collection, Mapping, Sequence
from typing import Optional, Union

import numpy as np

from mmpose_multilat.landmarks.checks import check_numbers

from .curves import area_under_curve, check_threshold, failure_rate
from .ends import check_indices
from .errors import landmark_errors, mean_defined
from .normalisers import check_normaliser
from .predictions import Predictions

THRESHOLDS = (0.08, 0.10)
PERCENTILES = (90, 95, 99)
FULL = 'full'
"""Name of the whole test set among its subsets."""

RESERVED_PARTS = ('micro', 'visible', 'occluded')
"""Endings of keys that a part of the face would be confused with."""

Parts = Union[bool, Mapping[str, Sequence[int]]]


def evaluate(
    predictions: Predictions,
    normalisers: Optional[Sequence[str]] = None,
    thresholds: Sequence[float] = THRESHOLDS,
    percentiles: Sequence[float] = PERCENTILES,
    parts: Parts = False,
) -> dict[str, dict[str, float]]:
    """Compute all numbers of the whole test set and of each subset.

    Keys, with the normaliser n: `NME_n` the mean over faces (macro); `NME_n_micro` the mean over
    landmarks, as MMPose's NME; `NME_n_visible` and `NME_n_occluded` where labels tell them apart,
    and `NME_n_<part>`: means over faces of the mean over these landmarks of a face; `FR_n@0.10`
    the share of faces with a larger NME; `AUC_n@0.10`; `P90_n` the percentile; `undefined_n` the
    number of faces whose NME is undefined and which are in no mean; `faces` the number of all.

    Args:
        predictions: N faces.
        normalisers: Keys of `NORMALISERS`; those usual for the dataset by default.
        thresholds: Limits for failure rate and area, as fractions.
        percentiles: Percentiles of the NME of faces, 0 or 1 to 100.
        parts: Whether parts of the face get numbers of their own, or landmarks by part.

    Returns:
        `'full'` and every subset -> key -> fraction (or number of faces). Of a set without any
        defined face there are only the counts.

    Raises:
        ValueError: If a setting is wrong or a prediction is not finite.
    """
    check_settings(normalisers, thresholds, percentiles)
    normalisers = predictions.usual_normalisers if normalisers is None else normalisers
    masks = _landmark_masks(predictions, parts)
    sets = {FULL: np.ones(len(predictions), dtype=bool), **predictions.subsets}
    results: dict[str, dict[str, float]] = {name: {} for name in sets}
    for normaliser in normalisers:
        errors = landmark_errors(predictions, normaliser)
        for name, members in sets.items():
            chosen = {ending: mask[members] for ending, mask in masks.items()}
            results[name].update(
                summarise(errors[members], chosen, normaliser, thresholds, percentiles)
            )
    for name, members in sets.items():
        results[name]['faces'] = int(members.sum())
    return results


def summarise(
    errors: np.ndarray,
    masks: Mapping[str, np.ndarray],
    normaliser: str,
    thresholds: Sequence[float],
    percentiles: Sequence[float],
) -> dict[str, float]:
    """Compute the numbers of one set of faces.

    Args:
        errors: (M, K) errors of landmarks as `landmark_errors` gives them.
        masks: Ending of a key -> (M, K) bool, the landmarks that it is about.
        normaliser: Name of the normaliser, for the keys.
        thresholds: Limits for failure rate and area.
        percentiles: Percentiles of the NME of faces.

    Returns:
        Key -> number, as `evaluate` lists them.
    """
    faces = mean_defined(errors, axis=1)
    defined = faces[~np.isnan(faces)]
    numbers: dict[str, float] = {}
    if len(defined):
        numbers[f'NME_{normaliser}'] = float(defined.mean())
        numbers[f'NME_{normaliser}_micro'] = float(np.nanmean(errors))
        for threshold in thresholds:
            name = f'{normaliser}@{threshold_name(threshold)}'
            numbers[f'FR_{name}'] = failure_rate(defined, threshold)
            numbers[f'AUC_{name}'] = area_under_curve(defined, threshold)
        for percentile in percentiles:
            numbers[f'P{percentile:g}_{normaliser}'] = float(np.percentile(defined, percentile))
    for ending, mask in masks.items():
        each = mean_defined(np.where(mask, errors, np.nan), axis=1)
        if not np.isnan(each).all():
            numbers[f'NME_{normaliser}_{ending}'] = float(np.nanmean(each))
    numbers[f'undefined_{normaliser}'] = len(faces) - len(defined)
    return numbers


def threshold_name(threshold: float) -> str:
    """Write a threshold with at least two decimals: `0.10`, `0.08`, `0.075`."""
    return max(f'{threshold:.2f}', str(float(threshold)), key=len)


def check_settings(
    normalisers: Optional[Sequence[str]], thresholds: Sequence[float], percentiles: Sequence[float]
) -> None:
    """Refuse settings that mean nothing.

    Raises:
        ValueError: Naming the setting and what it may be.
    """
    is_list = isinstance(normalisers, Sequence) and not isinstance(normalisers, str)
    if normalisers is not None and not (is_list and normalisers):
        raise ValueError(f"normalisers must be a list such as ['ocular'], got {normalisers!r}")
    for normaliser in normalisers or ():
        check_normaliser(normaliser)
    for threshold in check_numbers('thresholds', thresholds):
        check_threshold(threshold)
    for percentile in check_numbers('percentiles', percentiles):
        if not 0 <= percentile <= 100:
            raise ValueError(f'percentiles must lie between 0 and 100, got {percentile}')
        if 0 < percentile < 1:
            raise ValueError(
                f'percentiles are numbers from 0 to 100, got {percentile}; write '
                f'{100 * percentile:g}'
            )


def check_parts(parts: Parts, num_landmarks: int) -> None:
    """Refuse parts without landmarks, with wrong ones, or with a name that means something else.

    Raises:
        ValueError: Naming the part.
    """
    if isinstance(parts, bool):
        return
    if not isinstance(parts, Mapping):
        raise ValueError(f'parts must be True, False or landmarks by part, got {parts!r}')
    for name, indices in parts.items():
        if not isinstance(name, str) or name in RESERVED_PARTS or not name or '/' in name:
            raise ValueError(
                f'a part of the face cannot be called {name!r}; {", ".join(RESERVED_PARTS)} and '
                'names with a slash have other meanings'
            )
        if not isinstance(indices, Collection):
            raise ValueError(f'parts: {name!r} must be a list of landmarks, got {indices!r}')
        if not len(indices):
            raise ValueError(f'parts: {name!r} has no landmarks')
        check_indices(list(indices), f'parts: {name!r}', num_landmarks)


def _landmark_masks(predictions: Predictions, parts: Parts) -> dict[str, np.ndarray]:
    """Ending of a key -> the landmarks (N, K) that it is about."""
    check_parts(parts, predictions.true.shape[1])
    masks = {}
    if predictions.occluded is not None:
        masks = {'visible': ~predictions.occluded, 'occluded': predictions.occluded}
    chosen = predictions.scheme.parts if parts is True else parts or {}
    for name, indices in chosen.items():
        masks[name] = np.zeros(predictions.true.shape[:2], dtype=bool)
        masks[name][:, list(indices)] = True
    return masks

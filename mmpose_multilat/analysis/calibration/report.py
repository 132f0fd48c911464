"""A calibration as table, as JSON and as lines for a config."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from mmpose_multilat.evaluation.calibration import LEVELS
from mmpose_multilat.evaluation.tables import align

from .fitting import Fitted

DIGITS = 3
"""Of a factor; the draw of the faces alone changes the second one."""


def markdown(results: Sequence[Fitted], way: str) -> str:
    """A row for each decoder: what a factor fitted to half of the faces does for the other half.

    Args:
        results: The decoders.
        way: Key of `FITS`.
    """
    levels = [f'in {level:.0%}' for level in LEVELS]
    rows = [['decoder', 'scale', 'variance', *levels, 'rank corr.', 'within landmarks']]
    for each in results:
        halves = each.halves[way]
        shares = [
            _spread([100 * half.coverage[level] for half in halves], '.0f') for level in LEVELS
        ]
        rows.append(
            [
                each.decoder,
                f'{each.scales[way]:.{DIGITS}g}',
                _spread([half.variance for half in halves], '.2f'),
                *shares,
                f'{each.rank_correlation:.2f}',
                f'{each.rank_correlation_within_landmarks:.2f}',
            ]
        )
    return align(rows)


def _spread(values: Sequence[float], digits: str) -> str:
    """Mean and standard deviation over the draws, the mean alone if there is one draw."""
    mean = f'{np.mean(values):{digits}}'
    return f'{mean} +- {np.std(values, ddof=1):{digits}}' if len(values) > 1 else mean


def setting(result: Fitted, way: str) -> str:
    """What to write into the config: the codec's argument."""
    return f"dict(type='{result.codec}', ..., covariance_scale={result.scales[way]:.{DIGITS}g})"


def as_json(results: Sequence[Fitted]) -> list[dict[str, Any]]:
    """The calibrations of decoders in what JSON knows; None for a correlation that is NaN."""
    content = [asdict(each) for each in results]
    for each in content:
        for name in ('rank_correlation', 'rank_correlation_within_landmarks'):
            each[name] = each[name] if math.isfinite(each[name]) else None
        each['reliability'] = {name: list(map(float, v)) for name, v in each['reliability'].items()}
    return content

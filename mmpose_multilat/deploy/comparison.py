"""Compare what ONNX and PyTorch found, in px, where the comparison has a meaning."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

Outputs = Mapping[str, np.ndarray]
"""Arrays by the names of the outputs: `keypoints` (B, K, 2), `scores` (B, K), perhaps `covariances`
(B, K, 2, 2), and what the head puts out, for example `heatmaps` (B, K, H, W)."""

TOLERANCE = 0.01
"""Largest difference between ONNX and PyTorch in input px."""

ROUNDING_SHARE = 0.25
"""A landmark is compared if rounding moves PyTorch's own answer by no more than this share of the
tolerance: another order of the same additions must not look like a wrong export."""

RELATIVE_TOLERANCE = 1e-4
"""Largest difference of the other outputs, as a fraction of their largest value. Float32 rounds a
network's heatmaps to about 1e-6."""

COVARIANCE_TOLERANCE = 1e-2
"""Likewise of covariances, which come from differences of nearly equal numbers."""

LANDMARK_OUTPUTS = ('scores', 'covariances')
"""Outputs besides keypoints that belong to a landmark each, compared where it is."""


class DiscrepancyError(Exception):
    """The exported model answers otherwise than PyTorch; the message says where and how much."""


@dataclass(frozen=True)
class HeadAgreement:
    """How far ONNX and PyTorch agree on what a head puts out.

    Attributes:
        name: What was compared.
        relative: Largest difference of every output that is no coordinate, as a fraction of its
            largest value.
    """

    name: str
    relative: dict[str, float]

    def __str__(self) -> str:
        differences = ', '.join(f'{each:.2g} of the {name}' for name, each in self.relative.items())
        return f'{self.name}: largest difference {differences}'

    def check(self) -> None:
        """Do nothing if they agree.

        Raises:
            DiscrepancyError: If they do not; NaN never agrees.
        """
        for output, difference in self.relative.items():
            tolerance = COVARIANCE_TOLERANCE if output == 'covariances' else RELATIVE_TOLERANCE
            if not difference <= tolerance:
                raise DiscrepancyError(
                    f'{self.name}: the {output} of ONNX and PyTorch differ by {difference:.2g} of '
                    f'the largest, more than {tolerance}'
                )


@dataclass(frozen=True)
class Agreement(HeadAgreement):
    """How far ONNX and PyTorch agree on some inputs, landmarks among them.

    Attributes:
        landmarks: Number of all landmarks.
        compared: Number of those that rounding alone does not move.
        difference: Largest difference of a coordinate of a compared landmark, in px of the input.
    """

    landmarks: int
    compared: int
    difference: float

    def __str__(self) -> str:
        return (
            f'{self.name}: largest difference {self.difference:.2g} px, {self.compared} of '
            f'{self.landmarks} landmarks compared'
        )

    def check(self) -> None:
        """Do nothing if they agree.

        Raises:
            DiscrepancyError: If they do not; NaN never agrees.
        """
        if not self.difference <= TOLERANCE:
            raise DiscrepancyError(
                f'{self.name}: ONNX and PyTorch differ by {self.difference:.3g} px, more than '
                f'{TOLERANCE} px'
            )
        super().check()


def check_any_compared(agreements: Sequence[Agreement]) -> None:
    """Refuse comparisons in which no landmark took part: they would agree whatever is wrong.

    Raises:
        DiscrepancyError: If there was none in any of them.
    """
    if not any(each.compared for each in agreements):
        named = '; '.join(map(str, agreements))
        raise DiscrepancyError(
            f"{named}: nothing could be compared; the network's output is empty or not finite, or "
            'hangs on rounding everywhere. Check the checkpoint'
        )


def compare(
    name: str, found: Outputs, expected: Outputs, alternatives: Sequence[Outputs]
) -> Agreement:
    """Compare outputs.

    A landmark takes part if PyTorch finds it at the same place however it rounds. Others hang on
    rounding: two cells of noise are equally strong, or iterations have not converged.

    Args:
        name: What is compared.
        found: The outputs of ONNX.
        expected: PyTorch's.
        alternatives: PyTorch's with another rounding, for example in float64; without any, every
            landmark takes part.
    """
    steady = find_steady(expected, alternatives)  # (B, K)
    chosen = dict.fromkeys(LANDMARK_OUTPUTS, steady)  # of heatmaps every cell
    return Agreement(
        name,
        landmarks=steady.size,
        compared=int(steady.sum()),
        difference=largest(found['keypoints'][steady] - expected['keypoints'][steady]),
        relative={
            output: _relative(
                values[chosen.get(output, ...)], expected[output][chosen.get(output, ...)]
            )
            for output, values in found.items()
            if output != 'keypoints'
        },
    )


def compare_heads(name: str, found: Outputs, expected: Outputs) -> HeadAgreement:
    """Compare what heads put out; all of it counts."""
    return HeadAgreement(
        name, {each: _relative(values, expected[each]) for each, values in found.items()}
    )


def find_steady(expected: Outputs, alternatives: Sequence[Outputs]) -> np.ndarray:
    """(B, K) whether a landmark is trusted and at its place in all alternatives.

    Where the decoder refused its own answer (score 0) another rounding may give one that it takes.
    """
    steady = np.full(expected['scores'].shape, True)
    for other in alternatives:
        moved = np.abs(expected['keypoints'] - other['keypoints']).max(-1)
        steady &= moved <= ROUNDING_SHARE * TOLERANCE
        steady &= (expected['scores'] > 0) & (other['scores'] > 0)
    return steady


def largest(values: np.ndarray) -> float:
    """The largest absolute value, NaN if there is one, 0 of none."""
    return float(np.abs(values).max()) if values.size else 0.0


def _relative(found: np.ndarray, expected: np.ndarray) -> float:
    """Largest difference as a fraction of the largest finite value that is expected.

    Covariances are NaN where a landmark is not to be trusted, which ONNX must know too.
    """
    same = (found == expected) | (np.isnan(found) & np.isnan(expected))
    difference = largest(found[~same] - expected[~same])
    scale = largest(expected[np.isfinite(expected)])
    return difference / scale if scale > 0 else difference

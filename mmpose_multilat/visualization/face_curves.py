"""Which landmarks of a mark-up are joined by lines in a drawing."""

from collections.abc import Sequence

Curve = tuple[Sequence[int], bool]
"""Landmarks in order, and whether the last is joined to the first."""

_CURVES_68: tuple[Curve, ...] = (
    (range(0, 17), False),  # jaw
    (range(17, 22), False),  # brows
    (range(22, 27), False),
    (range(27, 31), False),  # bridge of the nose
    (range(31, 36), False),  # base of the nose
    (range(36, 42), True),  # eyes
    (range(42, 48), True),
    (range(48, 60), True),  # outer and inner lip
    (range(60, 68), True),
)
_CURVES_98: tuple[Curve, ...] = (
    (range(0, 33), False),  # contour
    (range(33, 42), True),  # brows, both edges
    (range(42, 51), True),
    (range(51, 55), False),  # bridge of the nose
    (range(55, 60), False),  # base of the nose
    (range(60, 68), True),  # eyes
    (range(68, 76), True),
    (range(76, 88), True),  # outer and inner lip
    (range(88, 96), True),
)

CURVES: dict[int, tuple[Curve, ...]] = {68: _CURVES_68, 98: _CURVES_98}
"""Curves by number of landmarks: 68 (300W, COCO-WholeBody face) and 98 (WFLW)."""

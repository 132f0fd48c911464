"""The landmarks of the annotation schemes as samples of the face's curves.

Left and right are the sides of the image. A rule is a table of (curve, indices): the landmarks
are vertices of the very polylines that are drawn, but for the sides of the nose, which only their
shading shows.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Rule = Sequence[tuple[str, Sequence[int]]]

_CONTOUR_98: Rule = [('contour', range(0, 129, 4))]
_CONTOUR_68: Rule = [('contour', range(0, 129, 8))]
_BRIDGE: Rule = [('nose_bridge', (0, 4, 8, 12))]
_BASE: Rule = [('nose_base', (0, 4, 8, 12, 16))]
_MOUTH: Rule = [
    ('lip_outer_upper', range(0, 25, 4)),
    ('lip_outer_lower', range(20, 0, -4)),
    ('lip_inner_upper', range(0, 17, 4)),
    ('lip_inner_lower', range(12, 0, -4)),
]
# The scheme of 68 landmarks puts the inner lip points nearer to the middle.
_MOUTH_68: Rule = [
    ('lip_outer_upper', range(0, 25, 4)),
    ('lip_outer_lower', range(20, 0, -4)),
    ('lip_inner_upper', (0, 6, 8, 10, 16)),
    ('lip_inner_lower', (10, 8, 6)),
]
# Curves of both sides run from the outside inwards, so the right side is read backwards.
_BROWS_98: Rule = [
    ('brow_upper_left', (0, 4, 8, 12, 16)),
    ('brow_lower_left', (16, 12, 8, 4)),
    ('brow_upper_right', (16, 12, 8, 4, 0)),
    ('brow_lower_right', (4, 8, 12, 16)),
]
_BROWS_68: Rule = [('brow_upper_left', (0, 4, 8, 12, 16)), ('brow_upper_right', (16, 12, 8, 4, 0))]
# Lids are divided into quarters for 98 points and into thirds for 68.
_LEFT_EYE_98: Rule = [
    ('lid_upper_left', (0, 6, 12, 18, 24)),
    ('lid_lower_left', (18, 12, 6)),
]
_RIGHT_EYE_98: Rule = [
    ('lid_upper_right', (24, 18, 12, 6, 0)),
    ('lid_lower_right', (6, 12, 18)),
]
_EYES_68: Rule = [
    ('lid_upper_left', (0, 8, 16, 24)),
    ('lid_lower_left', (16, 8)),
    ('lid_upper_right', (24, 16, 8, 0)),
    ('lid_lower_right', (8, 16)),
]
_LEFT_PUPIL: Rule = [('pupil_left', (0,))]
_RIGHT_PUPIL: Rule = [('pupil_right', (0,))]
_PUPILS: Rule = [*_LEFT_PUPIL, *_RIGHT_PUPIL]
_NOSE: Rule = [*_BRIDGE, *_BASE]
_NOSE_OUTLINE: Rule = [
    ('nose_side_left', (8, 4, 0)),
    *_BASE,
    ('nose_side_right', (0, 4, 8)),
]

_WFLW: Rule = [
    *_CONTOUR_98,
    *_BROWS_98,
    *_NOSE,
    *_LEFT_EYE_98,
    *_RIGHT_EYE_98,
    *_MOUTH,
    *_PUPILS,
]
_IBUG: Rule = [*_CONTOUR_68, *_BROWS_68, *_NOSE, *_EYES_68, *_MOUTH_68]
# The centres of the eyes are annotated twice, as part of the eye and as pupil.
_LAPA: Rule = [
    *_CONTOUR_98,
    *_BROWS_98,
    *_BRIDGE,
    *_NOSE_OUTLINE,
    *_LEFT_EYE_98,
    *_LEFT_PUPIL,
    *_RIGHT_EYE_98,
    *_RIGHT_PUPIL,
    *_MOUTH,
    *_PUPILS,
]
_COFW: Rule = [
    ('brow_centre_left', (0,)),
    ('brow_centre_right', (0,)),
    ('brow_centre_left', (16,)),
    ('brow_centre_right', (16,)),
    ('brow_upper_left', (8,)),
    ('brow_lower_left', (8,)),
    ('brow_upper_right', (8,)),
    ('brow_lower_right', (8,)),
    ('lid_upper_left', (0,)),
    ('lid_upper_right', (0,)),
    ('lid_upper_left', (24,)),
    ('lid_upper_right', (24,)),
    ('lid_upper_left', (12,)),
    ('lid_lower_left', (12,)),
    ('lid_upper_right', (12,)),
    ('lid_lower_right', (12,)),
    *_PUPILS,
    ('nose_base', (0, 16)),
    ('nose_bridge', (12,)),
    ('nose_base', (8,)),
    ('lip_outer_upper', (0, 24)),
    ('lip_outer_upper', (12,)),
    ('lip_inner_upper', (8,)),
    ('lip_inner_lower', (8,)),
    ('lip_outer_lower', (12,)),
    ('contour', (64,)),
]
_AFLW: Rule = [
    ('brow_centre_left', (0, 8, 16)),
    ('brow_centre_right', (16, 8, 0)),
    ('lid_upper_left', (0,)),
    ('pupil_left', (0,)),
    ('lid_upper_left', (24,)),
    ('lid_upper_right', (24,)),
    ('pupil_right', (0,)),
    ('lid_upper_right', (0,)),
    ('nose_base', (0,)),
    ('nose_bridge', (12,)),
    ('nose_base', (16,)),
    ('lip_outer_upper', (0,)),
    ('mouth_centre', (0,)),
    ('lip_outer_upper', (24,)),
    ('contour', (64,)),
]

CURVE_SAMPLES: dict[str, Rule] = dict(wflw=_WFLW, ibug=_IBUG, cofw=_COFW, aflw=_AFLW, lapa=_LAPA)
"""Rules by the name of the annotation scheme."""


def landmarks(curves: dict[str, np.ndarray], scheme: str) -> np.ndarray:
    """Read the landmarks of an annotation scheme off a face's curves.

    Args:
        curves: Curves by name, (N, D) each, as named by :func:`build_curves`.
        scheme: Name of the scheme, a key of :data:`CURVE_SAMPLES`.

    Returns:
        (K, D) landmarks in the order of the scheme.

    Raises:
        ValueError: If there is no such scheme.
    """
    if scheme not in CURVE_SAMPLES:
        known = ', '.join(sorted(CURVE_SAMPLES))
        raise ValueError(f"unknown annotation scheme '{scheme}'; choose one of {known}")
    return np.concatenate([curves[name][list(indices)] for name, indices in CURVE_SAMPLES[scheme]])

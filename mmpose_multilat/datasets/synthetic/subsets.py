"""Which official subsets of a test set a synthetic face belongs to."""

from __future__ import annotations

import numpy as np

from .face import SyntheticFace

# Degrees of yaw, pitch and roll that count as a large pose.
_LARGE_POSE = (22.0, 13.0, 25.0)
_FRONTAL_YAW = 15.0
# A mouth opened this wide, a smile this strong or lids closed this far are an expression.
_OPEN_MOUTH, _STRONG_SMILE, _CLOSED_EYES = 0.15, 0.7, 0.7
# Light from the side or below, share of hidden landmarks, blur in px of a 256 px image.
_FRONT_LIGHT, _HIDDEN_SHARE, _STRONG_BLUR = 0.6, 0.1, 1.0


def subsets_of(face: SyntheticFace) -> frozenset[str]:
    """Names of the test subsets that a face belongs to, as the catalogue of datasets has them.

    Returns:
        Some of ``pose``, ``expression``, ``illumination``, ``makeup``, ``occlusion`` and ``blur``
        (subsets of WFLW), ``common`` or ``challenging`` (300W), ``frontal`` (AFLW).
    """
    pose, state = face.parameters.pose, face.parameters.expression
    look = face.parameters.appearance
    turn = np.abs([pose.yaw, pose.pitch, pose.roll])
    found = {
        'pose': bool(np.any(turn > _LARGE_POSE)),
        'expression': (
            state.mouth_open > _OPEN_MOUTH
            or np.max(np.abs(state.smile)) > _STRONG_SMILE
            or max(state.eye_closure) > _CLOSED_EYES
        ),
        'illumination': look.light.direction[2] < _FRONT_LIGHT,
        'makeup': look.makeup,
        'occlusion': face.hidden['wflw'].mean() > _HIDDEN_SHARE,
        'blur': look.photograph.blur > _STRONG_BLUR or look.photograph.motion > 0,
    }
    names = {name for name, true in found.items() if true}
    names.add('challenging' if names & {'pose', 'occlusion', 'blur'} else 'common')
    if abs(pose.yaw) < _FRONTAL_YAW and not face.hidden['aflw'].any():
        names.add('frontal')
    return frozenset(names)

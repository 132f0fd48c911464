"""Where each data set's files stand below its folder, and which faces go into which file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable

import numpy as np

from .annotations import (
    aflw_record,
    centre_scale_record,
    cofw_record,
    lapa_record,
    wholebody_record,
)
from .face import SyntheticFace

# Limits of the subsets. Degrees of yaw, pitch and roll that count as a large pose:
_LARGE_POSE = (22.0, 13.0, 25.0)
_FRONTAL_YAW = 15.0
# A mouth opened this wide, a smile this strong or lids closed this far are an expression.
_OPEN_MOUTH, _STRONG_SMILE, _CLOSED_EYES = 0.15, 0.7, 0.7
# Light from the side or below, share of hidden landmarks, blur in px of a 256 px picture.
_FRONT_LIGHT, _HIDDEN_SHARE, _STRONG_BLUR = 0.6, 0.1, 1.0


def tags(face: SyntheticFace) -> frozenset[str]:
    """Names of the test subsets that a face belongs to.

    Returns:
        Some of ``largepose``, ``expression``, ``illumination``, ``makeup``, ``occlusion`` and
        ``blur`` (subsets of WFLW), ``common`` or ``challenge`` (300W), ``frontal`` (AFLW).
    """
    pose, state = face.parameters.pose, face.parameters.expression
    look = face.parameters.appearance
    turn = np.abs([pose.yaw, pose.pitch, pose.roll])
    found = {
        'largepose': bool(np.any(turn > _LARGE_POSE)),
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
    names.add('challenge' if names & {'largepose', 'occlusion', 'blur'} else 'common')
    if abs(pose.yaw) < _FRONTAL_YAW and not face.hidden['aflw'].any():
        names.add('frontal')
    return frozenset(names)


@dataclass(frozen=True)
class Format:
    """Files of one data set.

    Attributes:
        folder: Its folder below the root of all data.
        layout: Landmark layout, see :data:`LAYOUTS`.
        record: Makes the special fields of an annotation.
        images: By split: path of a picture below the folder; ``number`` counts from 1.
        prefix: By split: what MMPose's ``data_prefix`` already says of that path.
        files: Annotation file below the folder -> (split, subset tag or None). The files that
            every config needs come last, see ``write_data_sets``.
    """

    folder: str
    layout: str
    record: Callable[[np.ndarray, np.ndarray, int], dict[str, Any]]
    images: dict[str, str]
    prefix: dict[str, str]
    files: dict[str, tuple[str, str | None]]

    def main_files(self) -> list[str]:
        """Annotation files without which the data set is not complete."""
        return [name for name, (_, subset) in self.files.items() if subset is None]


_IMAGES = {
    'train': 'images/synthetic/train/{number:06d}.jpg',
    'test': 'images/synthetic/test/{number:06d}.jpg',
}
_PREFIX = {'train': 'images/', 'test': 'images/'}
_NUMBERED = {'train': 'images/{number:06d}.jpg', 'test': 'images/{number:06d}.jpg'}
_COCO_IMAGES = {'train': 'train2017/{number:012d}.jpg', 'test': 'val2017/{number:012d}.jpg'}
_COCO_PREFIX = {'train': 'train2017/', 'test': 'val2017/'}
_LAPA_IMAGES = {
    'train': 'train/images/{number:06d}.jpg',
    'test': 'test/images/{number:06d}.jpg',
}
_LAPA_PREFIX = {'train': '', 'test': ''}
_WFLW_SUBSETS = ('largepose', 'expression', 'illumination', 'makeup', 'occlusion', 'blur')
_WFLW = 'annotations/face_landmarks_wflw_'
_300W = 'annotations/face_landmarks_300w_'
_AFLW = 'annotations/face_landmarks_aflw_'

FORMATS: dict[str, Format] = {
    'wflw': Format(
        'wflw',
        'wflw',
        centre_scale_record,
        _IMAGES,
        _PREFIX,
        {
            **{f'{_WFLW}test_{subset}.json': ('test', subset) for subset in _WFLW_SUBSETS},
            f'{_WFLW}test.json': ('test', None),
            f'{_WFLW}train.json': ('train', None),
        },
    ),
    '300w': Format(
        '300w',
        'ibug',
        centre_scale_record,
        _IMAGES,
        _PREFIX,
        {
            f'{_300W}valid_common.json': ('test', 'common'),
            f'{_300W}valid_challenge.json': ('test', 'challenge'),
            f'{_300W}test.json': ('test', None),
            f'{_300W}valid.json': ('test', None),
            f'{_300W}train.json': ('train', None),
        },
    ),
    'aflw': Format(
        'aflw',
        'aflw',
        aflw_record,
        _IMAGES,
        _PREFIX,
        {
            f'{_AFLW}test_frontal.json': ('test', 'frontal'),
            f'{_AFLW}test.json': ('test', None),
            f'{_AFLW}train.json': ('train', None),
        },
    ),
    'cofw': Format(
        'cofw',
        'cofw',
        cofw_record,
        _NUMBERED,
        _PREFIX,
        {
            'annotations/cofw_test.json': ('test', None),
            'annotations/cofw_train.json': ('train', None),
        },
    ),
    'coco_wholebody_face': Format(
        'coco',
        'ibug',
        wholebody_record,
        _COCO_IMAGES,
        _COCO_PREFIX,
        {
            'annotations/coco_wholebody_val_v1.0.json': ('test', None),
            'annotations/coco_wholebody_train_v1.0.json': ('train', None),
        },
    ),
    'lapa': Format(
        'LaPa',
        'lapa',
        lapa_record,
        _LAPA_IMAGES,
        _LAPA_PREFIX,
        {
            'annotations/lapa_val.json': ('test', None),
            'annotations/lapa_test.json': ('test', None),
            'annotations/lapa_train.json': ('train', None),
        },
    ),
}
"""The data sets that synthetic faces can be written as, by name."""

"""Facts of the markup of each face data set: eye corners, pupils, parts of the face.

Landmarks are counted from 0; left and right are the sides of the image. Sources: the releases of
the data sets and MMPose's metainfo files.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Optional, Union

from mmpose_multilat.landmarks.checks import is_whole

Ends = tuple[tuple[int, ...], tuple[int, ...]]
"""The two ends of a distance; an end is the mean of its landmarks, mostly of a single one."""

EndsArgument = Sequence[Union[int, Sequence[int]]]
"""The same as a user writes it: ``(60, 72)`` or ``(range(36, 42), range(42, 48))``."""


@dataclass(frozen=True)
class Layout:
    """Markup of a data set.

    Attributes:
        num_landmarks: Number K of landmarks.
        eyes: Outer eye corners, None where they are not known.
        pupils: Pupils, or what stands for them; None where they are not known.
        parts: Landmarks of each part of the face.
        normalisers: What the literature divides errors by, the most usual first.
        occlusion: Whether flag 1 of a label means occluded and 2 visible.
    """

    num_landmarks: int
    eyes: Optional[Ends] = None
    pupils: Optional[Ends] = None
    parts: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    normalisers: tuple[str, ...] = ('ocular',)
    occlusion: bool = False


def _indices(**ranges: tuple[int, int]) -> dict[str, tuple[int, ...]]:
    """Parts from their first and last landmark."""
    return {name: tuple(range(first, last + 1)) for name, (first, last) in ranges.items()}


_WFLW = Layout(
    num_landmarks=98,
    eyes=((60,), (72,)),
    pupils=((96,), (97,)),
    parts=_indices(
        contour=(0, 32),
        left_brow=(33, 41),
        right_brow=(42, 50),
        nose=(51, 59),
        left_eye=(60, 67),
        right_eye=(68, 75),
        mouth=(76, 95),
        pupils=(96, 97),
    ),
)
_PARTS_68 = _indices(
    contour=(0, 16),
    left_brow=(17, 21),
    right_brow=(22, 26),
    nose=(27, 35),
    left_eye=(36, 41),
    right_eye=(42, 47),
    mouth=(48, 67),
)
# No pupil is annotated here: the field takes the mean of the six landmarks of each eye.
_IBUG = Layout(
    num_landmarks=68,
    eyes=((36,), (45,)),
    pupils=(_PARTS_68['left_eye'], _PARTS_68['right_eye']),
    parts=_PARTS_68,
    normalisers=('ocular', 'pupil'),
)
_COCO_WHOLEBODY_FACE = Layout(
    num_landmarks=68, eyes=_IBUG.eyes, pupils=_IBUG.pupils, parts=_PARTS_68
)
_COFW = Layout(
    num_landmarks=29,
    eyes=((8,), (9,)),
    pupils=((16,), (17,)),
    parts=dict(
        left_brow=(0, 2, 4, 5),
        right_brow=(1, 3, 6, 7),
        left_eye=(8, 10, 12, 13),
        right_eye=(9, 11, 14, 15),
        pupils=(16, 17),
        nose=(18, 19, 20, 21),
        mouth=(22, 23, 24, 25, 26, 27),
        chin=(28,),
    ),
    normalisers=('ocular', 'pupil'),
    occlusion=True,
)
# Of AFLW's profile faces the eye corners can coincide, so the literature divides by the face box.
_AFLW = Layout(
    num_landmarks=19,
    eyes=((6,), (11,)),
    pupils=((7,), (10,)),
    parts=dict(
        _indices(
            left_brow=(0, 2),
            right_brow=(3, 5),
            left_eye=(6, 8),
            right_eye=(9, 11),
            nose=(12, 14),
            mouth=(15, 17),
        ),
        chin=(18,),
    ),
    normalisers=('box_side', 'box_tight'),
)
# The order of LaPa and JD-landmark; landmarks 74 and 83 repeat the pupils.
_LAPA = Layout(
    num_landmarks=106,
    eyes=((66,), (79,)),
    pupils=((104,), (105,)),
    parts=_indices(
        contour=(0, 32),
        left_brow=(33, 41),
        right_brow=(42, 50),
        nose=(51, 65),
        left_eye=(66, 74),
        right_eye=(75, 83),
        mouth=(84, 103),
        pupils=(104, 105),
    ),
    normalisers=('ocular', 'box_tight'),
)

LAYOUTS: dict[str, Layout] = {
    'wflw': _WFLW,
    '300w': _IBUG,
    '300wlp': _IBUG,
    'cofw': _COFW,
    'aflw': _AFLW,
    'coco_wholebody_face': _COCO_WHOLEBODY_FACE,
    'lapa': _LAPA,
}
"""Markups by ``dataset_name`` of MMPose's metainfo."""


def layout_for(dataset: str, num_landmarks: int) -> Layout:
    """Find the markup of a data set.

    Args:
        dataset: ``dataset_name`` of MMPose's metainfo.
        num_landmarks: Number of landmarks that its faces have.

    Returns:
        The known markup, or one without facts if the name or the number is another.
    """
    known = LAYOUTS.get(dataset)
    return known if known and known.num_landmarks == num_landmarks else Layout(num_landmarks)


def as_ends(value: EndsArgument, setting: str, num_landmarks: int) -> Ends:
    """Read a pair of landmarks, or of groups of landmarks.

    Args:
        value: Two landmarks, or two sequences of landmarks whose means count.
        setting: Name of the setting, for messages.
        num_landmarks: Number K of landmarks.

    Returns:
        Two tuples of indices.

    Raises:
        ValueError: If it is no pair, or a landmark is none of 0 to K - 1.
    """
    ends = [_end(each) for each in value] if _is_sequence(value) else []
    if len(ends) != 2 or not all(ends):
        raise ValueError(
            f'{setting} must be two landmarks, as (60, 72), or two groups of landmarks, got {value}'
        )
    check_indices(ends[0] + ends[1], setting, num_landmarks)
    first, second = (tuple(int(index) for index in end) for end in ends)
    return first, second


def check_indices(indices: Sequence[Any], setting: str, num_landmarks: int) -> None:
    """Refuse what is no landmark.

    Args:
        indices: Landmarks, counted from 0.
        setting: Name of the setting, for messages.
        num_landmarks: Number K of landmarks.

    Raises:
        ValueError: If one is no whole number from 0 to K - 1.
    """
    for index in indices:
        if not is_whole(index) or not 0 <= index < num_landmarks:
            raise ValueError(
                f'{setting} names landmark {index!r}; the data set has the landmarks 0 to '
                f'{num_landmarks - 1}'
            )


def _end(value: Any) -> tuple[Any, ...]:
    return tuple(value) if _is_sequence(value) else (value,)


def _is_sequence(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)

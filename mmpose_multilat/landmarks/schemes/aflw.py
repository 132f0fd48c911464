"""The 19 landmarks of AFLW's release of that number."""

from .scheme import LandmarkScheme, pairs, span, spans

AFLW = LandmarkScheme(
    num_landmarks=19,
    name='aflw',
    flip_pairs=pairs(
        (0, 2, 5),  # brows
        (6, 8, 11),  # eyes
        (12, 12, 14),  # nose
        (15, 15, 17),  # mouth
    ),
    eyes=((6,), (11,)),
    pupils=((7,), (10,)),
    parts=spans(
        left_brow=(0, 2),
        right_brow=(3, 5),
        left_eye=(6, 8),
        right_eye=(9, 11),
        nose=(12, 14),
        mouth=(15, 17),
        chin=(18, 18),
    ),
    curves=dict(
        left_brow=span(0, 2),
        right_brow=span(3, 5),
        left_eye=span(6, 8),
        right_eye=span(9, 11),
        nose_base=span(12, 14),
        mouth=span(15, 17),
    ),
)
"""The centre of an eye is its pupil. The chin is on no curve."""

"""The 29 landmarks of COFW."""

from .scheme import LandmarkScheme

COFW = LandmarkScheme(
    num_landmarks=29,
    name='cofw',
    flip_pairs=(
        (0, 1),  # brows
        (2, 3),
        (4, 6),
        (5, 7),
        (8, 9),  # eyes
        (10, 11),
        (12, 14),
        (13, 15),
        (16, 17),  # pupils
        (18, 19),  # nose
        (22, 23),  # mouth
    ),
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
    curves=dict(
        left_brow_upper=(0, 4, 2),
        left_brow_lower=(0, 5, 2),
        right_brow_upper=(3, 6, 1),
        right_brow_lower=(3, 7, 1),
        nose_base=(18, 21, 19),
        left_eye_upper=(8, 12, 10),
        left_eye_lower=(8, 13, 10),
        right_eye_upper=(11, 14, 9),
        right_eye_lower=(11, 15, 9),
        outer_lip_upper=(22, 24, 23),
        outer_lip_lower=(22, 27, 23),
        inner_lip_upper=(22, 25, 23),
        inner_lip_lower=(22, 26, 23),
    ),
)
"""Pupils, tip of the nose and chin are on no curve."""

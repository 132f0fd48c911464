"""The 106 landmarks of LaPa, which are those of JD-landmark too."""

from .scheme import LandmarkScheme, pairs, span, spans

LAPA = LandmarkScheme(
    num_landmarks=106,
    name='lapa',
    flip_pairs=pairs(
        (0, 15, 32),  # contour
        (33, 37, 46),  # upper and lower edges of the brows
        (38, 38, 50),
        (39, 41, 49),
        (55, 59, 65),  # nose
        (66, 70, 79),  # eyes and their centres
        (71, 73, 82),
        (74, 74, 83),
        (84, 86, 90),  # outer lip, then inner lip
        (94, 95, 92),
        (96, 97, 100),
        (103, 103, 101),
        (104, 104, 105),
    ),
    eyes=((66,), (79,)),
    pupils=((104,), (105,)),
    parts=spans(
        contour=(0, 32),
        left_brow=(33, 41),
        right_brow=(42, 50),
        nose=(51, 65),
        left_eye=(66, 74),
        right_eye=(75, 83),
        mouth=(84, 103),
        pupils=(104, 105),
    ),
    curves=dict(
        contour=span(0, 32),
        left_brow_upper=span(33, 37),
        left_brow_lower=(33, *span(41, 38)),
        right_brow_upper=span(42, 46),
        right_brow_lower=span(50, 46),
        nose_bridge=span(51, 54),
        nose_base=span(58, 62),
        left_eye_upper=span(66, 70),
        left_eye_lower=(66, *span(73, 70)),
        right_eye_upper=span(75, 79),
        right_eye_lower=(75, *span(82, 79)),
        outer_lip_upper=span(84, 90),
        outer_lip_lower=(84, *span(95, 90)),
        inner_lip_upper=span(96, 100),
        inner_lip_lower=(96, *span(103, 100)),
    ),
)
"""Landmarks 74 and 83, the centres of the eyes, repeat the pupils. The curves are those of WFLW."""

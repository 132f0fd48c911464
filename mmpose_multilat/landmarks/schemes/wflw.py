"""The 98 landmarks of WFLW."""

from .scheme import LandmarkScheme, pairs, span, spans

WFLW = LandmarkScheme(
    num_landmarks=98,
    name='wflw',
    flip_pairs=pairs(
        (0, 15, 32),  # contour
        (33, 37, 46),  # upper and lower edges of the brows
        (38, 38, 50),
        (39, 41, 49),
        (55, 56, 59),  # nose
        (60, 64, 72),  # eyes
        (65, 67, 75),
        (76, 78, 82),  # outer lip, then inner lip
        (86, 87, 84),
        (88, 89, 92),
        (95, 95, 93),
        (96, 96, 97),
    ),
    eyes=((60,), (72,)),
    pupils=((96,), (97,)),
    parts=spans(
        contour=(0, 32),
        left_brow=(33, 41),
        right_brow=(42, 50),
        nose=(51, 59),
        left_eye=(60, 67),
        right_eye=(68, 75),
        mouth=(76, 95),
        pupils=(96, 97),
    ),
    curves=dict(
        contour=span(0, 32),
        left_brow_upper=span(33, 37),
        left_brow_lower=(33, *span(41, 38)),
        right_brow_upper=span(42, 46),
        right_brow_lower=span(50, 46),
        nose_bridge=span(51, 54),
        nose_base=span(55, 59),
        left_eye_upper=span(60, 64),
        left_eye_lower=(60, *span(67, 64)),
        right_eye_upper=span(68, 72),
        right_eye_lower=(68, *span(75, 72)),
        outer_lip_upper=span(76, 82),
        outer_lip_lower=(76, *span(87, 82)),
        inner_lip_upper=span(88, 92),
        inner_lip_lower=(88, *span(95, 92)),
    ),
)
"""Brows have two edges, which the 13-curve sets of the literature reduce to the upper one."""

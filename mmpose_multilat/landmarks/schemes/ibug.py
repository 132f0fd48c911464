"""The 68 landmarks of iBUG: 300W, COFW-68 and the faces of COCO-WholeBody."""

from .scheme import LandmarkScheme, pairs, span, spans

IBUG = LandmarkScheme(
    num_landmarks=68,
    name='ibug',
    flip_pairs=pairs(
        (0, 7, 16),  # contour
        (17, 21, 26),  # brows
        (31, 32, 35),  # nose
        (36, 39, 45),  # eyes
        (40, 41, 47),
        (48, 50, 54),  # outer lip, then inner lip
        (58, 59, 56),
        (60, 61, 64),
        (67, 67, 65),
    ),
    eyes=((36,), (45,)),
    # No pupil is annotated here: the field takes the mean of the six landmarks of each eye.
    pupils=(span(36, 41), span(42, 47)),
    parts=spans(
        contour=(0, 16),
        left_brow=(17, 21),
        right_brow=(22, 26),
        nose=(27, 35),
        left_eye=(36, 41),
        right_eye=(42, 47),
        mouth=(48, 67),
    ),
    curves=dict(
        contour=span(0, 16),
        left_brow_upper=span(17, 21),
        right_brow_upper=span(22, 26),
        nose_bridge=span(27, 30),
        nose_base=span(31, 35),
        left_eye_upper=span(36, 39),
        left_eye_lower=(36, *span(41, 39)),
        right_eye_upper=span(42, 45),
        right_eye_lower=(42, *span(47, 45)),
        outer_lip_upper=span(48, 54),
        outer_lip_lower=(48, *span(59, 54)),
        inner_lip_upper=span(60, 64),
        inner_lip_lower=(60, *span(67, 64)),
    ),
)

"""The schemes against MMPose's own facts and against lists written by hand."""

import pytest
from mmpose.datasets.datasets.utils import parse_pose_metainfo
from mmpose.evaluation.metrics import NME

from mmpose_multilat.landmarks.schemes import SCHEMES, scheme_of

# `dataset_name` of MMPose's metainfo -> scheme.
METAINFO = {
    'wflw': 'wflw',
    '300w': 'ibug',
    'coco_wholebody_face': 'ibug',
    'cofw': 'cofw',
    'aflw': 'aflw',
    'lapa': 'lapa',
}
# The curves of LAB's later implementations: 13 of them, 15 where brows have two edges.
EYES_AND_LIPS_98 = {
    'left_eye_upper': [60, 61, 62, 63, 64],
    'left_eye_lower': [60, 67, 66, 65, 64],
    'right_eye_upper': [68, 69, 70, 71, 72],
    'right_eye_lower': [68, 75, 74, 73, 72],
    'outer_lip_upper': [76, 77, 78, 79, 80, 81, 82],
    'outer_lip_lower': [76, 87, 86, 85, 84, 83, 82],
    'inner_lip_upper': [88, 89, 90, 91, 92],
    'inner_lip_lower': [88, 95, 94, 93, 92],
}
BROWS_98 = {
    'left_brow_upper': [33, 34, 35, 36, 37],
    'left_brow_lower': [33, 41, 40, 39, 38],
    'right_brow_upper': [42, 43, 44, 45, 46],
    'right_brow_lower': [50, 49, 48, 47, 46],
}
CURVES = {
    'wflw': {
        'contour': list(range(33)),
        **BROWS_98,
        'nose_bridge': [51, 52, 53, 54],
        'nose_base': [55, 56, 57, 58, 59],
        **EYES_AND_LIPS_98,
    },
    'ibug': {
        'contour': list(range(17)),
        'left_brow_upper': [17, 18, 19, 20, 21],
        'right_brow_upper': [22, 23, 24, 25, 26],
        'nose_bridge': [27, 28, 29, 30],
        'nose_base': [31, 32, 33, 34, 35],
        'left_eye_upper': [36, 37, 38, 39],
        'left_eye_lower': [36, 41, 40, 39],
        'right_eye_upper': [42, 43, 44, 45],
        'right_eye_lower': [42, 47, 46, 45],
        'outer_lip_upper': [48, 49, 50, 51, 52, 53, 54],
        'outer_lip_lower': [48, 59, 58, 57, 56, 55, 54],
        'inner_lip_upper': [60, 61, 62, 63, 64],
        'inner_lip_lower': [60, 67, 66, 65, 64],
    },
    'cofw': {
        'left_brow_upper': [0, 4, 2],
        'left_brow_lower': [0, 5, 2],
        'right_brow_upper': [3, 6, 1],
        'right_brow_lower': [3, 7, 1],
        'nose_base': [18, 21, 19],
        'left_eye_upper': [8, 12, 10],
        'left_eye_lower': [8, 13, 10],
        'right_eye_upper': [11, 14, 9],
        'right_eye_lower': [11, 15, 9],
        'outer_lip_upper': [22, 24, 23],
        'outer_lip_lower': [22, 27, 23],
        'inner_lip_upper': [22, 25, 23],
        'inner_lip_lower': [22, 26, 23],
    },
    'aflw': {
        'left_brow': [0, 1, 2],
        'right_brow': [3, 4, 5],
        'left_eye': [6, 7, 8],
        'right_eye': [9, 10, 11],
        'nose_base': [12, 13, 14],
        'mouth': [15, 16, 17],
    },
    # From the tip of the nose on, eight landmarks of the nose and the eyes are inserted into 98.
    'lapa': {
        'contour': list(range(33)),
        **BROWS_98,
        'nose_bridge': [51, 52, 53, 54],
        'nose_base': [58, 59, 60, 61, 62],
        'left_eye_upper': [66, 67, 68, 69, 70],
        'left_eye_lower': [66, 73, 72, 71, 70],
        'right_eye_upper': [75, 76, 77, 78, 79],
        'right_eye_lower': [75, 82, 81, 80, 79],
        'outer_lip_upper': [84, 85, 86, 87, 88, 89, 90],
        'outer_lip_lower': [84, 95, 94, 93, 92, 91, 90],
        'inner_lip_upper': [96, 97, 98, 99, 100],
        'inner_lip_lower': [96, 103, 102, 101, 100],
    },
}

every_scheme = pytest.mark.parametrize('name', SCHEMES)


def other_side(name):
    return name.replace('left', '?').replace('right', 'left').replace('?', 'right')


@pytest.mark.parametrize('dataset', METAINFO)
def test_numbers_and_sides_are_those_of_mmpose(dataset):
    facts = parse_pose_metainfo(dict(from_file=f'configs/_base_/datasets/{dataset}.py'))
    scheme = SCHEMES[METAINFO[dataset]]
    assert facts['dataset_name'] == dataset
    assert facts['num_keypoints'] == scheme.num_landmarks
    assert list(scheme.flip_indices) == list(facts['flip_indices'])


@every_scheme
def test_pairs_name_the_left_landmark_first(name):
    """Sides are told by the parts, and by the curves, which run from left to right."""
    scheme = SCHEMES[name]
    indices = [index for pair in scheme.flip_pairs for index in pair]
    assert len(indices) == len(set(indices))
    for place, side in enumerate(('left', 'right')):
        members = {i for part in scheme.parts if side in part for i in scheme.parts[part]}
        assert members <= {pair[place] for pair in scheme.flip_pairs}
    for curve in scheme.curves.values():
        for left, right in scheme.flip_pairs:
            if left in curve and right in curve:
                assert curve.index(left) < curve.index(right)


@every_scheme
def test_the_flipped_image_exchanges_eyes_pupils_and_parts(name):
    scheme, partners = SCHEMES[name], SCHEMES[name].flip_indices
    for left, right in (scheme.eyes, scheme.pupils):
        assert sorted(partners[i] for i in left) == list(right)
    for part, indices in scheme.parts.items():
        assert sorted(partners[i] for i in indices) == sorted(scheme.parts[other_side(part)]), part


@every_scheme
def test_every_landmark_is_in_one_part(name):
    indices = [i for part in SCHEMES[name].parts.values() for i in part]
    assert sorted(indices) == list(range(SCHEMES[name].num_landmarks))


@every_scheme
def test_curves_are_those_of_the_literature(name):
    curves = {curve: list(indices) for curve, indices in SCHEMES[name].curves.items()}
    assert curves == CURVES[name]


@every_scheme
def test_curves_run_from_left_to_right(name):
    """So the flipped image turns each into its counterpart backwards; the bridge stays."""
    scheme, partners = SCHEMES[name], SCHEMES[name].flip_indices
    for curve, indices in scheme.curves.items():
        flipped = tuple(partners[index] for index in indices)
        if curve != 'nose_bridge':
            flipped = flipped[::-1]
        assert flipped == scheme.curves[other_side(curve)], curve


@every_scheme
def test_the_flipped_image_exchanges_the_curves_of_both_sides(name):
    scheme = SCHEMES[name]
    names = list(scheme.curves)
    partners = [names[index] for index in scheme.curve_flip_indices]
    assert partners == [other_side(curve) for curve in names]


def test_outlines_are_what_a_drawing_shows():
    contour, left_brow, _, bridge, base, left_eye, right_eye, outer, inner = scheme_of(98).outlines
    assert contour == (tuple(range(33)), False)
    assert left_brow == (tuple(range(33, 42)), True)
    assert bridge == ((51, 52, 53, 54), False) and base == ((55, 56, 57, 58, 59), False)
    assert left_eye == (tuple(range(60, 68)), True) and right_eye == (tuple(range(68, 76)), True)
    assert outer == (tuple(range(76, 88)), True) and inner == (tuple(range(88, 96)), True)
    lines = scheme_of(68).outlines
    assert [line.closed for line in lines] == [False] * 5 + [True] * 4
    ends = [(0, 16), (17, 21), (22, 26), (27, 30), (31, 35), (36, 41), (42, 47), (48, 59), (60, 67)]
    assert [line.indices for line in lines] == [tuple(range(a, b + 1)) for a, b in ends]


def test_eye_corners_are_those_of_mmposes_metric():
    for dataset, (left, right) in NME.DEFAULT_KEYPOINT_INDICES.items():
        if dataset in METAINFO:
            assert SCHEMES[METAINFO[dataset]].eyes == ((left,), (right,))


def test_the_pupils_of_68_landmarks_are_the_means_of_six():
    left, right = SCHEMES['ibug'].pupils
    assert (left, right) == (tuple(range(36, 42)), tuple(range(42, 48)))


def test_the_pupils_of_aflw_are_the_middles_of_the_eyes():
    """Each eye has its two corners and the pupil between them."""
    eyes = [SCHEMES['aflw'].parts[f'{side}_eye'] for side in ('left', 'right')]
    assert SCHEMES['aflw'].pupils == tuple((eye[1],) for eye in eyes)


@every_scheme
def test_a_scheme_is_found_by_its_number_of_landmarks(name):
    assert scheme_of(SCHEMES[name].num_landmarks) is SCHEMES[name]


def test_another_number_of_landmarks_has_no_facts():
    scheme = scheme_of(5)
    assert (scheme.num_landmarks, scheme.name) == (5, '')
    assert scheme.eyes is scheme.pupils is scheme.flip_indices is scheme.curve_flip_indices is None
    assert not scheme.parts and not scheme.curves

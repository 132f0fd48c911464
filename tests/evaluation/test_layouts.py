"""The markups against MMPose's own facts."""

import numpy as np
import pytest
from mmpose.datasets.datasets.utils import parse_pose_metainfo
from mmpose.evaluation.metrics import NME

from mmpose_multilat.evaluation.layouts import LAYOUTS, as_ends, layout_for

# MMPose's metainfo of 300W-LP does not say which landmarks mirror one another.
MIRRORED = [name for name in LAYOUTS if name != '300wlp']


@pytest.mark.parametrize('name', MIRRORED)
def test_names_numbers_and_sides_are_those_of_mmpose(name):
    facts = parse_pose_metainfo(dict(from_file=f'configs/_base_/datasets/{name}.py'))
    layout, flipped = LAYOUTS[name], facts['flip_indices']
    assert facts['dataset_name'] == name
    assert facts['num_keypoints'] == layout.num_landmarks
    # A mirror exchanges the ends of the distances, and the parts of left and right.
    for left, right in (layout.eyes, layout.pupils):
        assert sorted(flipped[i] for i in left) == list(right)
    for part, indices in layout.parts.items():
        mirrored = part.replace('left', '?')
        mirrored = mirrored.replace('right', 'left').replace('?', 'right')
        assert sorted(flipped[i] for i in indices) == sorted(layout.parts[mirrored]), part


@pytest.mark.parametrize('name', LAYOUTS)
def test_every_landmark_is_in_one_part(name):
    layout = LAYOUTS[name]
    indices = [i for part in layout.parts.values() for i in part]
    assert sorted(indices) == list(range(layout.num_landmarks))


def test_eye_corners_are_those_of_mmposes_metric():
    for name, pair in NME.DEFAULT_KEYPOINT_INDICES.items():
        if name in LAYOUTS:
            assert LAYOUTS[name].eyes == ((pair[0],), (pair[1],))


def test_300w_pupil_is_the_mean_of_six_landmarks():
    left, right = LAYOUTS['300w'].pupils
    assert (left, right) == (tuple(range(36, 42)), tuple(range(42, 48)))


def test_the_pupils_of_aflw_are_the_middles_of_the_eyes():
    """Each eye has its two corners and the pupil between them."""
    eyes = [LAYOUTS['aflw'].parts[f'{side}_eye'] for side in ('left', 'right')]
    assert LAYOUTS['aflw'].pupils == tuple((eye[1],) for eye in eyes)


def test_the_first_normaliser_is_the_usual_one():
    first = {name: layout.normalisers[0] for name, layout in LAYOUTS.items()}
    assert first.pop('aflw') == 'box_side' and set(first.values()) == {'ocular'}


def test_an_unknown_data_set_has_no_facts():
    for dataset, landmarks in (('mine', 68), ('300w', 98)):
        layout = layout_for(dataset, landmarks)
        assert layout.num_landmarks == landmarks
        assert layout.eyes is None and layout.pupils is None and not layout.parts


def test_ends_as_users_write_them():
    assert as_ends((3, 5), 'eyes', 6) == ((3,), (5,))
    assert as_ends([[0, 1], range(2, 4)], 'eyes', 6) == ((0, 1), (2, 3))
    (left,), (right,) = as_ends(tuple(np.array([3, 5])), 'eyes', 6)
    assert (left, right) == (3, 5) and type(left) is type(right) is int  # for files of JSON


@pytest.mark.parametrize('value', [7, 'ab', (1,), (1, 2, 3), (1, ()), None])
def test_what_is_no_pair_is_refused(value):
    with pytest.raises(ValueError, match='eyes must be two landmarks'):
        as_ends(value, 'eyes', 6)


@pytest.mark.parametrize('value', [(0, 6), (-1, 2), (0, 1.5), ('0', 1), (True, 1)])
def test_what_is_no_landmark_is_refused(value):
    with pytest.raises(ValueError, match='pupils names landmark .* the landmarks 0 to 5'):
        as_ends(value, 'pupils', 6)

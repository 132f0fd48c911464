"""Faces are reproducible, their landmarks exact, ordered and mirror-symmetric."""

from dataclasses import replace

import numpy as np
import pytest
from mmengine.config import Config
from mmpose.datasets.datasets.utils import parse_pose_metainfo

from mmpose_multilat.datasets.synthetic import (
    CURVE_SAMPLES,
    Parameters,
    draw_parameters,
    generate,
    landmarks,
    render,
)
from mmpose_multilat.datasets.synthetic.geometry import Geometry
from mmpose_multilat.datasets.synthetic.parameters import Expression, Pose, Shape

METAINFO = {
    'wflw': ['wflw'],
    'ibug': ['300w', 'coco_wholebody_face'],
    'cofw': ['cofw'],
    'aflw': ['aflw'],
    'lapa': ['lapa'],
}


def neutral(size=256, **pose):
    return Geometry(Shape(), Expression(), Pose(**pose), size)


def plain(seed=3, **changes):
    """Parameters of an open-eyed frontal face without anything in front of it or any fault."""
    drawn = draw_parameters(seed, 0)
    look = drawn.appearance
    camera = replace(look.photograph, blur=0.0, motion=0.0, noise=0.0, contrast=1.0, grey=False)
    look = replace(look, occluder='none', hair_style='bald', makeup=False, photograph=camera)
    pose = Pose(offset=(0.31, -0.17), **changes)
    shape = replace(Shape(), eye_openness=1.45)
    return Parameters(shape, Expression(), pose, look)


def test_same_seed_gives_same_face():
    first, second = generate(5, 7), generate(5, 7)
    assert np.array_equal(first.image, second.image)
    for name in CURVE_SAMPLES:
        assert np.array_equal(first.landmarks[name], second.landmarks[name])
        assert np.array_equal(first.hidden[name], second.hidden[name])


@pytest.mark.parametrize('other', [(6, 7, 'train'), (5, 8, 'train'), (5, 7, 'test')])
def test_seed_index_and_split_each_change_the_face(other):
    assert draw_parameters(5, 7, 'train') != draw_parameters(*other)
    first, second = generate(5, 7, 'train', 128), generate(*other, size=128)
    assert np.abs(first.landmarks['wflw'] - second.landmarks['wflw']).max() > 1
    assert np.abs(first.image.astype(int) - second.image).mean() > 5


@pytest.mark.parametrize(
    ('seed', 'index', 'split'), [(-1, 0, 'train'), (0, -1, 'train'), (0, 0, 'valid')]
)
def test_wrong_arguments_are_named(seed, index, split):
    with pytest.raises(ValueError, match='negative|split'):
        draw_parameters(seed, index, split)


def test_unknown_scheme_is_named():
    with pytest.raises(ValueError, match="'jd'.*aflw"):
        landmarks({}, 'jd')


@pytest.mark.parametrize('roll', [0.0, 25.0])
@pytest.mark.parametrize('size', [256, 400])
@pytest.mark.parametrize('side', [0, 1])
def test_dark_spot_of_the_picture_is_the_pupil(size, side, roll):
    """Measured in the finished pixels alone: the centroid of the pupil."""
    parameters = plain(roll=roll)
    # Light from the camera puts the glint into the middle of the pupil.
    light = replace(parameters.appearance.light, direction=(0.0, 0.0, 1.0))
    look = replace(parameters.appearance, light=light)
    dark, bright = (
        render(replace(parameters, appearance=replace(look, iris=(value, value, value))), size)
        for value in (20.0, 180.0)
    )
    # Where the iris shows the two images differ, inside the pupil they do not.
    change = (bright.image.astype(float) - dark.image).mean(axis=2)
    pupil = dark.landmarks['wflw'][96 + side]
    unit = np.linalg.norm(dark.landmarks['wflw'][60] - dark.landmarks['wflw'][72])
    rows, columns = np.indices(change.shape)
    distance = np.hypot(columns - pupil[0], rows - pupil[1])
    radius = 0.027 * unit  # of the pupil; the iris is more than twice as large
    iris = np.median(change[(distance > radius + 1) & (distance < 1.6 * radius)])
    weight = np.clip(1 - change / iris, 0, 1) * (distance < radius + 1)
    assert weight.sum() == pytest.approx(np.pi * radius**2, rel=0.2)
    centre = np.array([(columns * weight).sum(), (rows * weight).sum()]) / weight.sum()
    assert np.abs(centre - pupil).max() < 0.15


def test_picture_changes_colour_at_the_outline():
    """Skin and background differ along the outline; the edge lies where the landmark says."""
    parameters = plain()
    look = replace(parameters.appearance, skin=(250.0, 250.0, 250.0), beard='none')
    face = render(replace(parameters, appearance=look), 256)
    other = render(replace(parameters, appearance=replace(look, skin=(100.0, 100.0, 100.0))), 256)
    assert np.array_equal(face.landmarks['wflw'], other.landmarks['wflw'])
    ear, jaw = face.landmarks['wflw'][[6, 26]]
    row = round(float(ear[1]))
    change = np.abs(face.image[row].astype(float) - other.image[row]).sum(axis=1) > 40
    # In this row only the face itself is skin, so it changes between the two outline points.
    inside = np.flatnonzero(change)
    assert abs(inside.min() - ear[0]) < 1.0
    assert abs(inside.max() - jaw[0]) < 1.0


@pytest.mark.parametrize('scheme', CURVE_SAMPLES)
def test_neutral_frontal_face_is_mirror_symmetric(scheme):
    points = landmarks(neutral().image, scheme)
    mirrored = (255 - points[:, 0], points[:, 1])
    for name in METAINFO[scheme]:
        config = Config.fromfile(_metainfo_file(name)).dataset_info
        flip = parse_pose_metainfo(config)['flip_indices']
        assert len(flip) == len(points)
        np.testing.assert_allclose(np.stack(mirrored, axis=1)[flip], points, atol=1e-6)


def _metainfo_file(name):
    import os

    import mmpose

    package = os.path.dirname(mmpose.__file__)
    places = [os.path.join(package, '.mim'), os.path.dirname(package)]
    files = [os.path.join(place, 'configs', '_base_', 'datasets', f'{name}.py') for place in places]
    return next(file for file in files if os.path.exists(file))


@pytest.mark.parametrize('index', range(6))
def test_order_of_landmarks_in_drawn_faces(index):
    """Hand-written facts about each scheme, in the axes of the face."""
    parameters = draw_parameters(1, index)
    face = Geometry(parameters.shape, parameters.expression, Pose(), 256)
    wflw, ibug, cofw, aflw = (
        landmarks(face.image, name) for name in ('wflw', 'ibug', 'cofw', 'aflw')
    )
    assert np.all(np.diff(wflw[[60, 96, 64, 68, 97, 72], 0]) > 0)  # eyes from left to right
    assert np.all(np.diff(ibug[[0, 36, 39, 42, 45, 16], 0]) > 0)
    assert np.all(np.diff(wflw[[53, 54, 57, 79, 90, 94, 85, 16], 1]) > 0)  # downwards
    assert np.all(np.diff(wflw[33:38, 0]) > 0)
    assert np.all(np.diff(wflw[42:47, 0]) > 0)
    assert np.all(np.diff(wflw[38:42, 0]) < 0)  # lower left brow runs outwards
    assert wflw[32, 0] == wflw[:33, 0].max()
    assert np.all(np.diff(aflw[[0, 1, 2, 3, 4, 5], 0]) > 0)
    assert np.all(np.diff(aflw[[6, 7, 8, 9, 10, 11], 0]) > 0)
    assert np.all(np.diff(cofw[[0, 4, 2, 3, 6, 1], 0]) > 0)
    assert np.all(np.diff(cofw[[20, 21, 24, 25, 26, 27, 28], 1]) > 0)
    lapa = landmarks(face.image, 'lapa')
    assert np.all(np.diff(lapa[55:58, 0]) < 0) and np.all(np.diff(lapa[55:58, 1]) > 0)
    assert np.all(np.diff(lapa[57:64, 0]) > 0)  # the wings are the widest of the nose
    assert np.all(np.diff(lapa[63:66, 0]) < 0) and np.all(np.diff(lapa[63:66, 1]) < 0)


def test_shared_points_agree_between_schemes():
    face = generate(2, 1).landmarks
    wflw, ibug, cofw, aflw = (face[name] for name in ('wflw', 'ibug', 'cofw', 'aflw'))
    np.testing.assert_array_equal(ibug[:17], wflw[:33:2])
    np.testing.assert_array_equal(ibug[17:27], wflw[[33, 34, 35, 36, 37, 42, 43, 44, 45, 46]])
    np.testing.assert_array_equal(ibug[27:36], wflw[51:60])
    np.testing.assert_array_equal(ibug[48:60], wflw[76:88])
    np.testing.assert_array_equal(
        cofw[[8, 9, 10, 11, 16, 17, 20, 28]], wflw[[60, 72, 64, 68, 96, 97, 54, 16]]
    )
    np.testing.assert_array_equal(
        aflw[[6, 7, 8, 13, 15, 17, 18]], wflw[[60, 96, 64, 54, 76, 82, 16]]
    )
    # What JD-landmark has beside the 98 points, whose order it keeps.
    only_106 = [55, 56, 57, 63, 64, 65, 74, 83]
    np.testing.assert_array_equal(np.delete(face['lapa'], only_106, axis=0), wflw)
    np.testing.assert_array_equal(face['lapa'][[74, 83]], wflw[[96, 97]])


def test_turned_head_moves_nose_and_keeps_outline_outside():
    """Yaw to the right: the nose comes near the right outline, which never cuts the eye."""
    left, right = (landmarks(neutral(yaw=yaw).image, 'wflw') for yaw in (-30.0, 30.0))
    middle = (right[0, 0] + right[32, 0]) / 2
    assert right[54, 0] > middle + 20
    assert right[72, 0] < right[:33, 0].max()
    np.testing.assert_allclose(left[54, 0], 255 - right[54, 0], atol=1e-6)
    down = landmarks(neutral(pitch=15.0).image, 'wflw')
    straight = landmarks(neutral().image, 'wflw')
    eye_to_tip = [points[54, 1] - points[60, 1] for points in (down, straight)]
    assert eye_to_tip[0] > eye_to_tip[1]


def test_picture_scales_with_its_size():
    small, large = generate(4, 2, size=128), generate(4, 2, size=384)
    for name in CURVE_SAMPLES:
        np.testing.assert_allclose(
            (small.landmarks[name] + 0.5) * 3 - 0.5, large.landmarks[name], atol=1e-6
        )
    assert large.image.shape == (384, 384, 3)
    assert large.image.dtype == np.uint8


def test_landmarks_lie_in_the_picture():
    for index in range(40):
        parameters = draw_parameters(9, index)
        face = Geometry(parameters.shape, parameters.expression, parameters.pose, 256)
        points = landmarks(face.image, 'wflw')
        assert points.min() > 0
        assert points.max() < 255
        assert 0.45 * 256 < np.ptp(points, axis=0).max() < 0.69 * 256


def test_hidden_points_follow_the_occluder():
    parameters = plain()
    clear = render(parameters)
    masked = render(replace(parameters, appearance=replace(parameters.appearance, occluder='mask')))
    dark = render(
        replace(parameters, appearance=replace(parameters.appearance, occluder='sunglasses'))
    )
    assert not clear.hidden['cofw'].any()
    assert masked.hidden['cofw'][22:28].all()  # mouth
    assert not masked.hidden['cofw'][[0, 2, 4, 8, 10, 16]].any()  # brow and eye
    assert dark.hidden['cofw'][[12, 13, 16, 17]].all()
    assert not dark.hidden['cofw'][22:].any()
    assert np.array_equal(clear.landmarks['cofw'], masked.landmarks['cofw'])

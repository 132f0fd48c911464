"""Boundaries of faces as labels: what is drawn where, what is left out, and what is refused."""

import numpy as np
import pytest
import torch
from mmpose.registry import KEYPOINT_CODECS

from mmpose_multilat.codecs import BoundaryHeatmap, geometry_of
from mmpose_multilat.landmarks import SCHEMES

NUMBERS = dict(wflw=15, ibug=13, cofw=13, aflw=6, lapa=15)
SIZES = dict(input_size=(64, 48), heatmap_size=(16, 12))


def face(scheme='aflw', seed=0):
    """Random landmarks in input px."""
    count = SCHEMES[scheme].num_landmarks
    return np.random.default_rng(seed).uniform(0, 48, (1, count, 2)).astype(np.float32)


def sampled(points, size, sigma):
    """The slow twin: Gaussian of the distance to the nearest of many points along a curve."""
    y, x = np.mgrid[: size[1], : size[0]]
    shares = np.linspace(0, 1, 500)[:, None]
    dots = np.concatenate([a + shares * (b - a) for a, b in zip(points, points[1:])])
    distances = np.hypot(x[..., None] - dots[:, 0], y[..., None] - dots[:, 1]).min(-1)
    return np.exp(-(distances**2) / (2 * sigma**2))


@pytest.mark.parametrize('scheme', NUMBERS)
def test_every_scheme_is_registered_with_its_curves(scheme):
    codec = KEYPOINT_CODECS.build(dict(type='BoundaryHeatmap', scheme=scheme, **SIZES))
    assert codec.num_boundaries == NUMBERS[scheme] == len(codec.names)
    encoded = codec.encode(face(scheme))
    assert encoded['boundary_heatmaps'].shape == (1, NUMBERS[scheme], 12, 16)
    assert encoded['boundary_heatmaps'].dtype == np.float32
    np.testing.assert_array_equal(encoded['boundary_weights'], np.ones((1, NUMBERS[scheme])))
    assert set(encoded) == set(codec.label_mapping_table)


@pytest.mark.parametrize(('alignment', 'pitch'), [('msra', (4, 4)), ('udp', (63 / 15, 47 / 11))])
def test_curves_lie_where_the_landmarks_are_in_the_input(alignment, pitch):
    codec = BoundaryHeatmap(**SIZES, sigma=1.5, scheme='aflw', alignment=alignment)
    keypoints = face()
    encoded = codec.encode(keypoints)['boundary_heatmaps'][0]
    for found, curve in zip(encoded, SCHEMES['aflw'].curves.values()):
        expected = sampled(keypoints[0, list(curve)] / pitch, (16, 12), 1.5)
        np.testing.assert_allclose(found, expected, atol=3e-3)


def test_drawing_a_batch_is_encoding_its_faces():
    codec = BoundaryHeatmap(**SIZES, scheme='aflw')
    faces = np.concatenate([face(seed=seed) for seed in range(3)])
    visible = np.random.default_rng(1).random((3, 19)).round().astype(np.float32)
    drawn = codec.draw(codec.geometry.to_heatmap(torch.from_numpy(faces)), torch.tensor(visible))
    for number in range(3):
        encoded = codec.encode(faces[number : number + 1], visible[number : number + 1])
        np.testing.assert_array_equal(drawn[number], encoded['boundary_heatmaps'][0])


@pytest.mark.parametrize('missing', ['invisible', 'nan', 'visibility'])
def test_segments_at_missing_landmarks_are_left_out(missing):
    """Of the left brow, 0 to 2, the first half; of the right brow, 3 to 5, everything."""
    codec = BoundaryHeatmap(**SIZES, scheme='aflw')
    keypoints, visible = face(), np.ones((1, 19), np.float32)
    whole = codec.encode(keypoints)
    if missing == 'nan':
        keypoints[0, [0, 4]] = np.nan
    else:
        visible[0, [0, 4]] = 0.4 if missing == 'invisible' else np.nan
    encoded = codec.encode(keypoints, visible)
    np.testing.assert_array_equal(encoded['boundary_weights'], [[0.5, 0, 1, 1, 1, 1]])
    left, right, *others = encoded['boundary_heatmaps'][0]
    np.testing.assert_allclose(left, sampled(face()[0, 1:3] / 4, (16, 12), 1), atol=6e-3)
    assert not right.any()
    np.testing.assert_array_equal(others, whole['boundary_heatmaps'][0, 2:])


def test_the_flipped_face_has_the_flipped_boundaries_of_the_other_side():
    codec = BoundaryHeatmap(**SIZES, scheme='ibug', alignment='udp')
    keypoints = face('ibug')
    flipped = keypoints[:, list(SCHEMES['ibug'].flip_indices)]
    flipped[..., 0] = 63 - flipped[..., 0]
    here, there = (codec.encode(each)['boundary_heatmaps'][0] for each in (keypoints, flipped))
    np.testing.assert_allclose(there[list(codec.flip_indices)][..., ::-1], here, atol=1e-4)


def test_drawing_can_be_exported():
    codec = BoundaryHeatmap(**SIZES, scheme='aflw')

    class Drawing(torch.nn.Module):
        def forward(self, landmarks, visible):
            return codec.draw(landmarks, visible)

    sample = torch.from_numpy(face()) / 4, torch.ones(1, 19)
    exported = torch.export.export(Drawing(), sample).module()
    torch.testing.assert_close(exported(*sample), codec.draw(*sample))


def test_its_geometry_is_known():
    codec = BoundaryHeatmap(**SIZES, scheme='aflw', alignment='udp')
    assert geometry_of(codec) == codec.geometry and codec.geometry.alignment == 'udp'


def test_faces_of_another_scheme_are_refused():
    with pytest.raises(ValueError, match="scheme='ibug' has 68 landmarks, the face has 19"):
        BoundaryHeatmap(**SIZES, scheme='ibug').encode(face('aflw'))


@pytest.mark.parametrize(
    ('argument', 'value'), [('scheme', '300w'), ('scheme', 68), ('sigma', 0), ('alignment', 'up')]
)
def test_bad_arguments_are_refused_when_it_is_built(argument, value):
    with pytest.raises(ValueError, match=f'^{argument}='):
        BoundaryHeatmap(**{**SIZES, 'scheme': 'ibug', argument: value})


def test_it_decodes_no_landmarks():
    with pytest.raises(NotImplementedError, match='only encodes'):
        BoundaryHeatmap(**SIZES, scheme='ibug').decode(None)

"""The traced surface against a search along single rays."""

import numpy as np
import pytest

from mmpose_multilat.datasets.synthetic.geometry import Geometry
from mmpose_multilat.datasets.synthetic.parameters import Expression, Pose, Shape
from mmpose_multilat.datasets.synthetic.pose import rotation_matrix
from mmpose_multilat.datasets.synthetic.relief import GRID_DENSITY, GRID_ORIGIN
from mmpose_multilat.datasets.synthetic.tracing import cast_shadow, normals, trace


@pytest.fixture(scope='module')
def turned():
    return Geometry(Shape(), Expression(), Pose(yaw=25.0, pitch=-8.0, roll=12.0), 128)


def test_table_tabulates_the_height(turned):
    table = turned.heights
    row, column = 90, 70
    place = GRID_ORIGIN + np.array([column, row]) / GRID_DENSITY
    assert table[row, column] == pytest.approx(turned.relief.height(*place), abs=1e-4)


def test_traced_points_project_to_their_pixels_and_lie_on_the_surface(turned):
    seen = trace(turned.heights, turned.camera, (0, 0), (128, 128))
    nose = turned.image['nose_bridge'][8]
    for x, y in [(64, 64), (60, 75), (72, 80), tuple(np.round(nose).astype(int))]:
        assert seen['hit'][y, x]
        place = GRID_ORIGIN + np.array([seen['column'][y, x], seen['row'][y, x]]) / GRID_DENSITY
        point = np.array([*place, seen['depth'][y, x]])
        np.testing.assert_allclose(turned.camera.project(point), (x, y), atol=1e-3)
        assert turned.relief.height(*place) == pytest.approx(point[2], abs=0.01)
        # Nothing stands in front: the surface is below the ray everywhere nearer to the viewer.
        towards = turned.camera.rotation[2] / turned.camera.rotation[2, 2]
        ray = point + np.linspace(0.03, 0.5, 200)[:, None] * towards
        assert np.all(turned.relief.height(ray[:, 0], ray[:, 1]) < ray[:, 2] + 0.01)


def test_silhouette_is_the_farthest_point_of_its_ray(turned):
    """Dense search along the rays of the averted cheek."""
    rim = turned.plane['contour'][70:120:10]
    found = turned.relief.silhouette(turned.camera, rim, 0.3)
    centre = np.array([0.0, 0.4])
    fractions = np.linspace(0.3, 1.0, 2001)
    for point, target in zip(rim, found):
        outwards = turned.camera.rotation[:2, :2] @ (point - centre)
        outwards /= np.linalg.norm(outwards)
        dense = turned.relief.lift(centre + fractions[:, None] * (point - centre))
        reach = (dense @ turned.camera.rotation[:2].T) @ outwards
        assert target @ turned.camera.rotation[:2].T @ outwards == pytest.approx(
            reach.max(), abs=2e-3
        )


def test_rotation_signs_and_orthogonality():
    nose = np.array([0.0, 0.0, 1.0])
    assert (rotation_matrix(Pose(yaw=20.0)) @ nose)[0] > 0
    assert (rotation_matrix(Pose(pitch=20.0)) @ nose)[1] > 0
    right = rotation_matrix(Pose(roll=20.0)) @ np.array([1.0, 0.0, 0.0])
    assert right[1] > 0
    turn = rotation_matrix(Pose(yaw=20.0, pitch=-30.0, roll=40.0))
    np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-12)


def test_normals_of_a_tilted_plane():
    x = np.arange(9, dtype=np.float32)[None] / np.float32(GRID_DENSITY)
    plane = np.broadcast_to(0.75 * x, (7, 9)).astype(np.float32)
    np.testing.assert_allclose(normals(plane)[3, 4], (-0.6, 0.0, 0.8), atol=1e-4)


def test_wall_casts_its_shadow_away_from_the_light():
    table = np.zeros((60, 120), np.float32)
    table[:, 58:62] = 0.5
    light = np.array([-0.8, 0.0, 0.6])
    lit = cast_shadow(table, light)
    assert lit[30, 70] < 0.2  # behind the wall
    assert lit[30, 30] > 0.95  # before it
    assert np.all(cast_shadow(table, np.array([-1.0, 0.0, 0.0])) == 1)

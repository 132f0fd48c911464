"""One face in one image: its curves in the face plane, in space and in the image."""

from __future__ import annotations

import numpy as np

from .curve_samples import landmarks
from .parameters import Expression, Pose, Shape
from .pose import Camera, place_camera, rotation_matrix
from .relief import Relief
from .shape import Curves, build_curves

# The rim of the face may slide over the whole cheek, brows only a little; see ``silhouette``.
_RIM_START = dict(contour=0.3, forehead=0.3, brow_upper=0.6, brow_lower=0.6)
# Skull: an ellipsoid behind the face (centre and radii in face units).
_SKULL_CENTRE = np.array([0.0, -0.25, -0.95])
_SKULL_RADII = np.array([0.88, 0.95, 0.92])


def _rim_start(name: str) -> float | None:
    return next((start for key, start in _RIM_START.items() if name.startswith(key)), None)


class Geometry:
    """Curves of a face in three frames.

    Args:
        shape: Build of the face.
        expression: Its state.
        pose: Turn of the head and place in the image.
        size: Side of the image in px.

    Attributes:
        plane: Curves in the face plane, (N, 2); see :func:`build_curves`.
        space: Curves on the surface, (N, 3), as visible from the camera.
        image: Curves in the image, (N, 2), px.
        heights: Height table, see :meth:`Relief.table`.
        unit: Pixels per face unit.
    """

    def __init__(self, shape: Shape, expression: Expression, pose: Pose, size: int) -> None:
        self.plane: Curves = build_curves(shape, expression)
        self.smile = float(np.mean(expression.smile))
        self.brow_raise = float(np.mean(expression.brow_raise))
        self.eye_closure = expression.eye_closure
        self.eye_size = shape.eye_size
        self.mouth_open = expression.mouth_open
        self.width = shape.width
        self.relief = Relief(self.plane, shape)
        self.heights = self.relief.table()
        rotation = rotation_matrix(pose)
        level = Camera(rotation, 1.0, np.zeros(2))
        self.space: dict[str, np.ndarray] = {}
        for start in (None, *sorted(set(_RIM_START.values()))):
            self.space.update(self._lift(level, start))
        for side in ('left', 'right'):
            self.space[f'brow_centre_{side}'] = (
                self.space[f'brow_upper_{side}'] + self.space[f'brow_lower_{side}']
            ) / 2
        points = level.project(landmarks(self.space, 'wflw'))
        self.camera = place_camera(rotation, points, pose, size)
        self.image: Curves = {
            name: self.camera.project(points) for name, points in self.space.items()
        }
        self.unit = self.camera.scale

    def _lift(self, camera: Camera, start: float | None) -> Curves:
        """Lift the curves that slide to ``start``, see :meth:`Relief.silhouette`, in one go."""
        names = [name for name in self.plane if _rim_start(name) == start]
        points = np.concatenate([self.plane[name] for name in names])
        lifted = (
            self.relief.lift(points)
            if start is None
            else self.relief.silhouette(camera, points, start)
        )
        ends = np.cumsum([len(self.plane[name]) for name in names])[:-1]
        return dict(zip(names, np.split(lifted, ends)))

    def slides(self, name: str) -> bool:
        """Whether a curve follows the visible rim of the face."""
        return name.startswith('brow') or _rim_start(name) is not None

    def project(self, points: np.ndarray) -> np.ndarray:
        """(N, 3) points of the head to (N, 2) px."""
        return self.camera.project(np.asarray(points, dtype=float))

    def on_face(self, points: np.ndarray, above: float = 0.0) -> np.ndarray:
        """(N, 2) points of the face plane to (N, 2) px; ``above`` lifts them off the surface."""
        return self.project(self.relief.lift(np.asarray(points, dtype=float)) + [0, 0, above])

    def skull(self, grow: float = 1.0, count: int = 96) -> tuple[np.ndarray, np.ndarray]:
        """Outline of the skull.

        Args:
            grow: Factor on its radii.
            count: Points of the outline.

        Returns:
            (count, 2) outline in px and the (2, 2) map from px offsets to the unit disc.
        """
        linear = self.unit * self.camera.rotation[:2] * _SKULL_RADII * [self.width, 1, 1] * grow
        values, vectors = np.linalg.eigh(linear @ linear.T)
        root = vectors * np.sqrt(values) @ vectors.T
        angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
        disc = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        return self.skull_centre() + disc @ root, np.linalg.inv(root)

    def skull_centre(self) -> np.ndarray:
        """(2,) middle of the skull in px."""
        return self.project(_SKULL_CENTRE)

    def window(self, size: int) -> tuple[tuple[int, int], tuple[int, int]]:
        """Corner (x, y) and extent (width, height) of the part of the image with the face."""
        points = np.concatenate(list(self.image.values()))
        margin = 0.12 * self.unit
        low = np.clip(np.floor(points.min(axis=0) - margin), 0, size - 1).astype(int)
        high = np.clip(np.ceil(points.max(axis=0) + margin), 1, size).astype(int)
        return (int(low[0]), int(low[1])), (int(high[0] - low[0]), int(high[1] - low[1]))

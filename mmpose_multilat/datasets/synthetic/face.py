"""One synthetic face from a seed: the image, its landmarks in every scheme, what is hidden."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from .appearance import Appearance, draw_appearance
from .body import draw_background, draw_skull, draw_trunk
from .canvas import Canvas, Mask
from .curve_samples import CURVE_SAMPLES, landmarks
from .features import draw_features
from .geometry import Geometry
from .hair import draw_back_hair, draw_hair
from .occluders import draw_occluder
from .parameters import Expression, Pose, Shape, draw_expression, draw_spread
from .photograph import expose
from .skin import Surface, draw_skin, light_surface

# A point is hidden by the face itself when the surface in front of it is nearer by this much.
_SELF_OCCLUSION = 0.08
# First number of the random streams, so that train and test faces never share one.
SPLITS = dict(train=0, test=1)
DEFAULT_SIZE = 256


@dataclass(frozen=True)
class Parameters:
    """Everything that decides how a face looks."""

    shape: Shape
    expression: Expression
    pose: Pose
    appearance: Appearance


@dataclass(frozen=True)
class SyntheticFace:
    """An image of a face and its exact annotation.

    Attributes:
        image: (size, size, 3) uint8 BGR.
        landmarks: (K, 2) float64 by annotation scheme, px, integer = pixel centre, (x, y).
        hidden: (K,) bool by annotation scheme: covered by something in front or by the face itself.
        parameters: What was drawn.
    """

    image: np.ndarray
    landmarks: dict[str, np.ndarray]
    hidden: dict[str, np.ndarray]
    parameters: Parameters


def draw_parameters(seed: int, index: int, split: str = 'train') -> Parameters:
    """Draw the parameters of face ``index``; they depend on nothing but the arguments.

    Raises:
        ValueError: If the split is unknown or a number is negative.
    """
    if split not in SPLITS:
        raise ValueError(f"unknown split '{split}'; choose one of {sorted(SPLITS)}")
    if seed < 0 or index < 0:
        raise ValueError(f'seed and index must not be negative, got {seed} and {index}')
    streams = np.random.SeedSequence([seed, SPLITS[split], index]).spawn(4)
    build, state, turn, look = (np.random.default_rng(stream) for stream in streams)
    offset = turn.uniform(-1.0, 1.0, 2)
    return Parameters(
        draw_spread(Shape, build),
        draw_expression(state),
        draw_spread(Pose, turn, offset=(float(offset[0]), float(offset[1]))),
        draw_appearance(look),
    )


def render(parameters: Parameters, size: int = DEFAULT_SIZE) -> SyntheticFace:
    """Render a face.

    Args:
        parameters: See :func:`draw_parameters`.
        size: Side of the square image in px.
    """
    look = parameters.appearance
    geometry = Geometry(parameters.shape, parameters.expression, parameters.pose, size)
    canvas = Canvas(size)
    surface = light_surface(geometry, look, size)
    draw_background(canvas, look)
    draw_back_hair(canvas, geometry, look)
    draw_trunk(canvas, geometry, look)
    draw_skull(canvas, geometry, look)
    draw_skin(canvas, geometry, surface)
    draw_features(canvas, geometry, look, surface)
    covers = [draw_hair(canvas, geometry, look)]
    covers += draw_occluder(canvas, geometry, look)
    image = expose(canvas.image, look.photograph, np.random.default_rng([look.texture_seed, 9]))
    points = {name: landmarks(geometry.image, name) for name in CURVE_SAMPLES}
    unseen = _unseen(geometry, surface, covers, size)
    hidden = {name: landmarks(unseen, name) for name in CURVE_SAMPLES}
    return SyntheticFace(image, points, hidden, parameters)


def generate(
    seed: int, index: int, split: str = 'train', size: int = DEFAULT_SIZE
) -> SyntheticFace:
    """Draw and render face ``index`` of a split.

    The face is the same for every number of faces and of processes.
    """
    return render(draw_parameters(seed, index, split), size)


def _unseen(
    geometry: Geometry, surface: Surface, covers: Iterable[Mask | None], size: int
) -> dict[str, np.ndarray]:
    """(N,) bool for the points of every curve: covered, or behind another part of the face."""
    cover = np.zeros((size, size), np.float32)
    for mask in covers:
        if mask is not None:
            np.maximum(cover[mask.window], mask.values, out=cover[mask.window])
    result = {}
    for name, points in geometry.image.items():
        column, row = np.clip(np.round(points), 0, size - 1).astype(int).T
        result[name] = cover[row, column] > 0.5
        if not geometry.slides(name):  # the visible rim hides nothing of itself
            result[name] |= _behind_face(geometry.space[name], column, row, geometry, surface)
    return result


def _behind_face(
    space: np.ndarray, column: np.ndarray, row: np.ndarray, geometry: Geometry, surface: Surface
) -> np.ndarray:
    rows, columns = surface.depth.shape
    column = np.clip(column - surface.corner[0], 0, columns - 1)
    row = np.clip(row - surface.corner[1], 0, rows - 1)
    # Two points on one line of sight: their depths differ by the heights over the face plane.
    nearer = (surface.depth[row, column] - space[:, 2]) / geometry.camera.rotation[2, 2]
    return surface.hit[row, column] & (nearer > _SELF_OCCLUSION)

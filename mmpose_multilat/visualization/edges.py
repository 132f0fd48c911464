"""Edges between landmarks as lines in an image."""

import cv2
import numpy as np

from .ellipses import FARTHEST, SUBPIXEL_BITS

COLOUR = (255, 160, 60)  # BGR, light blue

STRONGEST = 2
"""Edges drawn for each landmark; all of them would hide the face."""


def draw_edges(
    canvas: np.ndarray, keypoints: np.ndarray, edges: np.ndarray, strongest: int = STRONGEST
) -> None:
    """Draw lines from every landmark to those that it listens to most.

    A line is the more opaque the larger its edge is: the largest of the face is drawn in full.

    Args:
        canvas: (h, w, 3) uint8 BGR image, changed in place.
        keypoints: (K, 2) landmarks (x, y) in px; a landmark that is not finite has no edges.
        edges: (K, K) weights, not negative: row i for what landmark i listens to.
        strongest: Edges drawn for each landmark, 0 or more.
    """
    lines = strongest_edges(keypoints, edges, strongest)
    largest = max((weight for *_, weight in lines), default=0)
    for listener, speaker, weight in lines:
        _draw_line(canvas, keypoints[[listener, speaker]], weight / largest)


def strongest_edges(
    keypoints: np.ndarray, edges: np.ndarray, strongest: int
) -> list[tuple[int, int, float]]:
    """Choose what `draw_edges` draws.

    Returns:
        Listener, speaker and weight, the largest weight last.
    """
    finite = np.isfinite(keypoints).all(-1)
    weights = np.where(finite[:, None] & finite[None, :], edges, 0)
    speakers = np.argsort(-weights, axis=1)[:, :strongest]
    chosen = [
        (listener, int(speaker), float(weights[listener, speaker]))
        for listener, row in enumerate(speakers)
        for speaker in row
    ]
    return sorted((each for each in chosen if each[2] > 0), key=lambda each: each[2])


def _draw_line(canvas: np.ndarray, ends: np.ndarray, opacity: float) -> None:
    """Draw a line of 1 px between two landmarks (2, 2), blended with what is below it."""
    size = canvas.shape[1::-1]
    low = np.clip(np.floor(ends.min(0)) - 1, 0, size).astype(int)
    high = np.clip(np.ceil(ends.max(0)) + 2, 0, size).astype(int)
    part = canvas[low[1] : high[1], low[0] : high[0]]
    if not part.size:
        return
    clipped = np.clip(ends - low, -FARTHEST, FARTHEST)
    first, last = (clipped * (1 << SUBPIXEL_BITS)).round().astype(int).tolist()
    drawn = cv2.line(part.copy(), first, last, COLOUR, 1, cv2.LINE_AA, SUBPIXEL_BITS)
    part[:] = cv2.addWeighted(drawn, opacity, part, 1 - opacity, 0)

"""What there is to know about an annotation scheme: the order and meaning of its landmarks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Optional

Ends = tuple[tuple[int, ...], tuple[int, ...]]
"""The two ends of a distance; an end is the mean of its landmarks, mostly of a single one."""


class Line(NamedTuple):
    """Landmarks in order, and whether the last is joined to the first."""

    indices: tuple[int, ...]
    closed: bool


@dataclass(frozen=True)
class LandmarkScheme:
    """Order and meaning of the landmarks of a face, counted from 0.

    Left and right are the sides of the image. What is not known is None or empty.

    Attributes:
        num_landmarks: Number K of landmarks.
        name: Short name; '' for a scheme that this package does not know.
        flip_pairs: Landmarks (left, right) that change places in the flipped image.
        eyes: Outer eye corners.
        pupils: Pupils, or what stands for them.
        parts: Landmarks of each part of the face; every landmark is in one part.
        curves: Landmarks along the visible boundaries of the face, by name. Curves run from left
            to right, the bridge of the nose from top to tip. The two edges of a brow, an eye or a
            lip are `<name>_upper` and `<name>_lower`.
    """

    num_landmarks: int
    name: str = ''
    flip_pairs: Optional[tuple[tuple[int, int], ...]] = None
    eyes: Optional[Ends] = None
    pupils: Optional[Ends] = None
    parts: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    curves: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def flip_indices(self) -> Optional[tuple[int, ...]]:
        """For each landmark the one that takes its place in the flipped image, K indices."""
        if self.flip_pairs is None:
            return None
        partners = list(range(self.num_landmarks))
        for left, right in self.flip_pairs:
            partners[left], partners[right] = right, left
        return tuple(partners)

    @property
    def curve_flip_indices(self) -> Optional[tuple[int, ...]]:
        """For each curve the one that takes its place in the flipped image."""
        if self.flip_indices is None:
            return None
        places = {frozenset(curve): place for place, curve in enumerate(self.curves.values())}
        return tuple(
            places[frozenset(self.flip_indices[index] for index in curve)]
            for curve in self.curves.values()
        )

    @property
    def outlines(self) -> tuple[Line, ...]:
        """The curves as they are drawn: upper and lower edge as one closed line."""
        return tuple(self._outlines())

    def _outlines(self) -> Iterator[Line]:
        for name, curve in self.curves.items():
            stem, _, edge = name.rpartition('_')
            lower = self.curves.get(f'{stem}_lower')
            if edge == 'upper' and lower is not None:
                # Where both edges meet, the landmark is on the upper one already.
                back = tuple(index for index in reversed(lower) if index not in curve)
                yield Line(curve + back, True)
            elif not (edge == 'lower' and f'{stem}_upper' in self.curves):
                yield Line(curve, False)


def spans(**ends: tuple[int, int]) -> dict[str, tuple[int, ...]]:
    """Name -> landmarks, from the first and last landmark of each; a later first counts down."""
    return {name: span(first, last) for name, (first, last) in ends.items()}


def span(first: int, last: int) -> tuple[int, ...]:
    """The landmarks from the first to the last, upwards or downwards."""
    step = 1 if first <= last else -1
    return tuple(range(first, last + step, step))


def pairs(*rows: tuple[int, int, int]) -> tuple[tuple[int, int], ...]:
    """Flip pairs of rows of landmarks.

    Args:
        rows: First and last left landmark, which count upwards, and the partner of the first; the
            partners count downwards.

    Returns:
        (left, right) of each pair.
    """
    return tuple(
        (index, partner - (index - first))
        for first, last, partner in rows
        for index in range(first, last + 1)
    )


def flip_pairs(partners: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Pairs (i, j), i < j, from K indices of the landmark on the other side."""
    pairs = ((index, int(partner)) for index, partner in enumerate(partners))
    return tuple((left, right) for left, right in pairs if left < right)

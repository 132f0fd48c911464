"""Checking a whole prepared dataset: annotation files, images, and both together."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional

import numpy as np

from mmpose_multilat.datasets.face.checks.annotations import (
    Face,
    FileContent,
    Picture,
    read_annotation_file,
)
from mmpose_multilat.datasets.face.checks.duplicates import find_duplicates
from mmpose_multilat.datasets.face.checks.findings import (
    COUNT,
    MISSING_FILE,
    OUTSIDE,
    PICTURE,
    Finding,
)
from mmpose_multilat.datasets.face.checks.pictures import PictureState, read_pictures
from mmpose_multilat.landmarks import DatasetFile, FaceDataset

Track = Callable[[int], Callable[[], None]]
"""Takes the number of images, gives what is called after each."""


@dataclass
class Report:
    """What the check of a dataset gives.

    Args:
        faces: Faces by path of the annotation file; None for a file that could not be read.
        pictures: Images that were read.
        findings: Everything that was found, notes included.
    """

    faces: dict[str, Optional[int]] = field(default_factory=dict)
    pictures: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def problems(self) -> list[Finding]:
        """The findings that are more than worth knowing."""
        return [finding for finding in self.findings if not finding.is_note]

    @property
    def notes(self) -> list[Finding]:
        """The findings that are only worth knowing."""
        return [finding for finding in self.findings if finding.is_note]


def check_data_set(
    dataset: FaceDataset,
    folder: Path,
    pictures: bool = True,
    strict: bool = False,
    workers: int = 1,
    track: Track = lambda count: lambda: None,
) -> Report:
    """Check a prepared dataset.

    Args:
        dataset: What has to be there, a dataset of `REQUIRED_FIELDS`.
        folder: Its folder.
        pictures: Whether to read the images. Without it their sizes are believed.
        strict: Whether landmarks outside their image are problems. The datasets have some:
            faces reach over the edge of an image.
        workers: Threads that read images.
        track: Shows progress.

    Returns:
        The findings, file by file, then those about several files.
    """
    report, contents = Report(), []
    for file in dataset.files:
        if not (folder / file.path).is_file():
            report.findings.append(_missing(file))
            continue
        content = read_annotation_file(folder, file, dataset)
        contents.append(content)
        report.faces[content.path] = content.count
        report.findings += [*content.findings, *_count(content)]
    states = _read(folder, contents, workers, track) if pictures else {}
    report.pictures = len(states)
    for content in contents:
        report.findings += [*_pictures(content, states), *_outside(content, states, strict)]
    digests = {path: state.digest for path, state in states.items() if state.digest}
    report.findings += find_duplicates(contents, digests)
    return report


def _missing(file: DatasetFile) -> Finding:
    words = 'is missing' if file.required else 'is missing; only configs that name it need it'
    return Finding(MISSING_FILE, file.path, words, is_note=not file.required)


def _count(content: FileContent) -> Iterator[Finding]:
    official = content.file.faces
    if official is not None and content.count not in (None, official):
        yield Finding(
            COUNT, content.path, f'{content.count} faces; the official dataset has {official}'
        )


def _read(
    folder: Path, contents: Sequence[FileContent], workers: int, track: Track
) -> dict[str, PictureState]:
    """Read every image that shows a face once: its state by its path."""
    paths = list(dict.fromkeys(face.picture.path for content in contents for face in content.faces))
    advance, states = track(len(paths)), {}
    for path, state in zip(paths, read_pictures([folder / path for path in paths], workers)):
        states[path] = state
        advance()
    return states


def _pictures(content: FileContent, states: dict[str, PictureState]) -> Iterator[Finding]:
    """What is wrong with the images of a file, each named once."""
    shown: dict[str, Picture] = {face.picture.entry: face.picture for face in content.faces}
    for entry, picture in shown.items():
        state = states.get(picture.path)
        if state is None:
            continue
        if state.problem:
            yield Finding(PICTURE, content.path, f'{picture.path} {state.problem}', entry)
        elif state.size != (picture.width, picture.height):
            yield Finding(
                PICTURE,
                content.path,
                f'{picture.path} is {state.size[0]} x {state.size[1]} px, not '
                f'{picture.width} x {picture.height} px as the fields width and height say',
                entry,
            )


def _outside(
    content: FileContent, states: dict[str, PictureState], strict: bool
) -> Iterator[Finding]:
    for face in content.faces:
        state = states.get(face.picture.path, PictureState())
        size = state.size or (face.picture.width, face.picture.height)
        count, farthest = _landmarks_outside(face, size)
        if count:
            yield Finding(
                OUTSIDE,
                content.path,
                f'{count} of {len(face.keypoints)} landmarks lie outside {face.picture.path} '
                f'({size[0]} x {size[1]} px), by up to {farthest:.1f} px',
                face.entry,
                is_note=not strict,
            )


def _landmarks_outside(face: Face, size: tuple[int, int]) -> tuple[int, float]:
    """How many labelled landmarks lie outside an image, and by how many px at most.

    The image reaches from -0.5 to its size - 0.5, since (0, 0) is the centre of a pixel.
    """
    points = face.keypoints[face.keypoints[:, 2] > 0, :2]
    beyond = np.maximum(-0.5 - points, points - (np.asarray(size) - 0.5)).max(axis=1)
    return int((beyond > 0).sum()), float(beyond.max())

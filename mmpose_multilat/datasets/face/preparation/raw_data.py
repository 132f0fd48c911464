"""What the readers of raw releases give, and how they refuse a broken one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional, Union

import numpy as np


class RawDataError(ValueError):
    """A raw release that cannot be used as it is.

    Args:
        path: The file that is wrong.
        problem: What is wrong, and what was expected.
        line: Line of a text file, counted from 1.
        entry: Entry of any other file, as the file itself names or counts it.
        field: The part of the line or entry.
    """

    def __init__(
        self,
        path: Path,
        problem: str,
        line: Optional[int] = None,
        entry: Optional[Union[int, str]] = None,
        field: Optional[str] = None,
    ) -> None:
        place = [str(path)]
        place += [] if line is None else [f'line {line}']
        place += [] if entry is None else [f'entry {entry}']
        place += [] if field is None else [f'field {field}']
        super().__init__(f'{", ".join(place)}: {problem}')


@dataclass(frozen=True)
class RawFace:
    """One annotated face.

    Args:
        image: Path of the image from the folder of images of its annotation file.
        keypoints: (K, 3) landmarks: x, y in px of the image, (0, 0) the centre of its first
            pixel, and the flag v that MMPose's JSON files have (0 not labelled, 1 occluded or
            simply labelled, 2 visible).
        box: Face box x, y, width, height in px; None for the rectangle of the landmarks.
        fields: Further fields of the annotation, for example attributes that name subsets. They
            replace computed fields of the same name, for example `center` and `scale`.
    """

    image: str
    keypoints: np.ndarray
    box: Optional[tuple[float, float, float, float]] = None
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AnnotationFile:
    """One JSON file to be written.

    Args:
        name: Its name, for example `face_landmarks_wflw_train.json`.
        faces: Its faces, in the order of the release. A face that stands in several files is the
            same object in all of them and keeps its id.
        folder: Folder of images from which `RawFace.image` counts, below the folder of the data
            set; '' for that folder itself. It is what configs give as `data_prefix`.
    """

    name: str
    faces: Sequence[RawFace]
    folder: str = 'images'


@dataclass(frozen=True)
class FinishedFile:
    """One JSON file of the release that MMPose reads as it is; it is copied unchanged.

    Args:
        name: Its name below the folder of annotations.
        source: The file of the release.
        faces: Number of valid faces in it.
        pictures: Number of images with a valid face.
    """

    name: str
    source: Path
    faces: int
    pictures: int

"""The faces of a test set as their annotations tell them, and how they are found in other files.

Several faces can share a picture, and files of subsets may number pictures and faces anew. A face
is therefore known by the name of its picture and the place of its first landmark.
"""

import json
import posixpath
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Optional, Union

import numpy as np

SAME_LANDMARK = 0.5
"""Two faces of a picture are the same if their first landmarks are at most this far apart, in px:
lists are rounded differently, and no two different faces lie as close."""


@dataclass(frozen=True)
class Entry:
    """A face as a file tells it.

    Attributes:
        name: Name of its picture, with as many folders as the file gives.
        first_landmark: x and y in px; None where the file names pictures only.
        record: The annotation.
    """

    name: str
    first_landmark: Optional[tuple[float, float]] = None
    record: dict[str, Any] = field(default_factory=dict)


@dataclass
class AnnotatedFaces:
    """The N faces of a test set.

    Attributes:
        images: Path of each picture.
        first_landmarks: True first landmarks in px, (N, 2).
        ids: Annotation ids.
        given: Annotations that came with the predictions, None where none did.
        annotation_file: Annotation file of the data set, None if not known.
    """

    images: list[str]
    first_landmarks: np.ndarray
    ids: list[int]
    given: list[Optional[dict[str, Any]]]
    annotation_file: Optional[Path] = None

    @property
    def source(self) -> str:
        """Where records are looked up that did not come with the predictions, in words."""
        if self.annotation_file is None:
            return 'the annotations, and `ann_file` of the metric is not set'
        missing = '' if self.annotation_file.is_file() else ', which does not exist'
        return f'{self.annotation_file}{missing}'

    @cached_property
    def records(self) -> list[Optional[dict[str, Any]]]:
        """Annotation of each face: as given, else from the annotation file, else None.

        Raises:
            ValueError: If the annotation file is none.
        """
        known = all(record is not None for record in self.given)
        if known or self.annotation_file is None or not self.annotation_file.is_file():
            return self.given
        records = list(self.given)
        for entry in read_coco(self.annotation_file):
            for face in self.find(entry):
                if records[face] is None or entry.record.get('id') == self.ids[face]:
                    records[face] = entry.record
        return records

    def find(self, entry: Entry) -> list[int]:
        """Find the faces that an entry of a file means.

        Args:
            entry: Name of a picture, with or without first landmark.

        Returns:
            Indices of the faces of this picture whose first landmark is nearest, or of all its
            faces if the entry has no landmark.
        """
        faces = self._by_name(entry.name)
        if entry.first_landmark is None or not faces:
            return faces
        offsets = self.first_landmarks[faces].astype(np.float64) - entry.first_landmark
        distances = np.hypot(*offsets.T)
        near = distances <= min(SAME_LANDMARK, float(distances.min()))
        return [face for face, same in zip(faces, near) if same]

    def _by_name(self, name: str) -> list[int]:
        """Faces whose picture's path ends with a name."""
        folders = name.split('/')
        if len(folders) not in self._indices:
            index = defaultdict(list)
            for face, image in enumerate(self.images):
                index['/'.join(plain_path(image).split('/')[-len(folders) :])].append(face)
            self._indices[len(folders)] = index
        return self._indices[len(folders)].get(name, [])

    @cached_property
    def _indices(self) -> dict[int, dict[str, list[int]]]:
        """Number of the last components of a path -> these components -> faces."""
        return {}


def check_annotation_file(setting: str, path: Any) -> Union[str, Path, None]:
    """Return a path or None, or raise ValueError; a file that is missing is no error here."""
    if path is not None and not isinstance(path, (str, Path)):
        raise ValueError(f'{setting} must be the path of an annotation file or None, got {path!r}')
    return path


def read_coco(path: Union[str, Path]) -> list[Entry]:
    """Read the faces of an annotation file in COCO format.

    Args:
        path: The .json file; landmarks stand in `face_kpts` or `keypoints`.

    Returns:
        Its faces.

    Raises:
        ValueError: If it is no such file; the message names it.
        OSError: If it cannot be read.
    """
    try:
        content = json.loads(Path(path).read_text(encoding='utf-8'))
        names = {image['id']: plain_path(image['file_name']) for image in content['images']}
        return [_coco_entry(names, record) for record in content['annotations']]
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise ValueError(
            f'{path} is no annotation file in COCO format ({type(error).__name__}: {error})'
        ) from error


def _coco_entry(names: dict[Any, str], record: dict[str, Any]) -> Entry:
    landmarks = record.get('face_kpts') or record.get('keypoints')
    first = (float(landmarks[0]), float(landmarks[1])) if landmarks else None
    return Entry(names[record['image_id']], first, record)


def read_list(path: Union[str, Path], num_landmarks: int) -> list[Entry]:
    """Read a list with one picture or face a line.

    Args:
        path: Text file. A line is the name of a picture, or as in the lists of WFLW the 2 K
            coordinates of a face, further numbers, and the name. Empty lines are passed over.
        num_landmarks: Number K of landmarks.

    Returns:
        Its entries.

    Raises:
        ValueError: If it is no text; the message names it.
        OSError: If it cannot be read.
    """
    try:
        lines = Path(path).read_text(encoding='utf-8').splitlines()
    except UnicodeDecodeError as error:
        raise ValueError(f'{path} is no text in UTF-8 ({error})') from error
    return list(_list_entries(lines, num_landmarks))


def _list_entries(lines: Sequence[str], num_landmarks: int) -> Iterator[Entry]:
    for line in filter(None, map(str.strip, lines)):
        words = line.split()
        count = next((i for i, word in enumerate(words) if not _is_number(word)), len(words))
        if count < 2 * num_landmarks:
            yield Entry(plain_path(line))
        else:
            name = line.split(maxsplit=count)[-1]
            yield Entry(plain_path(name), (float(words[0]), float(words[1])))


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def plain_path(path: str) -> str:
    """Write a path with slashes and without `.` and `..`."""
    return posixpath.normpath(path.replace('\\', '/'))

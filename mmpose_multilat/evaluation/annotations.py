"""The faces of a test set as their annotations tell them, and how they are found in other files.

In the annotation file of its own dataset a face is known by the name of its image and its id.
Several faces can share an image, and files of subsets may number images and faces anew: there it
is known by the name of its image and the place of its first annotated landmark. The landmarks
that are evaluated may be others, where a pipeline converts them (`KeypointConverter`).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Optional

import numpy as np

from .annotation_files import Entry, first_landmark_of, plain_path, read_coco, shared_folders

SAME_LANDMARK = 0.5
"""Two faces of an image are the same if their first landmarks are at most this far apart, in px:
lists are rounded differently, and no two different faces lie as close."""


@dataclass
class AnnotatedFaces:
    """The N faces of a test set.

    Attributes:
        images: Path of each image.
        first_landmarks: True first landmarks in px, (N, 2), of the scheme that is evaluated.
        ids: Annotation ids.
        given: Annotations that came with the predictions, None where none did.
        annotation_file: Annotation file of the dataset, None if not known.
        own_files: Annotation file of each face where several datasets are tested as one; None
            where `annotation_file` holds for all.
    """

    images: list[str]
    first_landmarks: np.ndarray
    ids: list[int]
    given: list[Optional[dict[str, Any]]]
    annotation_file: Optional[Path] = None
    own_files: Optional[list[Optional[Path]]] = None

    def file_of(self, face: int) -> Optional[Path]:
        """The annotation file of a face, None if not known."""
        return self.annotation_file if self.own_files is None else self.own_files[face]

    @property
    def files(self) -> list[Path]:
        """The annotation files that are known, each once."""
        files = map(self.file_of, range(len(self.images)))
        return list(dict.fromkeys(file for file in files if file is not None))

    @property
    def source(self) -> str:
        """Where records are looked up that did not come with the predictions, in words."""
        if not self.files:
            return 'the annotations, and `ann_file` of the metric is not set'
        return ', '.join(
            f'{file}' + ('' if file.is_file() else ', which does not exist') for file in self.files
        )

    @cached_property
    def records(self) -> list[Optional[dict[str, Any]]]:
        """Annotation of each face: as given, else from its annotation file, else None.

        Raises:
            ValueError: If an annotation file is none.
        """
        if all(record is not None for record in self.given):
            return self.given
        records = list(self.given)
        for file in filter(Path.is_file, self.files):
            for entry in read_coco(file):
                for face in self._own(entry, file):
                    if records[face] is None or entry.record.get('id') == self.ids[face]:
                        records[face] = entry.record
        return records

    def _own(self, entry: Entry, file: Path) -> list[int]:
        """The faces that an entry of their own annotation file describes, one as a rule."""
        faces = [face for face in self._by_name(entry.name) if self.file_of(face) == file]
        known = [face for face in faces if self.ids[face] == entry.record.get('id')]
        if not known:
            return self._at(entry, faces, self.first_landmarks)
        # Of images of one name in several folders that beside the file is meant.
        shared = [len(shared_folders(self.images[face], file)) for face in known]
        return [face for face, count in zip(known, shared) if count == max(shared)]

    def find(self, entry: Entry) -> list[int]:
        """Find the faces that an entry of a file means.

        Args:
            entry: Name of an image, with or without first landmark.

        Returns:
            Indices of the faces of this image whose first landmark, as evaluated or else as
            annotated, is nearest; where no annotation is known, those with the id of the entry. All
            faces of the image if the entry has no landmark.
        """
        faces = self._by_name(entry.name)
        if entry.first_landmark is None or not faces:
            return faces
        found = self._at(entry, faces, self.first_landmarks)
        found = found or self._at(entry, faces, self._annotated_places)
        return found or [
            face
            for face in faces
            if self.records[face] is None and self.ids[face] == entry.record.get('id')
        ]

    def _at(self, entry: Entry, faces: Sequence[int], places: np.ndarray) -> list[int]:
        """Those of some faces whose place of (N, 2) places is that of an entry, the nearest."""
        if entry.first_landmark is None or not faces:
            return []
        offsets = places[list(faces)].astype(np.float64) - entry.first_landmark
        distances = np.hypot(*offsets.T)
        nearest = np.nanmin(distances, initial=SAME_LANDMARK)
        return [face for face, distance in zip(faces, distances) if distance <= nearest]

    @cached_property
    def _annotated_places(self) -> np.ndarray:
        """(N, 2) first landmarks in px as annotated, NaN where no annotation is known."""
        places = [first_landmark_of(record or {}) for record in self.records]
        return np.array([place or (np.nan, np.nan) for place in places]).reshape(-1, 2)

    def _by_name(self, name: str) -> list[int]:
        """Faces whose image's path ends with a name."""
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

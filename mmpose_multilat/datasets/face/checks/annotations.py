"""Reading an annotation file of a prepared dataset and checking every entry of it."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

import numpy as np

from mmpose_multilat.datasets.face.checks.fields import field_problems, landmark_problems
from mmpose_multilat.datasets.face.checks.findings import BROKEN_FILE, FIELD, ID, Finding
from mmpose_multilat.datasets.face.checks.required_fields import (
    COMMON_FIELDS,
    OPTIONAL_FIELDS,
    REQUIRED_FIELDS,
)
from mmpose_multilat.landmarks import DatasetFile, FaceDataset


@dataclass(frozen=True)
class Picture:
    """An image as the annotation file describes it: its path from the dataset's folder, px."""

    entry: str
    path: str
    width: int
    height: int


@dataclass(frozen=True)
class Face:
    """A face without any fault: its entry, image and (K, 3) landmarks x, y in px, v."""

    entry: str
    picture: Picture
    keypoints: np.ndarray


@dataclass
class FileContent:
    """What an annotation file holds.

    Args:
        file: Which file it is.
        path: Its path from the dataset's folder.
        count: Faces, sound or not; None if the file could not be read.
        faces: The sound ones.
        findings: What is wrong.
    """

    file: DatasetFile
    path: str
    count: Optional[int] = None
    faces: list[Face] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def read_annotation_file(folder: Path, file: DatasetFile, dataset: FaceDataset) -> FileContent:
    """Read and check an annotation file; whatever is wrong with it is a finding.

    Args:
        folder: Folder of the dataset.
        file: Which of its files.
        dataset: A dataset of `REQUIRED_FIELDS`.

    Returns:
        Its faces and findings.
    """
    content = FileContent(file, file.path)
    try:
        records = _read_records(folder / file.path)
    except ValueError as error:
        content.findings.append(Finding(BROKEN_FILE, content.path, str(error)))
        return content
    _add_faces(content, records, dataset)
    return content


def _read_records(path: Path) -> dict[str, list[Any]]:
    """The images and annotations of a file.

    Raises:
        ValueError: If it is no COCO-style JSON file at all; the message says why.
    """
    try:
        records = json.loads(path.read_bytes())
    except json.JSONDecodeError as error:
        raise ValueError(f'is no JSON file or ends too early: {error}') from error
    except UnicodeDecodeError as error:
        raise ValueError(f'is not UTF-8 text: {error}') from error
    except RecursionError as error:
        raise ValueError('is nested too deeply for an annotation file') from error
    except OSError as error:
        raise ValueError(f'cannot be read: {error.strerror}') from error
    if not isinstance(records, dict):
        raise ValueError('has to be an object with the lists images and annotations')
    for name in ('images', 'annotations'):
        if not isinstance(records.get(name), list):
            raise ValueError(f'has no list {name}')
    return records


def _add_faces(
    content: FileContent, records: Mapping[str, list[Any]], dataset: FaceDataset
) -> None:
    pictures = dict(_pictures(content, records['images']))
    listed, name = set(_ids(records['images'])), REQUIRED_FIELDS[dataset.name].keypoints
    annotations = [record for record in records['annotations'] if _is_face(record)]
    content.count = len(annotations)
    content.findings += _repeated(content.path, records['annotations'], 'annotation')
    for index, record in enumerate(annotations):
        entry = _entry('annotation', record, index)
        findings = list(_face_findings(content.path, entry, record, dataset, listed))
        content.findings += findings
        if not findings and record['image_id'] in pictures:
            keypoints = np.asarray(record[name], dtype=float).reshape(-1, 3)
            content.faces.append(Face(entry, pictures[record['image_id']], keypoints))


def _is_face(record: Any) -> bool:
    """False for the persons of COCO-WholeBody whose face is not annotated."""
    return not isinstance(record, dict) or bool(record.get('face_valid', True))


def _pictures(content: FileContent, images: list[Any]) -> Iterator[tuple[int, Picture]]:
    """The sound images by id; faults go to the findings."""
    content.findings += _repeated(content.path, images, 'image')
    for index, record in enumerate(images):
        entry = _entry('image', record, index)
        if not isinstance(record, dict):
            content.findings.append(Finding(FIELD, content.path, 'is no object', entry))
            continue
        problems = list(field_problems(record, ('id', 'file_name', 'width', 'height')))
        content.findings += [
            Finding(kind, content.path, words, entry, name) for kind, name, words in problems
        ]
        if not problems:
            path = content.file.image_prefix + record['file_name']
            yield record['id'], Picture(entry, path, record['width'], record['height'])


def _face_findings(
    path: str, entry: str, record: Any, dataset: FaceDataset, listed: set[Any]
) -> Iterator[Finding]:
    if not isinstance(record, dict):
        yield Finding(FIELD, path, 'is no object', entry)
        return
    required = REQUIRED_FIELDS[dataset.name]
    # The numbers of the body in COCO-WholeBody say nothing about the face.
    optional = OPTIONAL_FIELDS if required.keypoints == 'keypoints' else ('iscrowd',)
    problems = [
        *field_problems(record, (*COMMON_FIELDS, *required.others), optional),
        *landmark_problems(record, required.keypoints, dataset.scheme.num_landmarks),
    ]
    yield from (Finding(kind, path, words, entry, name) for kind, name, words in problems)
    number = record.get('image_id', [])  # a list can be in no set; the rules have named it already
    if not isinstance(number, (list, dict)) and number not in listed:
        yield Finding(ID, path, f'no image has the id {number!r}', entry, 'image_id')


def _ids(records: list[Any]) -> Iterator[Any]:
    """The ids of records, those that can stand in a set."""
    for record in records:
        if isinstance(record, dict) and isinstance(record.get('id'), (int, float, str)):
            yield record['id']


def _repeated(path: str, records: list[Any], word: str) -> list[Finding]:
    return [
        Finding(ID, path, f'{count} entries have this id', f'{word} {number}', 'id')
        for number, count in Counter(_ids(records)).items()
        if count > 1
    ]


def _entry(word: str, record: Any, index: int) -> str:
    """How a report names an entry: by its id, or by its place (from 0) where it has none."""
    number = record.get('id') if isinstance(record, dict) else None
    return f'{word} {number}' if isinstance(number, int) else f'{word} at place {index}'

"""WFLW: 98 landmarks, one text line per face."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mmpose_multilat.datasets.face.preparation.coco_json import loose_box
from mmpose_multilat.datasets.face.preparation.pictures import Pictures
from mmpose_multilat.datasets.face.preparation.raw_data import (
    AnnotationFile,
    RawDataError,
    RawFace,
)
from mmpose_multilat.datasets.face.preparation.text_files import finite_number, read_lines
from mmpose_multilat.landmarks import DATASETS

DATASET = DATASETS['wflw']
LANDMARKS = DATASET.scheme.num_landmarks
ATTRIBUTES = ('pose', 'expression', 'illumination', 'make_up', 'occlusion', 'blur')
"""The flags of a face, in the order of the list files, which is that of the subsets."""

RAW = (
    'WFLW_annotations/list_98pt_rect_attr_train_test/list_98pt_rect_attr_{train,test}.txt and '
    'WFLW_images/. Coordinates are kept as they are: the release does not state an origin'
)

_LIST = 'list_98pt_rect_attr_train_test/list_98pt_rect_attr_{}.txt'
_BOX = ('x_min', 'y_min', 'x_max', 'y_max')
# What each of the 207 fields of a line is.
_FIELDS = (
    *(f'{axis} of landmark {index}' for index in range(LANDMARKS) for axis in 'xy'),
    *_BOX,
    *ATTRIBUTES,
    'picture',
)


@dataclass(frozen=True)
class _Line:
    path: Path
    number: int
    words: list[str]

    def error(self, problem: str, field: int) -> RawDataError:
        name = f'{field + 1} ({_FIELDS[field]})'
        return RawDataError(self.path, problem, line=self.number, field=name)


def read_wflw(raw: Path, pictures: Pictures) -> Iterator[AnnotationFile]:
    """Read the list files with 207 fields per face.

    Args:
        raw: Folder of the release, see `RAW`.
        pictures: Where the images go, as `images/<path in the list>`.

    Yields:
        Train, test, and the six subsets of test. Every face has the fields `attributes` (0 or 1
        for each of `ATTRIBUTES`) and `detection_box` (x, y, width, height in px).

    Raises:
        RawDataError: If a file is missing, or a line is broken.
    """
    yield AnnotationFile(DATASET.file('train').name, _read_list(raw, 'train', pictures))
    test = _read_list(raw, 'test', pictures)
    yield AnnotationFile(DATASET.file('test').name, test)
    subsets = [file for file in DATASET.files if file.subset is not None]
    for attribute, file in zip(ATTRIBUTES, subsets, strict=True):
        faces = [face for face in test if face.fields['attributes'][attribute]]
        yield AnnotationFile(file.name, faces)


def _read_list(raw: Path, part: str, pictures: Pictures) -> list[RawFace]:
    places = [raw / 'WFLW_annotations' / _LIST.format(part), raw / _LIST.format(part)]
    path = next((place for place in places if place.is_file()), places[0])
    return [
        _read_face(_Line(path, number, line.split()), raw / 'WFLW_images', pictures)
        for number, line in enumerate(read_lines(path), 1)
    ]


def _read_face(line: _Line, folder: Path, pictures: Pictures) -> RawFace:
    if len(line.words) != len(_FIELDS):
        problem = f'has {len(line.words)} fields instead of {len(_FIELDS)}'
        raise RawDataError(line.path, problem, line=line.number)
    rectangle = 2 * LANDMARKS
    flags = rectangle + len(_BOX)
    numbers = _numbers(line, flags)
    points = np.array(numbers[:rectangle]).reshape(LANDMARKS, 2)
    x_min, y_min, x_max, y_max = numbers[rectangle:]
    fields = {
        'attributes': {
            name: _flag(line, index) for index, name in enumerate(ATTRIBUTES, start=flags)
        },
        'detection_box': [x_min, y_min, x_max - x_min, y_max - y_min],
    }
    size = _add_picture(line, folder, pictures)
    keypoints = np.column_stack([points, np.ones(LANDMARKS)])
    return RawFace(line.words[-1], keypoints, loose_box(points, size), fields)


def _numbers(line: _Line, count: int) -> list[float]:
    """The first `count` fields of a line, which are numbers."""
    return [
        finite_number(word, line.path, line.number, f'{index + 1} ({_FIELDS[index]})')
        for index, word in enumerate(line.words[:count])
    ]


def _flag(line: _Line, index: int) -> int:
    if line.words[index] not in ('0', '1'):
        raise line.error(f'{line.words[index]!r} is neither 0 nor 1', index)
    return int(line.words[index])


def _add_picture(line: _Line, folder: Path, pictures: Pictures) -> tuple[int, int]:
    name = line.words[-1]
    if Path(name).is_absolute() or '..' in Path(name).parts:
        raise line.error(f'{name!r} lies outside {folder}', len(_FIELDS) - 1)
    try:
        return pictures.add(folder / name, f'images/{name}')
    except RawDataError as error:
        raise line.error(str(error), len(_FIELDS) - 1) from error

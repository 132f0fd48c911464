"""300W: 68 landmarks in one `.pts` file beside each image."""

from collections.abc import Iterator
from pathlib import Path
from typing import Optional

import numpy as np

from mmpose_multilat.datasets.face.preparation.coco_json import loose_box
from mmpose_multilat.datasets.face.preparation.pictures import Pictures
from mmpose_multilat.datasets.face.preparation.raw_data import (
    AnnotationFile,
    RawDataError,
    RawFace,
)
from mmpose_multilat.datasets.face.preparation.text_files import read_lines, read_points
from mmpose_multilat.landmarks import DATASETS

DATASET = DATASETS['300w']
LANDMARKS = DATASET.scheme.num_landmarks
FIRST_PIXEL = 1
"""Coordinate of the first pixel in `.pts` files; it is subtracted."""

RAW = (
    'folders of images with .pts files: afw/, helen/{trainset,testset}/, '
    'lfpw/{trainset,testset}/, ibug/ and, for the private test set, 300W/{01_Indoor,02_Outdoor}/ '
    '(or Test/...; may be missing). .pts files count pixels from 1, MMPose from 0: one pixel is '
    'subtracted from every x and y'
)

# Folder in the prepared dataset -> (source, subset), the fields of its faces.
_TRAIN = {
    'afw': ('afw', 'train'),
    'helen/trainset': ('helen', 'train'),
    'lfpw/trainset': ('lfpw', 'train'),
}
_COMMON = {'helen/testset': ('helen', 'common'), 'lfpw/testset': ('lfpw', 'common')}
_CHALLENGE = {'ibug': ('ibug', 'challenge')}
_PRIVATE = {
    'Test/01_Indoor': ('300w', 'indoor'),
    'Test/02_Outdoor': ('300w', 'outdoor'),
}
# Other places of a folder of the prepared dataset in a release; the archive of the private test
# set unpacks to `300W`.
_ELSEWHERE = {
    'Test/01_Indoor': ('300W/01_Indoor', '01_Indoor'),
    'Test/02_Outdoor': ('300W/02_Outdoor', '02_Outdoor'),
}
_SUFFIXES = ('.jpg', '.png', '.jpeg', '.bmp')
_HEADER = 3  # version line, n_points line, {
_DECIMALS = 6  # of the difference to the first pixel; the files have at most six


def read_300w(raw: Path, pictures: Pictures) -> Iterator[AnnotationFile]:
    """Read the folders of the public sets and, where present, of the private test set.

    Args:
        raw: Folder of the release, see `RAW`; also a folder that holds it as `images/`.
        pictures: Where the images go, as `images/<folder>/<name>`.

    Yields:
        Train, valid (common and challenge), valid_common, valid_challenge, and test if it is
        there. Faces have the fields `source` (afw, helen, lfpw, ibug, 300w) and `subset` (train,
        common, challenge, indoor, outdoor).

    Raises:
        RawDataError: If a folder is missing or empty, a `.pts` file is broken, or an image is
            missing.
    """
    yield AnnotationFile(DATASET.file('train').name, _read_folders(raw, _TRAIN, pictures))
    common = _read_folders(raw, _COMMON, pictures)
    challenge = _read_folders(raw, _CHALLENGE, pictures)
    yield AnnotationFile(DATASET.file('valid').name, [*common, *challenge])
    yield AnnotationFile(DATASET.file('valid', 'common').name, common)
    yield AnnotationFile(DATASET.file('valid', 'challenging').name, challenge)
    if any(_find_folder(raw, name).is_dir() for name in _PRIVATE):
        private = DATASET.file('test', 'private')
        yield AnnotationFile(private.name, _read_folders(raw, _PRIVATE, pictures))


def read_pts(path: Path) -> np.ndarray:
    """Landmarks of a `.pts` file, as it has them: (68, 2), x and y in px, from 1.

    Raises:
        RawDataError: If the file is not `version: 1`, `n_points: 68`, `{`, 68 lines `x y`, `}`.
    """
    lines = read_lines(path)
    words = [line.replace(':', ' ').split() for line in lines[:_HEADER]]
    words += [[]] * (_HEADER - len(words))
    if words[0][:1] != ['version'] or len(words[0]) != 2:
        raise RawDataError(path, f'{lines[0]!r} is not the version line', line=1, field='version')
    if words[1] != ['n_points', str(LANDMARKS)]:
        found = repr(lines[1]) if len(lines) > 1 else 'the end'
        problem = f'{found} instead of "n_points: {LANDMARKS}"'
        raise RawDataError(path, problem, line=2, field='n_points')
    if words[2] != ['{']:
        raise RawDataError(path, 'is not "{" before the points', line=_HEADER)
    points = read_points(lines, path, _HEADER, LANDMARKS)
    end = _HEADER + LANDMARKS
    if [line.strip() for line in lines[end:]] != ['}']:
        raise RawDataError(path, f'does not end with "}}" after {LANDMARKS} points', line=end + 1)
    return np.array(points)


def _read_folders(
    raw: Path, folders: dict[str, tuple[str, str]], pictures: Pictures
) -> list[RawFace]:
    faces = []
    for name, (source, subset) in folders.items():
        folder = _find_folder(raw, name)
        paths = sorted(folder.glob('*.pts'))
        if not paths:
            raise RawDataError(folder, 'is no folder with .pts files')
        available = _pictures_by_stem(folder)
        for path in paths:
            faces.append(_read_face(path, name, available, pictures))
            faces[-1].fields.update(source=source, subset=subset)
    return faces


def _find_folder(raw: Path, name: str) -> Path:
    """Where a folder of the prepared dataset stands in the release, or should stand."""
    names = (name, *_ELSEWHERE.get(name, ()))
    places = [top / each for top in (raw, raw / 'images') for each in names]
    return next((place for place in places if place.is_dir()), places[0])


def _pictures_by_stem(folder: Path) -> dict[str, Path]:
    """Images of a folder by their names without suffix."""
    return {
        path.stem: path for path in sorted(folder.iterdir()) if path.suffix.lower() in _SUFFIXES
    }


def _read_face(path: Path, folder: str, available: dict[str, Path], pictures: Pictures) -> RawFace:
    points = np.round(read_pts(path) - FIRST_PIXEL, _DECIMALS)
    picture = available.get(path.stem) or _without_blanks(available, path.stem)
    if picture is None:
        raise RawDataError(path, f'has no image {path.stem} with {", ".join(_SUFFIXES)}')
    image = f'{folder}/{picture.name}'
    size = pictures.add(picture, f'images/{image}')
    keypoints = np.column_stack([points, np.ones(LANDMARKS)])
    return RawFace(image, keypoints, loose_box(points, size))


def _without_blanks(available: dict[str, Path], stem: str) -> Optional[Path]:
    """The image of that name, blanks aside.

    `image_092 _01` of ibug has one that many copies of the release drop, in one of the two files.
    """
    matches = {name.replace(' ', ''): path for name, path in available.items()}
    return matches.get(stem.replace(' ', ''))

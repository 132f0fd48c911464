"""LaPa: 106 landmarks in one text file per image."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mmpose_multilat.datasets.face.preparation.pictures import Pictures
from mmpose_multilat.datasets.face.preparation.raw_data import (
    AnnotationFile,
    RawDataError,
    RawFace,
)
from mmpose_multilat.datasets.face.preparation.text_files import read_lines, read_points
from mmpose_multilat.landmarks import DATASETS

DATASET = DATASETS['lapa']
LANDMARKS = DATASET.scheme.num_landmarks
SPLITS = ('train', 'val', 'test')
RAW = (
    '{train,val,test}/{images,landmarks}/, in each landmarks/<name>.txt the number 106 and then '
    'one line "x y" per landmark; labels/ is not used'
)
# MMPose's own converter marks all landmarks so.
_VISIBLE = 2.0


def read_lapa(raw: Path, pictures: Pictures) -> Iterator[AnnotationFile]:
    """Read the three splits of LaPa.

    Args:
        raw: Folder of the release, see `RAW`.
        pictures: Where the images go, as `<split>/images/<name>`.

    Yields:
        Train, val, test and trainval; images count from the folder of the dataset itself, as
        in MMPose's configs.

    Raises:
        RawDataError: If a folder is missing or empty, a landmark file is broken, or an image is
            missing.
    """
    splits = {split: _read_split(raw / split, split, pictures) for split in SPLITS}
    for file in DATASET.files:
        faces = [face for split in SPLITS if split in file.splits for face in splits[split]]
        yield AnnotationFile(file.name, faces, folder=file.image_prefix)


def read_landmarks(path: Path) -> np.ndarray:
    """Keypoints of a file with the number 106 and 106 lines `x y`: (106, 3) x, y in px, flag 2.

    Raises:
        RawDataError: If the file is anything else.
    """
    lines = read_lines(path)
    if lines[0].split() != [str(LANDMARKS)]:
        problem = f'{lines[0]!r} is not the number of landmarks, {LANDMARKS}'
        raise RawDataError(path, problem, line=1, field='number of landmarks')
    points = read_points(lines, path, 1, LANDMARKS)
    if len(lines) > 1 + LANDMARKS:
        raise RawDataError(path, f'goes on after {LANDMARKS} points', line=LANDMARKS + 2)
    return np.column_stack([np.array(points), np.full(LANDMARKS, _VISIBLE)])


def _read_split(folder: Path, split: str, pictures: Pictures) -> list[RawFace]:
    paths = sorted((folder / 'landmarks').glob('*.txt'))
    if not paths:
        raise RawDataError(folder / 'landmarks', 'is no folder with landmark files')
    faces = []
    for path in paths:
        keypoints = read_landmarks(path)
        image = f'{split}/images/{path.stem}.jpg'
        try:
            pictures.add(folder / 'images' / f'{path.stem}.jpg', image)
        except RawDataError as error:
            raise RawDataError(path, f'its image: {error}') from error
        faces.append(RawFace(image, keypoints))
    return faces

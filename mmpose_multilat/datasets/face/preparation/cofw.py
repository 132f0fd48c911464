"""COFW: 29 landmarks with occlusion flags; images and annotations in two MATLAB files."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from mmpose_multilat.datasets.face.preparation.mat_files import open_hdf5, read_hdf5_matrix
from mmpose_multilat.datasets.face.preparation.pictures import Pictures
from mmpose_multilat.datasets.face.preparation.raw_data import (
    AnnotationFile,
    RawDataError,
    RawFace,
)
from mmpose_multilat.landmarks import DATASETS

DATASET = DATASETS['cofw']
LANDMARKS = DATASET.scheme.num_landmarks
TRAIN_MAT, TEST_MAT = 'COFW_train_color.mat', 'COFW_test_color.mat'
RAW = (
    f'{TRAIN_MAT} and {TEST_MAT} (MATLAB 7.3, read with h5py), which hold the images: they are '
    'written as images/000001.jpg, 000002.jpg, ..., train before test. Landmarks count from 1 in '
    'the release and from 0 in the JSON files; those outside the image are kept; boxes stay as '
    'they are'
)

# Names of the variables: images, landmarks, boxes.
_TRAIN, _TEST = ('IsTr', 'phisTr', 'bboxesTr'), ('IsT', 'phisT', 'bboxesT')
# MATLAB's first pixel has its centre at (1, 1).
MATLAB_ORIGIN = 1.0
# Flags of MMPose's files.
OCCLUDED, VISIBLE = 1.0, 2.0


def read_cofw(raw: Path, pictures: Pictures) -> Iterator[AnnotationFile]:
    """Read the two MATLAB files of COFW.

    Args:
        raw: Folder of the release, see `RAW`.
        pictures: Where the images go, as `images/<number>.jpg`.

    Yields:
        Train and test. Occluded landmarks have the flag 1, the others 2.

    Raises:
        RawDataError: If h5py is not installed, or a file is missing or broken.
    """
    train = _read_mat(raw / TRAIN_MAT, _TRAIN, 1, pictures)
    yield AnnotationFile(DATASET.file('train').name, train)
    test = _read_mat(raw / TEST_MAT, _TEST, 1 + len(train), pictures)
    yield AnnotationFile(DATASET.file('test').name, test)


def save_test_pictures(path: Path, first: int, pictures: Pictures) -> list[str]:
    """Write the images of the test faces.

    Args:
        path: The MATLAB file of the test faces.
        first: Number of the first image.
        pictures: Where they go.

    Returns:
        Their names below `images/`, in the order of the file.

    Raises:
        RawDataError: If the file is missing or broken.
    """
    with open_hdf5(path, _TEST[:1]) as file:
        cells = file[_TEST[0]][()].ravel()
        return [
            _save(file, cell, path, _TEST[0], row, first + row, pictures)
            for row, cell in enumerate(cells)
        ]


def flags(occluded: np.ndarray, path: Path, field: str, entry: int) -> np.ndarray:
    """MMPose's flags for occlusion marks 0 and 1.

    Raises:
        RawDataError: If a mark is anything else.
    """
    wrong = ~np.isin(occluded, (0, 1))
    if wrong.any():
        landmark = int(np.argmax(wrong))
        problem = f'occlusion of landmark {landmark} is {occluded[landmark]:g}, neither 0 nor 1'
        raise RawDataError(path, problem, entry=entry, field=field)
    return np.where(occluded == 1, OCCLUDED, VISIBLE)


def _read_mat(
    path: Path, names: tuple[str, str, str], first: int, pictures: Pictures
) -> list[RawFace]:
    images, shapes, boxes = names
    with open_hdf5(path, names) as file:
        cells = file[images][()].ravel()
        points = read_hdf5_matrix(file, shapes, path, 3 * LANDMARKS)
        rectangles = read_hdf5_matrix(file, boxes, path, 4)
        _require_equal(dict(zip(names, map(len, (cells, points, rectangles)))), path)
        faces = []
        for row, cell in enumerate(cells):
            keypoints = _keypoints(points[row], path, shapes, row + 1)
            box = _box(rectangles[row], path, boxes, row + 1)
            name = _save(file, cell, path, images, row, first + row, pictures)
            faces.append(RawFace(name, keypoints, box))
    return faces


def _require_equal(counts: dict[str, int], path: Path) -> None:
    if len(set(counts.values())) > 1:
        words = ', '.join(f'{count} in {name}' for name, count in counts.items())
        raise RawDataError(path, f'the variables hold different numbers of faces: {words}')


def _keypoints(values: np.ndarray, path: Path, field: str, entry: int) -> np.ndarray:
    x, y, occluded = values.reshape(3, LANDMARKS)
    visible = flags(occluded, path, field, entry)
    return np.column_stack([x - MATLAB_ORIGIN, y - MATLAB_ORIGIN, visible])


def _box(
    values: np.ndarray, path: Path, field: str, entry: int
) -> tuple[float, float, float, float]:
    x, y, width, height = values.tolist()
    if width <= 0 or height <= 0:
        problem = f'{values.tolist()} (x, y, width, height) is empty'
        raise RawDataError(path, problem, entry=entry, field=field)
    return x, y, width, height


def _save(
    file: Any, cell: Any, path: Path, field: str, row: int, number: int, pictures: Pictures
) -> str:
    """Write the image that a cell refers to; returns its name below `images/`."""
    try:
        image = np.asarray(file[cell])
    except (OSError, ValueError, KeyError, TypeError) as error:
        problem = f'its image cannot be read ({error})'
        raise RawDataError(path, problem, entry=row + 1, field=field) from error
    is_colour = image.ndim == 3 and image.shape[0] == 3
    if image.dtype != np.uint8 or not (is_colour or image.ndim == 2) or 0 in image.shape:
        problem = (
            f'its image is {image.dtype} {" x ".join(map(str, image.shape[::-1]))}; it has to be '
            'uint8, height x width or height x width x 3'
        )
        raise RawDataError(path, problem, entry=row + 1, field=field)
    # Reversed dimensions: (3, W, H) RGB or (W, H) grey.
    pixels = image.transpose(2, 1, 0)[..., ::-1] if is_colour else image.T
    name = f'{number:06d}.jpg'
    pictures.save(np.ascontiguousarray(pixels), f'images/{name}')
    return name

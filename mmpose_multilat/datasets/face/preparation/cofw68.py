"""COFW-68: the test faces of COFW with the 68 landmarks of 300W."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mmpose_multilat.datasets.face.preparation.cofw import DATASET as COFW
from mmpose_multilat.datasets.face.preparation.cofw import (
    MATLAB_ORIGIN,
    TEST_MAT,
    flags,
    save_test_pictures,
)
from mmpose_multilat.datasets.face.preparation.mat_files import matrix, read_mat
from mmpose_multilat.datasets.face.preparation.pictures import Pictures
from mmpose_multilat.datasets.face.preparation.raw_data import (
    AnnotationFile,
    RawDataError,
    RawFace,
)
from mmpose_multilat.landmarks import DATASETS

DATASET = DATASETS['cofw68']
LANDMARKS = DATASET.scheme.num_landmarks
RAW = (
    'test_annotations/1_points.mat, 2_points.mat, ... and cofw68_test_bboxes.mat (also found in '
    f'COFW68_Data/), and the images of the COFW test faces: either {TEST_MAT} of COFW, or a '
    'folder (or link) cofw/ that holds COFW as prepare_data writes it. Landmarks count from 1 in '
    'the release and from 0 in the JSON file, which MMPose reads with Face300WDataset'
)

_ANNOTATIONS, _BOXES = 'test_annotations', 'cofw68_test_bboxes.mat'
_PLACES = ('.', 'COFW68_Data')
# Images of test faces are numbered behind those of the training faces.
_FIRST_PICTURE = COFW.file('train').faces + 1


def read_cofw68(raw: Path, pictures: Pictures) -> Iterator[AnnotationFile]:
    """Read the landmarks of the COFW test faces, one MATLAB file for each.

    Args:
        raw: Folder of the release, see `RAW`.
        pictures: Where the images go, as `images/<number>.jpg` with the numbers that the test
            images have in COFW.

    Yields:
        Test. Occluded landmarks have the flag 1, the others 2. Centre and scale are those of the
        landmarks, as in 300W; the box of the release's face detector (x, y, width, height in px
        as it is in the file) is the field `detection_box`.

    Raises:
        RawDataError: If a file is missing or broken, or there are not as many images.
    """
    folder = _release_folder(raw)
    boxes = read_mat(folder / _BOXES, ['bboxes'])['bboxes']
    boxes = matrix(boxes, 'bboxes', folder / _BOXES, 4)
    keypoints = [_read_points(folder / _ANNOTATIONS, row + 1) for row in range(len(boxes))]
    names = _add_pictures(raw, pictures)
    if len(names) != len(boxes):
        problem = f'{len(boxes)} faces, but COFW has {len(names)} test images'
        raise RawDataError(folder / _BOXES, problem, field='bboxes')
    yield AnnotationFile(
        DATASET.file('test').name,
        [
            RawFace(name, points, fields={'detection_box': box.tolist()})
            for name, points, box in zip(names, keypoints, boxes)
        ],
    )


def _release_folder(raw: Path) -> Path:
    for place in _PLACES:
        if (raw / place / _ANNOTATIONS).is_dir():
            return raw / place
    raise RawDataError(raw, f'has no folder {_ANNOTATIONS}/, nor COFW68_Data/{_ANNOTATIONS}/')


def _read_points(folder: Path, number: int) -> np.ndarray:
    """(68, 3) landmarks x, y in px and flags of a face."""
    path = folder / f'{number}_points.mat'
    variables = read_mat(path, ['Points', 'Occ'])
    points = matrix(variables['Points'], 'Points', path, 2, LANDMARKS)
    occluded = matrix(variables['Occ'].reshape(1, -1), 'Occ', path, LANDMARKS)[0]
    return np.column_stack([points - MATLAB_ORIGIN, flags(occluded, path, 'Occ', number)])


def _add_pictures(raw: Path, pictures: Pictures) -> list[str]:
    """Names of the images of the COFW test faces below `images/`, in the order of COFW."""
    if (raw / TEST_MAT).is_file():
        return save_test_pictures(raw / TEST_MAT, _FIRST_PICTURE, pictures)
    path = raw / COFW.folder / COFW.file('test').path
    if not path.is_file():
        problem = f'has no images of COFW: neither {TEST_MAT} nor a prepared COFW as cofw/'
        raise RawDataError(raw, problem)
    try:
        names = [str(image['file_name']) for image in json.loads(path.read_bytes())['images']]
    except (ValueError, KeyError, TypeError) as error:
        raise RawDataError(path, f'is no annotation file of COFW ({error})') from error
    for name in names:
        try:
            pictures.add(raw / COFW.folder / 'images' / name, f'images/{name}')
        except ValueError as error:  # also a name that leads out of the dataset
            raise RawDataError(path, f'its image: {error}', entry=f'image {name}') from error
    return names

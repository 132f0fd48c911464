"""AFLW, the release with 19 landmarks: one MATLAB file, and the images of AFLW itself."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mmpose_multilat.datasets.face.preparation.coco_json import PIXEL_STD, loose_box
from mmpose_multilat.datasets.face.preparation.mat_files import matrix, read_mat
from mmpose_multilat.datasets.face.preparation.pictures import Pictures
from mmpose_multilat.datasets.face.preparation.raw_data import (
    AnnotationFile,
    RawDataError,
    RawFace,
)
from mmpose_multilat.landmarks import DATASETS

DATASET = DATASETS['aflw']
LANDMARKS = DATASET.scheme.num_landmarks
TRAIN_FACES = DATASET.file('train').faces
"""The first so many faces of the permutation `ra` are for training."""
MAT = 'AFLWinfo_release.mat'
RAW = (
    f'{MAT} and the images flickr/{{0,2,3}}/ (also found in data/flickr/, images/flickr/ and '
    'directly in {0,2,3}/). Coordinates are kept as they are: public readers do not shift them. '
    'test_frontal are the test faces whose 19 entries of mask_new are all 1'
)

_VARIABLES = ('nameList', 'bbox', 'data', 'mask_new', 'ra')
_FLICKR = ('flickr', 'data/flickr', 'images/flickr', '.')
# All landmarks count, as in MMPose's files; those that were hidden are in the field `mask`.
_LABELLED = 1.0


def read_aflw(raw: Path, pictures: Pictures) -> Iterator[AnnotationFile]:
    """Read the MATLAB file of the 19-point release.

    Args:
        raw: Folder of the release, see `RAW`.
        pictures: Where the images go, as `images/flickr/<name in the release>`.

    Yields:
        Train, test, and the frontal faces of test. Besides `center`, `scale` and `box_size` of
        the face box, every face has the field `mask`: 1 for each landmark that was visible, 0 for
        those that were added by hand.

    Raises:
        RawDataError: If a file is missing or broken.
    """
    path = raw / MAT
    release = read_mat(path, _VARIABLES)
    names = _names(release['nameList'], path)
    count = len(names)
    points = matrix(release['data'], 'data', path, 2 * LANDMARKS, count)
    boxes = matrix(release['bbox'], 'bbox', path, 4, count)
    masks = _masks(release['mask_new'], path, count)
    order = _order(release['ra'], path, count)
    folder = _pictures_folder(raw, names[0])
    faces = []
    for row in order:
        keypoints = points[row].reshape(2, LANDMARKS).T
        size = _add_picture(pictures, folder, names[row], path, row + 1)
        fields = {**_square(boxes[row], path, row + 1), 'mask': masks[row].tolist()}
        box = loose_box(keypoints, size)
        flags = np.full(LANDMARKS, _LABELLED)
        faces.append(
            RawFace(f'flickr/{names[row]}', np.column_stack([keypoints, flags]), box, fields)
        )
    test = faces[TRAIN_FACES:]
    frontal = [face for face in test if all(face.fields['mask'])]
    yield AnnotationFile(DATASET.file('train').name, faces[:TRAIN_FACES])
    yield AnnotationFile(DATASET.file('test').name, test)
    yield AnnotationFile(DATASET.file('test', 'frontal').name, frontal)


def _names(cells: np.ndarray, path: Path) -> list[str]:
    """The names of the images, for example `0/image00002.jpg`."""
    names = []
    for row, cell in enumerate(cells.ravel(), start=1):
        text = np.asarray(cell).ravel()
        if text.size != 1 or not str(text[0]).strip():
            raise RawDataError(path, 'holds no name of an image', entry=row, field='nameList')
        names.append(str(text[0]).strip())
    return names


def _masks(values: np.ndarray, path: Path, count: int) -> np.ndarray:
    masks = matrix(values, 'mask_new', path, LANDMARKS, count)
    wrong = np.argwhere(~np.isin(masks, (0, 1)))
    if len(wrong):
        row, landmark = wrong[0]
        problem = f'{masks[row, landmark]:g} of landmark {landmark} is neither 0 nor 1'
        raise RawDataError(path, problem, entry=int(row) + 1, field='mask_new')
    return masks.astype(int)


def _order(values: np.ndarray, path: Path, count: int) -> np.ndarray:
    """(N,) the faces in the order of `ra`, from 0."""
    if values.dtype.kind not in 'iuf' or not np.array_equal(
        np.sort(values.ravel()), np.arange(1, count + 1)
    ):
        problem = f'is no permutation of the {count} faces, counted from 1'
        raise RawDataError(path, problem, field='ra')
    if count <= TRAIN_FACES:
        problem = f'{count} faces; {TRAIN_FACES} are for training, the others for testing'
        raise RawDataError(path, problem, field='ra')
    return values.ravel().astype(int) - 1


def _square(box: np.ndarray, path: Path, entry: int) -> dict[str, object]:
    """Fields that MMPose reads of the face box left, right, top, bottom, which is a square."""
    left, right, top, bottom = box.tolist()
    if right <= left or bottom <= top:
        problem = f'{box.tolist()} (left, right, top, bottom) is empty'
        raise RawDataError(path, problem, entry=entry, field='bbox')
    side = max(right - left, bottom - top)
    center = [(left + right) / 2, (top + bottom) / 2]
    return {'center': center, 'scale': side / PIXEL_STD, 'box_size': side}


def _pictures_folder(raw: Path, name: str) -> Path:
    """The folder that the names of the release start from."""
    for place in _FLICKR:
        if (raw / place / name).parent.is_dir():
            return raw / place
    folder = Path(name).parent
    problem = f'has no images: no folder {folder} in any of {", ".join(_FLICKR)}'
    raise RawDataError(raw, problem)


def _add_picture(
    pictures: Pictures, folder: Path, name: str, path: Path, entry: int
) -> tuple[int, int]:
    try:
        return pictures.add(folder / name, f'images/flickr/{name}')
    except ValueError as error:  # also a name that leads out of the dataset
        raise RawDataError(path, f'its image: {error}', entry=entry, field='nameList') from error

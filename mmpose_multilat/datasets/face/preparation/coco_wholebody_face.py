"""The faces of COCO-WholeBody: official JSON files that MMPose reads as they are."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mmpose_multilat.datasets.face.checks.fields import is_number
from mmpose_multilat.datasets.face.preparation.pictures import Pictures
from mmpose_multilat.datasets.face.preparation.raw_data import FinishedFile, RawDataError
from mmpose_multilat.landmarks import ANNOTATIONS, DATASETS

DATASET = DATASETS['coco_wholebody_face']
LANDMARKS = DATASET.scheme.num_landmarks
RAW = (
    'annotations/coco_wholebody_{train,val}_v1.0.json and the images train2017/ and val2017/ of '
    'COCO; train or val may be missing. The JSON files are checked and copied unchanged; only '
    'images with a valid face are linked or copied'
)

# Field -> numbers in it.
_NUMBERS = {'face_kpts': 3 * LANDMARKS, 'face_box': 4}


def read_coco_wholebody_face(raw: Path, pictures: Pictures) -> Iterator[FinishedFile]:
    """Check the official annotation files.

    Args:
        raw: Folder of the release, see `RAW`.
        pictures: Where the images go, as `train2017/<name>` and `val2017/<name>`.

    Yields:
        Train and val, those that are there. A face is valid when MMPose uses it: `face_valid` is
        true, and a number of `face_kpts` is positive.

    Raises:
        RawDataError: If there is neither file, or one is broken, or an image is missing.
    """
    files = [file for file in DATASET.files if (raw / file.path).is_file()]
    if not files:
        names = ' nor '.join(file.name for file in DATASET.files)
        raise RawDataError(raw / ANNOTATIONS, f'has neither {names}')
    for file in files:
        yield _check(raw / file.path, raw / file.image_prefix, pictures)


def _check(path: Path, folder: Path, pictures: Pictures) -> FinishedFile:
    images, annotations = _read_records(path)
    names = _names(images, path)
    faces, shown = 0, set()
    for index, record in enumerate(annotations):
        if _is_valid_face(record, path, index):
            faces += 1
            shown.add(_image_id(record, names, path))
    for image_id in names:
        if image_id in shown:
            _add_picture(pictures, folder, names[image_id], path, image_id)
    return FinishedFile(path.name, path, faces, len(shown))


def _read_records(path: Path) -> tuple[list[Any], list[Any]]:
    """Images and annotations of a file."""
    try:
        content = json.loads(path.read_bytes())
    except UnicodeDecodeError as error:
        raise RawDataError(path, f'is not UTF-8 text ({error.reason})') from error
    except json.JSONDecodeError as error:
        raise RawDataError(path, f'is no complete JSON file: {error.msg}', error.lineno) from error
    for name in ('images', 'annotations'):
        if not isinstance(content, dict) or not isinstance(content.get(name), list):
            raise RawDataError(path, 'there is no such list', field=name)
    return content['images'], content['annotations']


def _names(images: list[Any], path: Path) -> dict[Any, str]:
    """Names of the images by id."""
    names = {}
    for index, image in enumerate(images):
        for field in ('id', 'file_name', 'width', 'height'):
            if not isinstance(image, dict) or field not in image:
                raise RawDataError(path, 'is missing', entry=f'image at {index}', field=field)
        if image['id'] in names:
            problem = f'image {image["id"]} stands there twice'
            raise RawDataError(path, problem, entry=f'image at {index}', field='id')
        names[image['id']] = image['file_name']
    return names


def _is_valid_face(record: Any, path: Path, index: int) -> bool:
    """Whether MMPose uses the face of a person, whose fields are checked."""
    entry = record.get('id', f'at {index}') if isinstance(record, dict) else f'at {index}'
    for field in ('id', 'image_id', 'category_id', 'face_valid', *_NUMBERS):
        if not isinstance(record, dict) or field not in record:
            raise RawDataError(path, 'is missing', entry=f'annotation {entry}', field=field)
    for field, count in _NUMBERS.items():
        values = record[field]
        if not isinstance(values, list) or len(values) != count or not all(map(is_number, values)):
            problem = f'has to be a list of {count} finite numbers'
            raise RawDataError(path, problem, entry=f'annotation {entry}', field=field)
    return bool(record['face_valid']) and max(record['face_kpts']) > 0


def _image_id(record: dict[str, Any], names: dict[Any, str], path: Path) -> Any:
    image_id = record['image_id']
    if image_id not in names:
        problem = f'there is no image {image_id}'
        raise RawDataError(path, problem, entry=f'annotation {record["id"]}', field='image_id')
    return image_id


def _add_picture(pictures: Pictures, folder: Path, name: str, path: Path, image_id: Any) -> None:
    try:
        pictures.add(folder / name, f'{folder.name}/{name}')
    except ValueError as error:  # also a name that leads out of the dataset
        problem = f'its image: {error}'
        raise RawDataError(path, problem, entry=f'image {image_id}', field='file_name') from error

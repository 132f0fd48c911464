"""Files that name faces: annotations in COCO format, and lists."""

import json
import os.path
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional, Union

FEWEST_LANDMARKS = 5
"""Of annotation schemes of faces: a line of a list with fewer coordinates names an image alone."""


@dataclass(frozen=True)
class Entry:
    """A face as a file tells it.

    Attributes:
        name: Name of its image, with as many folders as the file gives.
        first_landmark: x and y in px; None where the file names images only.
        record: The annotation.
    """

    name: str
    first_landmark: Optional[tuple[float, float]] = None
    record: dict[str, Any] = field(default_factory=dict)


def check_annotation_files(setting: str, paths: Any) -> list[Path]:
    """Return the paths of a path, a list of paths or None; a missing file is no error here.

    Raises:
        ValueError: If it is something else.
    """
    given = paths if isinstance(paths, (list, tuple)) else [] if paths is None else [paths]
    for path in given:
        if not isinstance(path, (str, Path)):
            raise ValueError(
                f'{setting} must be the path of an annotation file or None, got {paths!r}; several '
                'paths are a list'
            )
    return list(map(Path, given))


def nearest_file(image: str, files: Sequence[Path]) -> Optional[Path]:
    """The file that shares the most folders with an image, the first of several; None of none."""
    return max(files, key=lambda file: len(shared_folders(image, file)), default=None)


def shared_folders(image: str, file: Union[str, Path]) -> list[str]:
    """The folders, from the root on, that the paths of an image and of a file share."""
    paths = [plain_path(str(each)).split('/') for each in (image, file)]
    return os.path.commonprefix(paths)


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
    return Entry(names[record['image_id']], first_landmark_of(record), record)


def landmarks_of(record: Mapping[str, Any]) -> list[float]:
    """The numbers x, y, flag of each landmark of an annotation, empty where it has none."""
    return record.get('face_kpts') or record.get('keypoints') or []


def first_landmark_of(record: Mapping[str, Any]) -> Optional[tuple[float, float]]:
    """The first landmark (x, y) of an annotation in px, None where it has none."""
    landmarks = landmarks_of(record)
    return (float(landmarks[0]), float(landmarks[1])) if landmarks else None


def read_list(path: Union[str, Path], num_landmarks: int) -> list[Entry]:
    """Read a list with one image or face a line.

    Args:
        path: Text file. A line is the name of an image, or as in the lists of WFLW the
            coordinates of a face, further numbers, and the name. Empty lines are passed over.
        num_landmarks: Number K of landmarks that are evaluated; a list may have others.

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
        if count < 2 * min(num_landmarks, FEWEST_LANDMARKS):
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

"""Writing data sets of synthetic faces that MMPose's dataset classes read."""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable

import cv2
import numpy as np

from .face import DEFAULT_SIZE, generate
from .formats import FORMATS, Format, tags

DESCRIPTION = 'synthetic faces of mmpose-multilat'
"""``info.description`` of every annotation file; marks a data set that may be overwritten."""
# Stands in a data set's folder from the first moment on, so that the remains of an interrupted
# run are not taken for somebody's real data.
MARKER = 'synthetic_faces.json'
# Smaller pictures leave less than about 30 px for a face.
SMALLEST_SIZE = 64


@dataclass(frozen=True)
class Request:
    """What to write: number of faces, seed and size of the pictures in px."""

    train: int
    test: int
    seed: int = 0
    size: int = DEFAULT_SIZE

    def __post_init__(self) -> None:
        for name, least in (('train', 1), ('test', 1), ('seed', 0), ('size', SMALLEST_SIZE)):
            if getattr(self, name) < least:
                raise ValueError(f'{name} must be at least {least}, got {getattr(self, name)}')


@dataclass(frozen=True)
class _Job:
    split: str
    index: int
    number: int
    request: Request
    paths: tuple[str, ...]


@dataclass(frozen=True)
class _Made:
    """What remains of a face once its picture is on disk."""

    split: str
    number: int
    landmarks: dict[str, np.ndarray]
    hidden: dict[str, np.ndarray]
    tags: frozenset[str]


def write_data_sets(
    names: Sequence[str],
    root: str,
    request: Request,
    workers: int = 1,
    overwrite: bool = False,
    progress: Callable[[], None] | None = None,
) -> dict[str, list[str]]:
    """Render faces and write them as one or several data sets.

    All data sets hold the same faces, each with its own landmarks. Annotation files are written
    after all pictures, train last, and each appears at once or not at all: an interrupted run
    leaves no data set that a config could train on.

    Args:
        names: Keys of :data:`FORMATS`.
        root: Folder that holds the data sets' folders, ``data`` for MMPose's configs.
        request: Numbers of faces, seed and size.
        workers: Number of processes; the result does not depend on it.
        overwrite: Replace complete synthetic data sets. Other data are never replaced.
        progress: Called once per face.

    Returns:
        Written annotation files by data set. Test subsets without any face are not written.

    Raises:
        ValueError: If a name is unknown or ``workers`` is below 1.
        FileExistsError: If a folder holds other data, or a complete set without ``overwrite``.
    """
    formats = {name: _format(name) for name in names}
    if workers < 1:
        raise ValueError(f'workers must be at least 1, got {workers}')
    for name, entry in formats.items():
        check_target(name, Path(root) / entry.folder, entry, overwrite)
    for entry in formats.values():
        _prepare(Path(root) / entry.folder, entry)
    made = []
    for face in _run(list(_jobs(list(formats.values()), Path(root), request)), workers):
        made.append(face)
        if progress is not None:
            progress()
    return {
        name: _write_annotations(Path(root) / entry.folder, entry, made, request.size)
        for name, entry in formats.items()
    }


def _format(name: str) -> Format:
    if name not in FORMATS:
        raise ValueError(f"unknown data set '{name}'; choose among {', '.join(FORMATS)}")
    return FORMATS[name]


def check_target(name: str, folder: Path, entry: Format, overwrite: bool) -> None:
    """Refuse to write over data that are not synthetic, or are complete.

    Raises:
        FileExistsError: With the remedy in its message.
    """
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    present = [folder / file for file in entry.files if (folder / file).exists()]
    if not (folder / MARKER).is_file() or not all(map(_is_synthetic, present)):
        raise FileExistsError(
            f'{folder} holds data that are not synthetic faces; they are never overwritten. '
            'Write to another place with --out.'
        )
    if not overwrite and all((folder / file).exists() for file in entry.main_files()):
        raise FileExistsError(
            f'{folder} already holds synthetic {name} faces; add --overwrite '
            'to replace them or write to another place with --out.'
        )


def _is_synthetic(path: Path) -> bool:
    try:
        content = json.loads(path.read_text(encoding='utf-8'))
    except (ValueError, OSError):  # not ours: ours are never half written
        return False
    return isinstance(content, dict) and content.get('info', {}).get('description') == DESCRIPTION


def _prepare(folder: Path, entry: Format) -> None:
    """Make the folders; remove annotations and pictures of an earlier run."""
    for file, (split, _) in entry.files.items():
        path = folder / file
        if path.exists():
            images = json.loads(path.read_text(encoding='utf-8'))['images']
            path.unlink()
            for image in images:
                (folder / entry.prefix[split] / image['file_name']).unlink(missing_ok=True)
    for pattern in (*entry.images.values(), *entry.files):
        (folder / pattern).parent.mkdir(parents=True, exist_ok=True)
    _write_json(folder / MARKER, {'info': {'description': DESCRIPTION}})


def _jobs(formats: Sequence[Format], root: Path, request: Request) -> Iterator[_Job]:
    number = 0
    for split, count in (('train', request.train), ('test', request.test)):
        for index in range(count):
            number += 1
            paths = tuple(
                str(root / entry.folder / entry.images[split].format(number=number))
                for entry in formats
            )
            yield _Job(split, index, number, request, paths)


def _run(jobs: Sequence[_Job], workers: int) -> Iterator[_Made]:
    if workers == 1:
        yield from map(_make, jobs)
        return
    # One thread of OpenCV per process: the processes share the cores already. It is set before the
    # processes are forked, because a forked process waits for ever for its parent's threads.
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        with multiprocessing.Pool(workers, cv2.setNumThreads, (1,)) as pool:
            yield from pool.imap(_make, jobs, chunksize=4)
    finally:
        cv2.setNumThreads(threads)


def _make(job: _Job) -> _Made:
    face = generate(job.request.seed, job.index, job.split, job.request.size)
    quality = face.parameters.appearance.photograph.jpeg_quality
    done, code = cv2.imencode('.jpg', face.image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise RuntimeError('OpenCV could not encode a picture as JPEG')
    for path in job.paths:
        Path(path).write_bytes(code.tobytes())
    return _Made(job.split, job.number, face.landmarks, face.hidden, tags(face))


def _write_annotations(folder: Path, entry: Format, made: Sequence[_Made], size: int) -> list[str]:
    written = []
    for file, (split, subset) in entry.files.items():
        faces = [
            face for face in made if face.split == split and (subset is None or subset in face.tags)
        ]
        if faces:
            _write_json(folder / file, annotation_file(entry, split, faces, size))
            written.append(str(folder / file))
    return written


def annotation_file(entry: Format, split: str, faces: Sequence[_Made], size: int) -> dict[str, Any]:
    """Content of one annotation file; picture and annotation of a face share its number as id."""
    images, annotations = [], []
    for face in faces:
        path = entry.images[split].format(number=face.number)
        images.append(
            {
                'id': face.number,
                'file_name': path[len(entry.prefix[split]) :],
                'height': size,
                'width': size,
            }
        )
        record = entry.record(face.landmarks[entry.layout], face.hidden[entry.layout], size)
        annotations.append(
            {'id': face.number, 'image_id': face.number, 'category_id': 1, 'iscrowd': 0, **record}
        )
    name = 'person' if entry.folder == 'coco' else 'face'
    return {
        'info': {'description': DESCRIPTION},
        'categories': [
            {'supercategory': 'person', 'id': 1, 'name': name, 'keypoints': [], 'skeleton': []}
        ],
        'images': images,
        'annotations': annotations,
    }


def _write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a file that appears complete or not at all."""
    temporary = path.with_name(path.name + '.part')
    temporary.write_text(json.dumps(content), encoding='utf-8')
    os.replace(temporary, path)

"""Writing datasets of synthetic faces that MMPose's dataset classes read."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2

from .annotation_files import MadeFace, write_annotations
from .face import DEFAULT_SIZE, generate
from .folders import check_folder, prepare_folder
from .subsets import subsets_of
from .synthetic_datasets import SYNTHETIC_DATASETS, TEST, TRAIN, SyntheticDataset

# Smaller images leave less than about 30 px for a face.
SMALLEST_SIZE = 64


@dataclass(frozen=True)
class Request:
    """What to write: number of faces, seed and size of the images in px."""

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


def write_data_sets(
    names: Sequence[str],
    root: str,
    request: Request,
    workers: int = 1,
    overwrite: bool = False,
    progress: Callable[[], None] | None = None,
) -> dict[str, list[str]]:
    """Render faces and write them as one or several datasets.

    All datasets hold the same faces, each with its own landmarks. Annotation files are written
    after all images, train last, and each appears at once or not at all: an interrupted run
    leaves no dataset that a config could train on.

    Args:
        names: Keys of :data:`SYNTHETIC_DATASETS`.
        root: Folder that holds the datasets' folders, ``data`` for MMPose's configs.
        request: Numbers of faces, seed and size.
        workers: Number of processes; the result does not depend on it.
        overwrite: Replace complete synthetic datasets. Other data are never replaced.
        progress: Called once per face.

    Returns:
        Written annotation files by dataset. Test subsets without any face are not written.

    Raises:
        ValueError: If a name is unknown or ``workers`` is below 1.
        FileExistsError: If a folder holds other data, or a complete set without ``overwrite``.
    """
    datasets = {name: _dataset(name) for name in names}
    if workers < 1:
        raise ValueError(f'workers must be at least 1, got {workers}')
    folders = {name: Path(root) / dataset.facts.folder for name, dataset in datasets.items()}
    for name, dataset in datasets.items():
        check_folder(folders[name], dataset, overwrite)
    for name, dataset in datasets.items():
        prepare_folder(folders[name], dataset)
    made = []
    for face in _run(list(_jobs(list(datasets.values()), Path(root), request)), workers):
        made.append(face)
        if progress is not None:
            progress()
    return {
        name: write_annotations(folders[name], dataset, made, request.size)
        for name, dataset in datasets.items()
    }


def _dataset(name: str) -> SyntheticDataset:
    if name not in SYNTHETIC_DATASETS:
        known = ', '.join(SYNTHETIC_DATASETS)
        raise ValueError(f"unknown dataset '{name}'; choose among {known}")
    return SYNTHETIC_DATASETS[name]


def _jobs(datasets: Sequence[SyntheticDataset], root: Path, request: Request) -> Iterator[_Job]:
    number = 0
    for split, count in ((TRAIN, request.train), (TEST, request.test)):
        for index in range(count):
            number += 1
            paths = tuple(
                str(root / dataset.facts.folder / dataset.images[split].format(number=number))
                for dataset in datasets
            )
            yield _Job(split, index, number, request, paths)


def _run(jobs: Sequence[_Job], workers: int) -> Iterator[MadeFace]:
    if workers == 1:
        yield from map(_make, jobs)
        return
    # One thread of OpenCV per process: the processes share the cores already. It is set before the
    # processes are forked, because a forked process waits for ever for its parent's threads.
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        with multiprocessing.Pool(workers, _start_worker) as pool:
            yield from pool.imap(_make, jobs, chunksize=4)
    finally:
        cv2.setNumThreads(threads)


def _start_worker() -> None:
    """Prepare a process of the pool: Ctrl-C ends the parent alone, which then ends the pool."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)


def _make(job: _Job) -> MadeFace:
    face = generate(job.request.seed, job.index, job.split, job.request.size)
    quality = face.parameters.appearance.photograph.jpeg_quality
    done, code = cv2.imencode('.jpg', face.image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise RuntimeError('OpenCV could not encode an image as JPEG')
    for path in job.paths:
        Path(path).write_bytes(code.tobytes())
    return MadeFace(job.split, job.number, face.landmarks, face.hidden, subsets_of(face))

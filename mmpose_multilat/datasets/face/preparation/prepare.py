"""From a raw release to a dataset that MMPose reads, completely or not at all."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mmpose_multilat.datasets.face.preparation.coco_json import CocoWriter
from mmpose_multilat.datasets.face.preparation.pictures import Pictures
from mmpose_multilat.datasets.face.preparation.raw_data import FinishedFile, RawDataError
from mmpose_multilat.datasets.face.preparation.releases import RELEASES, Release
from mmpose_multilat.datasets.face.preparation.staging import staged, taken
from mmpose_multilat.landmarks import ANNOTATIONS, DATASETS
from mmpose_multilat.version import __version__


@dataclass(frozen=True)
class Written:
    """An annotation file that was written: its name, faces and images."""

    name: str
    faces: int
    pictures: int


def prepare(
    dataset: str,
    raw: Path,
    out: Path,
    copy: bool = False,
    overwrite: bool = False,
    progress: Callable[[], None] = lambda: None,
) -> list[Written]:
    """Prepare a dataset. After an error, `out` is as it was before.

    Args:
        dataset: A key of `RELEASES`.
        raw: Folder of the raw release; nothing in it is changed.
        out: Folder of the dataset, for example `data/wflw`.
        copy: Whether to copy images; otherwise `out` holds links to those of the raw release.
        overwrite: Whether to replace files of the same names in `out`; other files always stay.
        progress: Called once per image.

    Returns:
        The annotation files in the order of the reader.

    Raises:
        RawDataError: If the raw release is broken, with file, line or entry, and field.
        FileExistsError: If `out` holds a file that would be written, without `overwrite`.
        OSError: If `out` cannot be written.
    """
    if not raw.is_dir():
        raise RawDataError(raw, 'is no folder')
    if not overwrite:
        paths = [out / file.path for file in DATASETS[dataset].files]
        _refuse([path for path in paths if path.exists()])
    with staged(out) as staging:
        pictures = Pictures(staging, out, copy, progress)
        written = _write(RELEASES[dataset], raw, staging / ANNOTATIONS, pictures, dataset)
        if not overwrite:
            _refuse(taken(staging, out))
    return written


def warnings(dataset: str, written: list[Written]) -> list[str]:
    """What the user should know: files left out, and counts that are not the official ones."""
    faces = {file.name: file.faces for file in written}
    files = DATASETS[dataset].files
    missing = [
        f'{file.name} was not written: its faces are not in the raw release'
        for file in files
        if file.name not in faces
    ]
    return missing + [
        f'{file.name} holds {faces[file.name]} faces, the official one {file.faces}'
        for file in files
        if file.faces is not None and faces.get(file.name, file.faces) != file.faces
    ]


def _write(
    release: Release, raw: Path, folder: Path, pictures: Pictures, dataset: str
) -> list[Written]:
    """Write all annotation files into a folder."""
    folder.mkdir()
    writer = CocoWriter(pictures.sizes, f'{dataset}, prepared by mmpose-multilat {__version__}')
    written = []
    for file in release.read(raw, pictures):
        if isinstance(file, FinishedFile):
            shutil.copyfile(file.source, folder / file.name)
            written.append(Written(file.name, file.faces, file.pictures))
        else:
            count = writer.write(file, folder / file.name)
            written.append(Written(file.name, len(file.faces), count))
    return written


def _refuse(present: list[Path]) -> None:
    """Refuse to replace files.

    Raises:
        FileExistsError: If there is any, with the remedy in its message.
    """
    if present:
        others = f' and {len(present) - 1} more' if len(present) > 1 else ''
        raise FileExistsError(
            f'{present[0]}{others} would be replaced; add --overwrite, or choose another --out'
        )

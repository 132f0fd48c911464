"""JD-landmark: 106 landmarks in LaPa's order, `<image>.txt` beside the images' folder."""

from collections.abc import Iterator
from pathlib import Path

from mmpose_multilat.datasets.face.preparation.lapa import read_landmarks
from mmpose_multilat.datasets.face.preparation.pictures import Pictures
from mmpose_multilat.datasets.face.preparation.raw_data import (
    AnnotationFile,
    RawDataError,
    RawFace,
)
from mmpose_multilat.landmarks import DATASETS

DATASET = DATASETS['jd_landmark']
RAW = (
    '{train,val,test}/, in each the landmarks landmark/<image>.jpg.txt (the number 106, then one '
    'line "x y" per landmark) of the images picture/<image>.jpg; both may stand in further '
    'folders, for example train/AFW/{landmark,image}/. val/ and test/ may be missing. MMPose '
    'reads the files with LapaDataset'
)
_LANDMARKS, _PICTURES = 'landmark', 'picture'


def read_jd_landmark(raw: Path, pictures: Pictures) -> Iterator[AnnotationFile]:
    """Read the splits of JD-landmark that are there; train has to be.

    Args:
        raw: Folder of the release, see `RAW`.
        pictures: Where the images go, as `images/<split>/...`.

    Yields:
        Train, val and test.

    Raises:
        RawDataError: If a folder is missing or empty, a landmark file is broken, or an image is
            missing.
    """
    for file in DATASET.files:
        (split,) = file.splits
        if file.required or (raw / split).is_dir():
            yield AnnotationFile(file.name, _read_split(raw, split, pictures))


def _read_split(raw: Path, split: str, pictures: Pictures) -> list[RawFace]:
    paths = sorted((raw / split).rglob(f'{_LANDMARKS}/*.txt'))
    if not paths:
        raise RawDataError(raw / split, f'has no folder {_LANDMARKS}/ with landmark files')
    faces = []
    for path in paths:
        keypoints = read_landmarks(path)
        picture = path.parents[1] / _PICTURES / path.name[: -len('.txt')]
        image = picture.relative_to(raw).as_posix()
        try:
            pictures.add(picture, f'images/{image}')
        except RawDataError as error:
            raise RawDataError(path, f'its image: {error}') from error
        faces.append(RawFace(image, keypoints))
    return faces

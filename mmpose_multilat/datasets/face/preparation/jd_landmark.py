"""JD-landmark: 106 landmarks in LaPa's order, `<picture>.txt` beside the pictures' folder."""

from collections.abc import Iterator
from pathlib import Path

from mmpose_multilat.datasets.face.preparation.lapa import read_landmarks
from mmpose_multilat.datasets.face.preparation.pictures import Pictures
from mmpose_multilat.datasets.face.preparation.raw_data import (
    AnnotationFile,
    RawDataError,
    RawFace,
)

PARTS = ('train', 'val', 'test')
_NAME = 'jd_landmark_{}.json'
FILES = tuple(_NAME.format(part) for part in PARTS)
RAW = (
    '{train,val,test}/, in each the landmarks landmark/<picture>.jpg.txt (the number 106, then one '
    'line "x y" per landmark) of the pictures picture/<picture>.jpg; both may stand in further '
    'folders, for example train/AFW/{landmark,picture}/. val/ and test/ may be missing. MMPose '
    'reads the files with LapaDataset'
)
_LANDMARKS, _PICTURES = 'landmark', 'picture'


def read_jd_landmark(raw: Path, pictures: Pictures) -> Iterator[AnnotationFile]:
    """Read the parts of JD-landmark that are there; train has to be.

    Args:
        raw: Folder of the release, see `RAW`.
        pictures: Where the pictures go, as `images/<part>/...`.

    Yields:
        Train, val and test.

    Raises:
        RawDataError: If a folder is missing or empty, a landmark file is broken, or a picture is
            missing.
    """
    for part in PARTS:
        if part == 'train' or (raw / part).is_dir():
            yield AnnotationFile(_NAME.format(part), _read_part(raw, part, pictures))


def _read_part(raw: Path, part: str, pictures: Pictures) -> list[RawFace]:
    paths = sorted((raw / part).rglob(f'{_LANDMARKS}/*.txt'))
    if not paths:
        raise RawDataError(raw / part, f'has no folder {_LANDMARKS}/ with landmark files')
    faces = []
    for path in paths:
        keypoints = read_landmarks(path)
        picture = path.parents[1] / _PICTURES / path.name[: -len('.txt')]
        image = picture.relative_to(raw).as_posix()
        try:
            pictures.add(picture, f'images/{image}')
        except RawDataError as error:
            raise RawDataError(path, f'its picture: {error}') from error
        faces.append(RawFace(image, keypoints))
    return faces

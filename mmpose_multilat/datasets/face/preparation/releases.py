"""The raw releases that can be prepared."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Union

from mmpose_multilat.datasets.face.preparation import (
    aflw,
    coco_wholebody_face,
    cofw,
    cofw68,
    face300w,
    jd_landmark,
    lapa,
    wflw,
)
from mmpose_multilat.datasets.face.preparation.pictures import Pictures
from mmpose_multilat.datasets.face.preparation.raw_data import AnnotationFile, FinishedFile


@dataclass(frozen=True)
class Release:
    """How the raw release of a dataset is read.

    Args:
        read: Reads the raw release (first argument, a folder), puts its images into the dataset
            (second argument) and yields the annotation files, in the order of the catalogue.
        raw: What the folder of the raw release has to hold, for the help text.
    """

    read: Callable[[Path, Pictures], Iterator[Union[AnnotationFile, FinishedFile]]]
    raw: str


RELEASES: dict[str, Release] = {
    'wflw': Release(wflw.read_wflw, wflw.RAW),
    '300w': Release(face300w.read_300w, face300w.RAW),
    'cofw': Release(cofw.read_cofw, cofw.RAW),
    'cofw68': Release(cofw68.read_cofw68, cofw68.RAW),
    'aflw': Release(aflw.read_aflw, aflw.RAW),
    'coco_wholebody_face': Release(
        coco_wholebody_face.read_coco_wholebody_face, coco_wholebody_face.RAW
    ),
    'lapa': Release(lapa.read_lapa, lapa.RAW),
    'jd_landmark': Release(jd_landmark.read_jd_landmark, jd_landmark.RAW),
}
"""The releases by the names of `DATASETS`, which the command line takes."""

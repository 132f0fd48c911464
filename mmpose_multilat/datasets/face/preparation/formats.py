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
class Format:
    """How a data set is prepared.

    Args:
        read: Reads the raw release (first argument, a folder), puts its pictures into the data set
            (second argument) and yields the annotation files.
        raw: What the folder of the raw release has to hold, for the help text.
        files: Names of the annotation files that `read` yields.
        folder: Folder of the data set below `data/`, where configs look for it.
    """

    read: Callable[[Path, Pictures], Iterator[Union[AnnotationFile, FinishedFile]]]
    raw: str
    files: tuple[str, ...]
    folder: str


FORMATS: dict[str, Format] = {
    'wflw': Format(wflw.read_wflw, wflw.RAW, wflw.FILES, 'wflw'),
    '300w': Format(face300w.read_300w, face300w.RAW, face300w.FILES, '300w'),
    'cofw': Format(cofw.read_cofw, cofw.RAW, cofw.FILES, 'cofw'),
    'cofw68': Format(cofw68.read_cofw68, cofw68.RAW, cofw68.FILES, 'cofw68'),
    'aflw': Format(aflw.read_aflw, aflw.RAW, aflw.FILES, 'aflw'),
    'coco_wholebody_face': Format(
        coco_wholebody_face.read_coco_wholebody_face,
        coco_wholebody_face.RAW,
        coco_wholebody_face.FILES,
        'coco',
    ),
    'lapa': Format(lapa.read_lapa, lapa.RAW, lapa.FILES, 'LaPa'),
    'jd_landmark': Format(
        jd_landmark.read_jd_landmark, jd_landmark.RAW, jd_landmark.FILES, 'jd_landmark'
    ),
}
"""The data sets by the name that the command line takes."""

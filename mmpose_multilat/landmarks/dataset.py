"""What there is to know about a dataset of faces, without reading it."""

from dataclasses import dataclass
from typing import Optional

from .schemes import LandmarkScheme

ANNOTATIONS = 'annotations'
"""Folder of the annotation files below that of a dataset."""


@dataclass(frozen=True)
class DatasetFile:
    """An annotation file of a prepared dataset.

    Attributes:
        name: Its name in the folder `ANNOTATIONS`.
        splits: The disjoint parts of the dataset that its faces come from. Files without a common
            split must not share a face: nothing may be trained on that is tested later.
        subset: What papers and configs call its part of the test faces; None if it holds all faces
            of its splits.
        faces: Number of faces of the official file, None where none is published.
        other_counts: Numbers that other publications state for the same faces.
        image_prefix: MMPose's `data_prefix`: the folder that `file_name` starts from, below that of
            the dataset, with a slash at its end.
        required: Whether the dataset is incomplete without it. Some users have no use for the
            subsets or for one half of COCO, or no access to the private test faces.
    """

    name: str
    splits: frozenset[str]
    subset: Optional[str] = None
    faces: Optional[int] = None
    other_counts: tuple[int, ...] = ()
    image_prefix: str = 'images/'
    required: bool = True

    @property
    def path(self) -> str:
        """Its path from the folder of the dataset, as configs give it."""
        return f'{ANNOTATIONS}/{self.name}'


@dataclass(frozen=True)
class FaceDataset:
    """A dataset of faces.

    Attributes:
        name: `dataset_name` of MMPose's metainfo where there is one, and the name that commands
            take.
        scheme: Its landmarks.
        folder: Its folder below the root of all data, as MMPose's configs expect it.
        files: Its annotation files; none if no command prepares it.
        test: The split that papers test with.
        normalisers: What the literature divides errors by, the most usual first.
        tells_occlusion: Whether flag 1 of a landmark means occluded and 2 visible.
    """

    name: str
    scheme: LandmarkScheme
    folder: str = ''
    files: tuple[DatasetFile, ...] = ()
    test: str = 'test'
    normalisers: tuple[str, ...] = ('ocular',)
    tells_occlusion: bool = False

    def file(self, split: str, subset: Optional[str] = None) -> DatasetFile:
        """Return the file of a split, or of a subset of it.

        Raises:
            KeyError: If there is none.
        """
        for file in self.files:
            if (file.splits, file.subset) == ({split}, subset):
                return file
        raise KeyError(f'{self.name} has no file of split {split!r} and subset {subset!r}')

    @property
    def test_files(self) -> dict[Optional[str], DatasetFile]:
        """What papers report numbers of: files by subset, None for the whole test split."""
        return {
            file.subset: file
            for file in self.files
            if file.subset is not None or file.splits == {self.test}
        }

"""Predicted and true landmarks of a test set: all that tables and plots need, in one file."""

import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional, Union

import numpy as np

from mmpose_multilat.landmarks import FaceDataset, LandmarkScheme, dataset_of
from mmpose_multilat.landmarks.whole_files import replacing

from .scheme_facts import facts_of, scheme_from

FORMAT = 'mmpose_multilat predictions'
"""Stands in every file, so that another .npz is not taken for one of these."""

VERSION = 1
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    RuntimeError,
)
"""What NumPy and zipfile raise on files that are damaged or of another kind."""

DERIVED = 'derived.'
"""Prefix of arrays that were computed from the others; they are not read back."""


@dataclass(frozen=True)
class Predictions:
    """N faces with K landmarks each. Coordinates are (x, y) in px of the original image.

    Attributes:
        predicted: Predicted landmarks, (N, K, 2).
        true: Annotated landmarks, (N, K, 2).
        labelled: Whether a landmark is annotated and counts, (N, K) bool.
        occluded: Whether a landmark is occluded, (N, K) bool; None where labels do not say.
        scores: Scores of the network, (N, K).
        boxes: Annotated face boxes x1, y1, x2, y2 in px, (N, 4); NaN where there is none.
        images: Path of each face's image, N.
        ids: Annotation id of each face, N.
        subsets: Name of a subset -> whether a face belongs to it, (N,) bool.
        dataset: ``dataset_name`` of MMPose's metainfo, ``'wflw'`` for example.
        scheme: Annotation scheme; that of the dataset by default.

    Raises:
        ValueError: If the shapes do not agree.
    """

    predicted: np.ndarray
    true: np.ndarray
    labelled: np.ndarray
    occluded: Optional[np.ndarray]
    scores: np.ndarray
    boxes: np.ndarray
    images: list[str]
    ids: list[int]
    subsets: dict[str, np.ndarray] = field(default_factory=dict)
    dataset: str = ''
    scheme: LandmarkScheme = None  # type: ignore[assignment]  # filled in below

    def __post_init__(self) -> None:
        if self.true.ndim != 3 or self.true.shape[2] != 2:
            raise ValueError(f'true landmarks must have shape (N, K, 2), got {self.true.shape}')
        faces, landmarks = self.true.shape[:2]
        _check_shape('predicted', self.predicted, (faces, landmarks, 2))
        _check_shape('boxes', self.boxes, (faces, 4))
        for name in ('labelled', 'scores', 'occluded'):
            if getattr(self, name) is not None:
                _check_shape(name, getattr(self, name), (faces, landmarks))
        for name, members in self.subsets.items():
            _check_shape(f'subset {name}', members, (faces,))
        if len(self.images) != faces or len(self.ids) != faces:
            raise ValueError(
                f'{faces} faces need as many images and ids, got {len(self.images)} images and '
                f'{len(self.ids)} ids'
            )
        if self.scheme is None:
            object.__setattr__(self, 'scheme', dataset_of(self.dataset, landmarks).scheme)

    def __len__(self) -> int:
        return len(self.true)

    @property
    def usual_normalisers(self) -> tuple[str, ...]:
        """What the literature divides errors on this dataset by, the most usual first."""
        known = dataset_of(self.dataset, self.scheme.num_landmarks)
        if known.scheme.name != self.scheme.name:  # its landmarks have been converted
            known = FaceDataset(self.dataset, self.scheme)
        return known.normalisers

    def save(
        self, path: Union[str, Path], derived: Optional[Mapping[str, np.ndarray]] = None
    ) -> None:
        """Write an .npz file that appears complete or not at all.

        Args:
            path: File to write; its folder is made. An existing file is replaced.
            derived: Further arrays for other programs, such as errors; `load` ignores them.

        Raises:
            OSError: If the file cannot be written; an existing file is then as it was.
        """
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        arrays = {f'{DERIVED}{name}': array for name, array in (derived or {}).items()}
        with replacing(path) as part, part.open('wb') as file:
            np.savez_compressed(file, **self._arrays(), **arrays)

    def _arrays(self) -> dict[str, np.ndarray]:
        """Everything as arrays that need no pickle."""
        arrays = dict(
            format=np.array(FORMAT),
            version=np.array(VERSION),
            predicted=self.predicted,
            true=self.true,
            labelled=self.labelled,
            scores=self.scores,
            boxes=self.boxes,
            images=np.array(self.images, dtype=np.str_),
            ids=np.array(self.ids, dtype=np.int64),
            subset_names=np.array(list(self.subsets), dtype=np.str_),
            subset_members=np.array(list(self.subsets.values()), dtype=bool).reshape(
                len(self.subsets), len(self)
            ),
            dataset=np.array(self.dataset),
            layout=np.array(json.dumps(facts_of(self.scheme, self.usual_normalisers))),
        )
        return arrays if self.occluded is None else {**arrays, 'occluded': self.occluded}

    @classmethod
    def load(cls, path: Union[str, Path]) -> 'Predictions':
        """Read a file that `save` has written.

        Args:
            path: The .npz file.

        Returns:
            The predictions.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If it is something else, damaged, or of a later version.
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files if not name.startswith(DERIVED)}
            if str(arrays['format']) != FORMAT:
                raise KeyError('format')
            version = int(arrays['version'])
        except UNREADABLE as error:
            raise _not_ours(path, error) from error
        if version != VERSION:
            raise ValueError(
                f'{path} has version {version} of the file of predictions; this release reads '
                f'version {VERSION}. Use the release of mmpose_multilat that wrote it.'
            )
        try:
            return cls._from_arrays(arrays)
        except UNREADABLE as error:
            raise _not_ours(path, error) from error

    @classmethod
    def _from_arrays(cls, arrays: dict[str, np.ndarray]) -> 'Predictions':
        names = ('predicted', 'true', 'labelled', 'scores', 'boxes')
        for name in {*names, 'occluded'} & set(arrays):
            kinds = 'b' if name in ('labelled', 'occluded') else 'f'
            if arrays[name].dtype.kind not in kinds:
                raise TypeError(f'{name} has the type {arrays[name].dtype}')
        subsets = zip(arrays['subset_names'].tolist(), arrays['subset_members'])
        return cls(
            **{name: arrays[name] for name in names},
            occluded=arrays.get('occluded'),
            images=arrays['images'].tolist(),
            ids=arrays['ids'].tolist(),
            subsets=dict(subsets),
            dataset=str(arrays['dataset']),
            scheme=scheme_from(str(arrays['dataset']), json.loads(str(arrays['layout']))),
        )


def _check_shape(name: str, array: np.ndarray, shape: tuple[int, ...]) -> None:
    if array.shape != shape:
        raise ValueError(f'{name} must have shape {shape}, got {array.shape}')


def _not_ours(path: Union[str, Path], error: Exception) -> ValueError:
    return ValueError(
        f'{path} is not a complete file of predictions ({type(error).__name__}: {error}); it must '
        'be an .npz file written by the `outfile` of FaceAlignmentMetric'
    )

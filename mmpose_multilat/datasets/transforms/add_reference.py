"""A reference face for each face.

Wan et al., "Precise Facial Landmark Detection by Reference Heatmap Transformer", section III-D: a
random face of the training set while training, the most correlated one while testing.
"""

import zlib
from os import PathLike
from typing import Any, Optional, Union

import numpy as np
from mmcv.transforms import BaseTransform
from mmcv.transforms.utils import avoid_cache_randomness
from mmengine.dataset import BaseDataset
from mmpose.registry import DATASETS, TRANSFORMS

from mmpose_multilat.datasets.references import (
    ReferenceFace,
    ReferenceFaces,
    ReferenceIndex,
    face_key,
    flipped,
    index_path,
    match_of,
    read_index,
    reduced,
)
from mmpose_multilat.datasets.references.faces import PADDING, SIZE
from mmpose_multilat.landmarks.checks import check_choice, check_positive, check_size, check_whole
from mmpose_multilat.settings import plain_settings

from .labels import merge_tables

CHOICES = ('random', 'correlated', 'least_correlated', 'neutral')
"""A random face, the one with the most or the fewest features in common, or one that looks
straight ahead, the same for all."""

INDEXED = ('correlated', 'least_correlated')
"""Choices that an index tells."""

LABELS = {name: name for name in ('reference_image', 'reference_landmarks', 'reference_visible')}


@TRANSFORMS.register_module()
@avoid_cache_randomness
class AddReference(BaseTransform):
    """Give each face another one whose landmarks are known.

    Its place is behind `GenerateTarget` and `AddTarget` and before `PackPoseInputs`, which packs
    into `gt_instance_labels`: `reference_image` (1, 3, h, w) uint8, blue first, not normalised;
    `reference_landmarks` (1, K, 2) float32 (x, y) in px of that image; `reference_visible` (1, K)
    float32, 0 for landmarks without a label. A reference is never on the image of its target, and
    is flipped where the target was. A sample of no dataset, such as an image that MMPose's
    inferencer is given, is left as it is.

    Args:
        reference: Which face, see `CHOICES`. The two that an index tells are for testing: it knows
            faces by boxes that are not flipped.
        dataset: Config of the dataset of the references, which has the landmarks of the targets;
            the dataset of the target if None. It is read when the first face needs it.
        size: Size (w, h) of the reference image in px.
        padding: What boxes are enlarged by, as in `GetBBoxCenterScale`.
        index: File of the index for 'correlated' and 'least_correlated', which
            `python -m mmpose_multilat.tools.index_references CONFIG` builds; if None it is
            `references/<targets>_by_<references>.json` below the targets' `data_root`.
        seed: A number makes the random reference of each face the same in every run, for testing;
            None draws a new one each time.
        resolution: Side in px that the image is reduced to before it is enlarged again, None for
            the full resolution.

    Raises:
        ValueError: If an argument is out of its range; the message lists what is allowed.
    """

    def __init__(
        self,
        reference: str = 'random',
        dataset: Optional[dict[str, Any]] = None,
        size: tuple[int, int] = SIZE,
        padding: float = PADDING,
        index: Optional[Union[str, PathLike]] = None,
        seed: Optional[int] = None,
        resolution: Optional[int] = None,
    ) -> None:
        super().__init__()
        self.reference = check_choice('reference', reference, CHOICES)
        self.dataset = dataset
        self.size = check_size('size', size)
        self.padding = check_positive('padding', padding)
        self.index = index
        self.seed = None if seed is None else check_whole('seed', seed, 0)
        self.resolution = None if resolution is None else check_whole('resolution', resolution, 1)
        self._faces: Optional[ReferenceFaces] = None
        self._indices: dict[str, ReferenceIndex] = {}

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """Add a reference to a sample.

        Args:
            results: The sample.

        Raises:
            ValueError: If there is no face to choose, the landmarks of the dataset are others than
                those of the target, or there is no index for these faces.
        """
        targets = results.get('dataset')
        if targets is None:
            return results
        faces = self.faces_for(targets)
        self._check_scheme(faces, results)
        face = faces[self._choose(faces, results)]
        face = face if self.resolution is None else reduced(face, self.resolution)
        if results.get('flip'):
            face = flipped(face, results['flip_indices'], results['flip_direction'])
        return _add_labels(results, face)

    def prepare(self, targets: BaseDataset) -> None:
        """Read what the references of a dataset need, so that what is missing shows at once.

        Called before a training, it spares the error of a missing index until the first validation,
        and the processes that load the faces share what is read.

        Raises:
            ValueError: As `transform`.
        """
        faces = self.faces_for(targets)
        if self.reference in INDEXED:
            self._read_index(targets, faces)
        elif self.reference == 'neutral':
            faces.neutral()

    def faces_for(self, targets: BaseDataset) -> ReferenceFaces:
        """Return the faces that those of a dataset choose from."""
        own = self.dataset is not None
        if self._faces is None or not (own or self._faces.dataset is targets):
            dataset = _build(self.dataset) if own else targets
            self._faces = ReferenceFaces(dataset, self.size, self.padding)
        return self._faces

    def index_for(self, targets: BaseDataset) -> Union[str, PathLike]:
        """Return the file of the index for the faces of a dataset."""
        return self.index or index_path(targets, self.faces_for(targets).dataset)

    def _choose(self, faces: ReferenceFaces, results: dict[str, Any]) -> int:
        """Number of the reference."""
        if self.reference == 'neutral':
            return faces.neutral(results['img_path'])
        if self.reference == 'random':
            return self._draw(faces, results)
        targets = results['dataset']
        index = self._read_index(targets, faces)
        match = match_of(index, face_key(results), self.index_for(targets))
        return match.most if self.reference == 'correlated' else match.least

    def _read_index(self, targets: BaseDataset, faces: ReferenceFaces) -> ReferenceIndex:
        """Read the index once."""
        path = str(self.index_for(targets))
        if path not in self._indices:
            self._indices[path] = read_index(path, faces)
        return self._indices[path]

    def _draw(self, faces: ReferenceFaces, results: dict[str, Any]) -> int:
        others = faces.of_other_images(results['img_path'])
        if self.seed is None:
            return int(np.random.choice(others))  # MMEngine gives every worker another seed
        face = zlib.crc32(face_key(results).encode())
        return int(np.random.default_rng((self.seed, face)).choice(others))

    def _check_scheme(self, faces: ReferenceFaces, results: dict[str, Any]) -> None:
        """Refuse references whose landmarks mean something else."""
        own, other = (
            list(partners)
            for partners in (results['flip_indices'], faces.dataset.metainfo['flip_indices'])
        )
        if own != other:
            raise ValueError(
                f'the references have {len(other)} landmarks, the face has {len(own)}, or they are '
                'in another order; take a dataset of the same annotation scheme for AddReference'
            )

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(reference={self.reference!r}, size={self.size}, '
            f'padding={self.padding}, seed={self.seed}, resolution={self.resolution})'
        )


def _build(settings: dict[str, Any]) -> BaseDataset:
    """Build a dataset whose pipeline is not used, or the one that a wrapper holds.

    Raises:
        ValueError: If a wrapper holds several, whose faces have no numbers in common.
    """
    plain = plain_settings(settings, 'dataset')
    if len(plain) > 1:
        raise ValueError(
            f'AddReference takes references from one dataset, and its dataset wraps {len(plain)} '
            f'({", ".join(plain)}); name one of them'
        )
    (own,) = plain.values()
    return DATASETS.build({**own, 'pipeline': [], 'lazy_init': False})


def _add_labels(results: dict[str, Any], face: ReferenceFace) -> dict[str, Any]:
    results.update(zip(LABELS, (each[None] for each in face)))
    merge_tables(results, {'label_mapping_table': LABELS})
    return results

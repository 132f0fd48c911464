"""The datasets of faces that this package knows: their files, official counts and customs.

Names and folders are those of MMPose's configs.
"""

from collections.abc import Mapping
from typing import Any, Optional

from .dataset import DatasetFile, FaceDataset
from .schemes import AFLW, COFW, IBUG, LAPA, WFLW, LandmarkScheme, flip_pairs, scheme_of


def _file(name: str, split: str, faces: Optional[int] = None, **others: Any) -> DatasetFile:
    return DatasetFile(name, frozenset({split}), faces=faces, **others)


def _subset(name: str, split: str, subset: str, faces: int, **others: Any) -> DatasetFile:
    return DatasetFile(name, frozenset({split}), subset, faces, required=False, **others)


_WFLW = FaceDataset(
    'wflw',
    WFLW,
    'wflw',
    (
        _file('face_landmarks_wflw_train.json', 'train', 7500),
        _file('face_landmarks_wflw_test.json', 'test', 2500),
        # In the order of the flags in the release; the subsets overlap.
        _subset('face_landmarks_wflw_test_largepose.json', 'test', 'pose', 326),
        _subset('face_landmarks_wflw_test_expression.json', 'test', 'expression', 314),
        _subset('face_landmarks_wflw_test_illumination.json', 'test', 'illumination', 698),
        _subset('face_landmarks_wflw_test_makeup.json', 'test', 'makeup', 206),
        _subset('face_landmarks_wflw_test_occlusion.json', 'test', 'occlusion', 736),
        _subset('face_landmarks_wflw_test_blur.json', 'test', 'blur', 773),
    ),
)
_300W = FaceDataset(
    '300w',
    IBUG,
    '300w',
    (
        # afw 337 + helen 2000 + lfpw 811.
        _file('face_landmarks_300w_train.json', 'train', 3148),
        # Common (helen 330 + lfpw 224) and challenging (ibug).
        _file('face_landmarks_300w_valid.json', 'valid', 689),
        _subset('face_landmarks_300w_valid_common.json', 'valid', 'common', 554),
        _subset('face_landmarks_300w_valid_challenge.json', 'valid', 'challenging', 135),
        # Indoor 300 + outdoor 300.
        _subset('face_landmarks_300w_test.json', 'test', 'private', 600),
    ),
    test='valid',
    normalisers=('ocular', 'pupil'),
)
_300WLP = FaceDataset('300wlp', IBUG, normalisers=('ocular', 'pupil'))
_COFW = FaceDataset(
    'cofw',
    COFW,
    'cofw',
    (_file('cofw_train.json', 'train', 1345), _file('cofw_test.json', 'test', 507)),
    normalisers=('ocular', 'pupil'),
    tells_occlusion=True,
)
_COFW68 = FaceDataset(
    'cofw68',
    IBUG,
    'cofw68',
    (_file('cofw68_test.json', 'test', 507),),
    normalisers=('ocular', 'pupil'),
    tells_occlusion=True,
)
_AFLW = FaceDataset(
    'aflw',
    AFLW,
    'aflw',
    (
        _file('face_landmarks_aflw_train.json', 'train', 20_000),
        _file('face_landmarks_aflw_test.json', 'test', 4386),
        # By the rule "all 19 mask entries are one"; the release page and several papers say 1165.
        _subset(
            'face_landmarks_aflw_test_frontal.json', 'test', 'frontal', 1314, other_counts=(1165,)
        ),
    ),
    # Eye corners of profile faces can coincide, so the literature divides by the face box.
    normalisers=('box_side', 'box_tight'),
)
# How many faces are valid is not published.
_COCO_WHOLEBODY_FACE = FaceDataset(
    'coco_wholebody_face',
    IBUG,
    'coco',
    (
        _file('coco_wholebody_train_v1.0.json', 'train', image_prefix='train2017/', required=False),
        _file('coco_wholebody_val_v1.0.json', 'val', image_prefix='val2017/', required=False),
    ),
    test='val',
)
_LAPA = FaceDataset(
    'lapa',
    LAPA,
    'LaPa',
    (
        _file('lapa_train.json', 'train', 18_168, image_prefix=''),
        _file('lapa_val.json', 'val', 2000, image_prefix=''),
        _file('lapa_test.json', 'test', 2000, image_prefix=''),
        DatasetFile(
            'lapa_trainval.json',
            frozenset({'train', 'val'}),
            faces=20_168,
            image_prefix='',
            required=False,
        ),
    ),
    normalisers=('ocular', 'box_tight'),
)
_JD_LANDMARK = FaceDataset(
    'jd_landmark',
    LAPA,
    'jd_landmark',
    (
        _file('jd_landmark_train.json', 'train', 11_393),
        _file('jd_landmark_val.json', 'val', 2000, required=False),
        _file('jd_landmark_test.json', 'test', 2000, required=False),
    ),
    normalisers=('ocular', 'box_tight'),
)

DATASETS: dict[str, FaceDataset] = {
    dataset.name: dataset
    for dataset in (
        _WFLW,
        _300W,
        _300WLP,
        _COFW,
        _COFW68,
        _AFLW,
        _COCO_WHOLEBODY_FACE,
        _LAPA,
        _JD_LANDMARK,
    )
}
"""The datasets by name."""


def dataset_of(name: str, num_landmarks: int) -> FaceDataset:
    """Find a dataset.

    Args:
        name: `dataset_name` of MMPose's metainfo.
        num_landmarks: Number K of landmarks that its faces have.

    Returns:
        The known dataset, or one without facts if the name or the number is another.
    """
    known = DATASETS.get(name)
    if known is not None and known.scheme.num_landmarks == num_landmarks:
        return known
    return FaceDataset(name, LandmarkScheme(num_landmarks))


def dataset_of_metainfo(metainfo: Mapping[str, Any], num_landmarks: int) -> FaceDataset:
    """Find the dataset that MMPose's metainfo describes.

    A dataset keeps its name where its landmarks are put into another order, so the landmarks that
    change places in the flipped image must be the known ones too.

    Args:
        metainfo: Metainfo of a dataset, with `dataset_name` and `flip_indices`.
        num_landmarks: Number K of landmarks that its faces have.

    Returns:
        The known dataset, or one without facts but those of the metainfo.
    """
    known = dataset_of(metainfo.get('dataset_name', ''), num_landmarks)
    partners = _partners(metainfo, num_landmarks)
    if partners is None or partners == known.scheme.flip_indices:
        return known
    return FaceDataset(known.name, LandmarkScheme(num_landmarks, flip_pairs=flip_pairs(partners)))


def scheme_of_metainfo(metainfo: Mapping[str, Any], num_landmarks: int) -> LandmarkScheme:
    """Find the annotation scheme that MMPose's metainfo describes, under whatever name.

    Args:
        metainfo: Metainfo of a dataset, with `dataset_name` and `flip_indices`.
        num_landmarks: Number K of landmarks that its faces have.

    Returns:
        That of the known dataset, or the one in which the same landmarks change places in the
        flipped image, or one without facts but those of the metainfo.
    """
    scheme = dataset_of_metainfo(metainfo, num_landmarks).scheme
    alike = scheme_of(num_landmarks)
    same = scheme.flip_pairs is not None and scheme.flip_indices == alike.flip_indices
    return alike if same else scheme


def _partners(metainfo: Mapping[str, Any], num_landmarks: int) -> Optional[tuple[int, ...]]:
    """Index of the landmark on the other side for each landmark, None where it does not say."""
    partners = tuple(map(int, metainfo.get('flip_indices') or ()))
    tells = len(partners) == num_landmarks and partners != tuple(range(num_landmarks))
    return partners if tells else None  # MMPose's of 300W-LP names no pair

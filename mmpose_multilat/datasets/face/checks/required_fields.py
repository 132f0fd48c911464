"""Which fields the annotations of a prepared dataset have to hold."""

from dataclasses import dataclass

COMMON_FIELDS = ('id', 'image_id', 'category_id')
"""Fields that MMPose or the COCO reader beneath it needs in every annotation."""
OPTIONAL_FIELDS = ('iscrowd', 'num_keypoints', 'bbox')
"""Fields that are checked where an annotation has them, needed or not."""


@dataclass(frozen=True)
class RequiredFields:
    """Fields that MMPose's class reads of an annotation, besides `COMMON_FIELDS`.

    Args:
        others: All of them but the landmarks.
        keypoints: Field of the landmarks: x, y, v of each.
    """

    others: tuple[str, ...]
    keypoints: str = 'keypoints'


# Classes that take the box from a centre and a scale.
_SQUARE_BOX = ('num_keypoints', 'center', 'scale')

REQUIRED_FIELDS: dict[str, RequiredFields] = {
    'wflw': RequiredFields(_SQUARE_BOX),
    '300w': RequiredFields(_SQUARE_BOX),
    'cofw': RequiredFields(('bbox',)),
    'cofw68': RequiredFields(_SQUARE_BOX),
    'aflw': RequiredFields((*_SQUARE_BOX, 'box_size')),
    'coco_wholebody_face': RequiredFields(('face_valid', 'face_box'), 'face_kpts'),
    'lapa': RequiredFields(('bbox',)),
    'jd_landmark': RequiredFields(('bbox',)),
}
"""By the name of a dataset: those of `DATASETS` that can be checked."""

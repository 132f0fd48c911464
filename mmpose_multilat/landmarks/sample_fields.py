"""Fields that samples must have, and what to change where one is missing."""

from collections.abc import Iterable, Mapping
from typing import Any

PLACE = ('input_center', 'input_scale', 'input_size')
"""What a sample's meta information tells of its crop."""

KNOWN = ('keypoints', 'keypoints_visible')
"""What `gt_instances` tells of annotated landmarks."""

BOXES = ('bboxes', 'bbox_scores')
"""What MMPose copies from `gt_instances` to `pred_instances`."""

_META = (
    'PackPoseInputs takes it along by default; where its meta_keys are set by hand, add it to them'
)
_CROP = f'GetBBoxCenterScale and TopdownAffine give it, and {_META}'
_DATASET = 'PackPoseInputs packs it where the dataset gives it'
_LABELS = (
    'GenerateTarget of the training pipeline gives it, if its encoder is a codec of this package '
    "that fits the head's decoder"
)
REMEDIES = {
    **dict.fromkeys(PLACE, _CROP),
    **dict.fromkeys(('img_path', 'img_id', 'id', 'flip_indices', 'raw_ann_info'), _META),
    **dict.fromkeys(('gt_instances', *KNOWN), _DATASET),
    'bboxes': f'{_DATASET} as `bbox`',
    'bbox_scores': f'{_DATASET} as `bbox_score`, 1 for annotated boxes',
    'pred_instances': 'the model puts it into the samples',
    'gt_fields': _LABELS,
    'gt_instance_labels': _LABELS,
    'img': 'LoadImage gives it; put it first in the pipeline',
}
"""What to change where a field is missing."""


def require_fields(container: Any, names: Iterable[str], where: str) -> None:
    """Do nothing if a sample, or a part of it, has all of some fields.

    Args:
        container: A mapping, or an object with the fields as attributes.
        names: Of the fields.
        where: What the container is, for the message.

    Raises:
        ValueError: If one is missing; the message names it and what to change.
    """
    has = container.__contains__ if isinstance(container, Mapping) else _has_attribute(container)
    missing = [name for name in names if not has(name)]
    if missing:
        remedy = REMEDIES.get(missing[0], _LABELS)
        raise ValueError(f'{where} has no {" and no ".join(missing)}: {remedy}')


def _has_attribute(container: Any) -> Any:
    return lambda name: hasattr(container, name)

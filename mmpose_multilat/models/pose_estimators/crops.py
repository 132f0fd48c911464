"""Where the crops of MMPose's samples lie in their images."""

import numpy as np
from mmpose.structures import PoseDataSample

from mmpose_multilat.landmarks import CropGeometry
from mmpose_multilat.landmarks.sample_fields import BOXES, PLACE, require_fields


def crop_of(sample: PoseDataSample, use_udp: bool = False) -> CropGeometry:
    """Return the geometry of a sample's crop.

    Args:
        sample: What `PackPoseInputs` packs, with `input_center`, `input_scale` and `input_size`.
        use_udp: Whether `TopdownAffine(use_udp=True)` cut it; samples do not say.

    Raises:
        ValueError: If the sample does not tell.
    """
    about = sample.metainfo
    require_fields(about, PLACE, 'the meta information of a sample')
    centre, size = (np.asarray(about[f'input_{name}'], np.float64) for name in ('center', 'scale'))
    width, height = (int(side) for side in about['input_size'])
    return CropGeometry(centre, size, (width, height), use_udp)


def check_receives_predictions(sample: PoseDataSample) -> None:
    """Do nothing if MMPose's pose estimators can put landmarks into a sample.

    Raises:
        ValueError: If a field is missing that they use; the message names it.
    """
    require_fields(sample.metainfo, PLACE, 'the meta information of a sample')
    require_fields(sample, ['gt_instances'], 'a sample')
    require_fields(sample.gt_instances, BOXES, 'gt_instances of a sample')

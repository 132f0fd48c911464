"""Where the crops of MMPose's samples lie in their images."""

import numpy as np
from mmpose.structures import PoseDataSample

from mmpose_multilat.landmarks import CropGeometry


def crop_of(sample: PoseDataSample, use_udp: bool = False) -> CropGeometry:
    """Return the geometry of a sample's crop.

    Args:
        sample: What `PackPoseInputs` packs, with `input_center`, `input_scale` and `input_size`.
        use_udp: Whether `TopdownAffine(use_udp=True)` cut it; samples do not say.
    """
    about = sample.metainfo
    centre, size = (np.asarray(about[f'input_{name}'], np.float64) for name in ('center', 'scale'))
    width, height = (int(side) for side in about['input_size'])
    return CropGeometry(centre, size, (width, height), use_udp)

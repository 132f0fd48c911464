"""The usual way to cut faces out, by MMPose's own transforms."""


def usual_pipeline(input_size, padding=1.25, use_udp=False, color_type='color'):
    """Configs of the transforms of a top-down test for crops of a size (w, h)."""
    return [
        dict(type='LoadImage', color_type=color_type),
        dict(type='GetBBoxCenterScale', padding=padding),
        dict(type='TopdownAffine', input_size=tuple(input_size), use_udp=use_udp),
        dict(type='PackPoseInputs'),
    ]

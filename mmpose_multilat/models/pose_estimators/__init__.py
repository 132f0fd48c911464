"""Pose estimators, and the one way to ask any of them for landmarks."""

from .channels import image_channels
from .covariances import (
    codecs_with_covariances,
    knows_covariances,
    require_covariances,
    tells_covariances,
)
from .crops import check_receives_predictions, crop_of
from .locating import (
    COORDINATES,
    View,
    average_views,
    locate,
    locate_view,
    locate_views,
    look,
)
from .metainfo import metainfo_of_estimator
from .multilateration_pose_estimator import MultilaterationPoseEstimator

__all__ = [
    'COORDINATES',
    'MultilaterationPoseEstimator',
    'View',
    'average_views',
    'check_receives_predictions',
    'codecs_with_covariances',
    'crop_of',
    'image_channels',
    'knows_covariances',
    'locate',
    'locate_view',
    'locate_views',
    'look',
    'metainfo_of_estimator',
    'require_covariances',
    'tells_covariances',
]

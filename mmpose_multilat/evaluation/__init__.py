"""How well landmarks were found, measured as the literature of face alignment does."""

from mmpose_multilat.evaluation.curves import (
    area_under_curve,
    cumulative_errors,
    failure_rate,
)
from mmpose_multilat.evaluation.errors import (
    face_errors,
    landmark_errors,
    mean_landmark_errors,
    part_errors,
)
from mmpose_multilat.evaluation.face_alignment_metric import FaceAlignmentMetric
from mmpose_multilat.evaluation.normalisers import NORMALISERS, normalising_distances
from mmpose_multilat.evaluation.predictions import Predictions
from mmpose_multilat.evaluation.summary import evaluate

__all__ = [
    'NORMALISERS',
    'FaceAlignmentMetric',
    'Predictions',
    'area_under_curve',
    'cumulative_errors',
    'evaluate',
    'face_errors',
    'failure_rate',
    'landmark_errors',
    'mean_landmark_errors',
    'normalising_distances',
    'part_errors',
]

"""Faces and their landmarks in images and films, in two lines.

    landmarker = FaceLandmarker('face.onnx')
    faces = landmarker(image)

An exported network is run by NumPy, OpenCV and onnxruntime; PyTorch and MMPose are imported for a
config and a checkpoint, or a detector of MMDetection, alone.

The way of an image: `inputs` (what to read) -> `frames` -> `boxes` (where the faces are) -> `crops`
and `batches` (the network) -> `tracking` (films) -> `lines` and `drawings` (files).
"""

from mmpose_multilat.lazy import lazy_names

from .boxes import Box, whole_image
from .faces import Face
from .landmarker import FaceLandmarker
from .opencv_detector import OpenCVDetector
from .smoothing import OneEuroSettings

__getattr__ = lazy_names(__name__, mmdet_detector=['MMDetDetector'])

__all__ = [
    'Box',
    'Face',
    'FaceLandmarker',
    'MMDetDetector',
    'OneEuroSettings',
    'OpenCVDetector',
    'whole_image',
]

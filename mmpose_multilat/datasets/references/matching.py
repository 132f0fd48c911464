"""How much two faces have in common, by the local features that they share (SIFT).

The reference of a test face is "the most correlated face from the training set based on SIFT
feature matching" (section III-D); what is counted is not told. Here it is the pairs of features
that are nearest to each other and pass Lowe's ratio test. By that test alone a blurred face with
five features would match nearly everything.
"""

import cv2
import numpy as np
import torch
from torch import Tensor

FEATURES = 64
"""Of a face of 128x128 px OpenCV finds 20 to 150; the strongest are taken, so that all faces fit
into one tensor."""

RATIO = 0.8
"""A match counts if the second nearest feature is further away by this factor (Lowe 2004)."""

LENGTH = 128
"""Numbers of a SIFT feature."""

REFERENCES_PER_STEP = 64
"""Faces that are compared at once, which keeps their similarities in the processor's cache."""


def describe(image: np.ndarray) -> np.ndarray:
    """Find the features of a face.

    Args:
        image: (3, h, w) uint8 image, blue first.

    Returns:
        (`FEATURES`, 128) float32 features of length 1, strongest first, then zeros.
    """
    sift = cv2.SIFT_create(nfeatures=FEATURES)
    grey = cv2.cvtColor(np.ascontiguousarray(image.transpose(1, 2, 0)), cv2.COLOR_BGR2GRAY)
    points, found = sift.detectAndCompute(grey, None)
    features = np.zeros((FEATURES, LENGTH), np.float32)
    if found is not None:
        # OpenCV keeps all that are as strong as the last one.
        order = np.argsort([-point.response for point in points], kind='stable')[:FEATURES]
        features[: len(order)] = found[order]
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    return features / np.maximum(lengths, 1)


@torch.inference_mode()
def correlations(features: np.ndarray, references: np.ndarray) -> np.ndarray:
    """Count the matching features of a face and of each reference.

    Args:
        features: (F, 128) features of a face, see `describe`.
        references: (N, F, 128) features of the references.

    Returns:
        (N,) float32: number of matches, plus the mean similarity (cosine) of the face's features to
        the nearest of the reference, from 0 to 1, which decides where numbers are equal. NaN for
        references without two features, such as blurred images; 0 for all others if it is the face
        that has none.
    """
    target = torch.from_numpy(features[features.any(1)])
    comparable = references.any(-1).sum(-1) >= 2
    found = np.where(comparable, 0, np.nan).astype(np.float32)
    if len(target) < 2:
        return found
    for start in range(0, len(references), REFERENCES_PER_STEP):
        part = torch.from_numpy(references[start : start + REFERENCES_PER_STEP])
        found[start : start + len(part)] += _correlations(target, part).numpy()
    return found


def _correlations(target: Tensor, references: Tensor) -> Tensor:
    """(M, 128) features and (n, F, 128) of references to (n,) correlations."""
    similar = (references.flatten(0, 1) @ target.T).unflatten(0, references.shape[:2])  # (n, F, M)
    nearest, place = similar.max(1)  # (n, M)
    mutual = similar.argmax(2).gather(1, place) == torch.arange(len(target))
    second = similar.scatter_(1, place.unsqueeze(1), -1).amax(1)
    # For features of length 1 the squared distance is 2 - 2 cos.
    distinct = (1 - nearest) < RATIO**2 * (1 - second)
    return (mutual & distinct).sum(-1) + nearest.clamp(0, 1).mean(-1)

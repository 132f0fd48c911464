"""What `MMDetDetector` does unless told otherwise, also for who does not import MMDetection."""

FACE_LABELS = (0,)
"""Detectors of faces alone have one category."""

LEAST_SCORE = 0.3
"""The usual compromise of MMDetection between missed and false boxes."""

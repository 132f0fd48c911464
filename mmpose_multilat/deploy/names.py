"""Names of the values in an exported model."""

INPUT = 'crops'

IMAGE, BOXES = 'image', 'boxes'
"""Inputs of a model that cuts its crops itself."""

OUTPUTS = ('keypoints', 'scores', 'covariances')
"""The last where the codec knows it. What the head puts out stays inside the model, under the names
that its codec has for it (`encoded_names`); with the flip test that of the flipped crops follows
the other."""

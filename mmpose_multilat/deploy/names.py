"""Names of the values in an exported model."""

INPUT = 'crops'

OUTPUTS = ('keypoints', 'scores', 'covariances')
"""The last where the codec knows it."""

HEATMAPS = 'heatmaps'
"""Inside the model; with the flip test those of the mirror images follow the others."""

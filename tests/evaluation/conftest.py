"""Faces with known landmarks and predictions for the tests of the evaluation."""

import numpy as np
import pytest

from mmpose_multilat.evaluation import Predictions
from mmpose_multilat.landmarks import DATASETS


@pytest.fixture
def make_predictions():
    """A function that draws random faces of a dataset; keywords replace single fields."""

    def make(dataset='300w', faces=7, noise=2.0, seed=0, **changes):
        random = np.random.default_rng(seed)
        landmarks = DATASETS[dataset].scheme.num_landmarks
        true = random.uniform(20, 120, (faces, landmarks, 2))
        corner = random.uniform(0, 20, (faces, 2))
        fields = dict(
            predicted=true + random.normal(scale=noise, size=true.shape),
            true=true,
            labelled=np.ones((faces, landmarks), dtype=bool),
            occluded=None,
            scores=random.uniform(size=(faces, landmarks)),
            boxes=np.concatenate([corner, corner + random.uniform(90, 130, (faces, 2))], axis=1),
            images=[f'images/{face:03d}.jpg' for face in range(faces)],
            ids=list(range(10, 10 + faces)),
            dataset=dataset,
        )
        return Predictions(**{**fields, **changes})

    return make

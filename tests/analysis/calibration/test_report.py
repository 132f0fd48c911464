import json

import numpy as np
from fitting_samples import GROUPS, fit, samples

from mmpose_multilat.analysis import fit_decoder
from mmpose_multilat.analysis.calibration.report import as_json, markdown, setting


def test_correlations_that_are_not_defined_are_null():
    errors, covariances = (each[:6, :1] for each in samples())
    covariances[:] = np.eye(2)  # all the same: no ranks
    found = fit_decoder('d', 'KeyPosS', 1.0, errors, covariances, GROUPS[:6], [0])
    (content,) = json.loads(json.dumps(as_json([found]), allow_nan=False))
    assert content['rank_correlation'] is None
    assert content['rank_correlation_within_landmarks'] is None


def test_report():
    found = fit(*samples())
    heading, _, row = markdown([found], 'mean_square').splitlines()
    assert 'in 50%' in heading and 'my decoder' in row and '+-' in row
    assert setting(found, 'median') == (
        f"dict(type='KeyPosS', ..., covariance_scale={found.scales['median']:.3g})"
    )
    (content,) = json.loads(json.dumps(as_json([found])))
    assert content['scales'] == found.scales
    assert content['reliability']['actual'] == found.reliability.actual.tolist()
    assert len(content['halves']['median']) == 2

"""A head that a reference guides is exported with the faces that its checkpoint holds."""

import numpy as np
import pytest
import torch
from reference_networks import PARTNERS, build_estimator, fill, make_samples

from mmpose_multilat.deploy import build_graph, export_onnx, verify
from mmpose_multilat.deploy.parts import run
from mmpose_multilat.models.pose_estimators import look

pytest.importorskip('onnx')
pytest.importorskip('onnxscript')
pytest.importorskip('onnxruntime')

CLOSE = 1e-2  # px


def build():
    """No covariances, which heatmaps of noise do not have."""
    test_cfg = dict(flip_mode='coordinates', output_covariances=False)
    estimator = build_estimator(reference='correlated', test_cfg=test_cfg)
    estimator.dataset_meta = dict(flip_indices=PARTNERS)
    return estimator


def test_the_bank_is_in_the_graph():
    """With the choice among its faces, and with the flip test."""
    estimator = build()
    graph, description = build_graph(estimator, flip_test=True)
    model = export_onnx(graph, description)
    verify(model, graph, description)
    crops = torch.randn(5, 3, 64, 64)
    with torch.no_grad():
        expected = estimator.locate(crops, PARTNERS)
    found = run(model, dict(crops=crops))['keypoints']
    # A tie of two maxima may be broken otherwise.
    apart = np.abs(found - expected.coordinates.numpy()).max(-1)
    assert (apart < CLOSE).mean() > 0.95
    # The faces of another bank would give something else, and so would those of samples.
    other = build()
    fill(other.head.bank, seed=1)
    samples = make_samples(5)
    with torch.no_grad():
        own = look(estimator, crops).outputs.heatmaps
        assert not torch.allclose(own, look(other, crops).outputs.heatmaps, atol=1e-3)
        assert not torch.allclose(own, look(estimator, crops, samples).outputs.heatmaps, atol=1e-3)

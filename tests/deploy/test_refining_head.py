"""A head whose landmarks are more than what its codec decodes, in ONNX."""

import numpy as np
import pytest
import torch
from deploy.drawn_crops import (
    HEATMAP_SIZE,
    INPUT_SIZE,
    LANDMARKS,
    PITCH,
    draw_crops,
    random_landmarks,
)
from mmpose.registry import MODELS
from torch import nn

from mmpose_multilat.deploy import DiscrepancyError, build_graph, export_onnx, verify
from mmpose_multilat.deploy.parts import run
from mmpose_multilat.models.heads import LocatingHead

pytest.importorskip('onnx')
pytest.importorskip('onnxscript')
pytest.importorskip('onnxruntime')

PARTNERS = [1, 0, 2]
CLOSE = 1e-3  # px


@MODELS.register_module()
class PixelsAtCells(nn.Module):
    """A backbone whose features are the pixels at the centres of the cells."""

    def forward(self, crops):
        return (crops[..., ::PITCH, ::PITCH],)


@MODELS.register_module()
class OffsetHead(LocatingHead):
    """Moves what its codec decodes by some px, a linear map of the mean of the features."""

    def __init__(self, *args, **settings):
        super().__init__(*args, **settings)
        self.offsets = nn.Linear(LANDMARKS, 2 * LANDMARKS)
        self.offsets.weight.data.uniform_(-40, 40, generator=torch.Generator().manual_seed(0))

    def locate_outputs(self, outputs, feats, covariances=False):
        found = super().locate_outputs(outputs, feats, covariances)
        offsets = self.offsets(feats[-1].mean((-2, -1))).unflatten(-1, (-1, 2))
        return found._replace(coordinates=found.coordinates + offsets)


@pytest.fixture
def estimator():
    """The head has a layer, which changes nothing: heatmaps are not the features themselves."""
    codec = dict(type='KeyPosS', input_size=INPUT_SIZE, heatmap_size=HEATMAP_SIZE)
    layers = dict(deconv_out_channels=None, final_layer=dict(kernel_size=1))
    sizes = dict(in_channels=LANDMARKS, out_channels=LANDMARKS)
    model = MODELS.build(
        dict(
            type='MultilaterationPoseEstimator',
            data_preprocessor=dict(type='PoseDataPreprocessor'),
            backbone=dict(type='PixelsAtCells'),
            head=dict(type='OffsetHead', decoder=codec, **sizes, **layers),
            test_cfg=dict(flip_test=True, flip_mode='coordinates', output_covariances=False),
        )
    ).eval()
    model.head.final_layer.weight.data = torch.eye(LANDMARKS)[..., None, None]
    model.head.final_layer.bias.data.zero_()
    model.dataset_meta = dict(flip_indices=PARTNERS)
    return model


@pytest.mark.parametrize('flip_test', [False, True])
def test_what_a_head_adds_is_in_the_graph(estimator, flip_test):
    graph, description = build_graph(estimator, flip_test=flip_test)
    model = export_onnx(graph, description)
    decoder, unreadable, *whole = verify(model, graph, description)
    assert decoder.compared >= 0.9 * decoder.landmarks and len(whole) == 2
    assert unreadable.compared == unreadable.landmarks
    landmarks = random_landmarks(5)
    crops = draw_crops(landmarks)
    with torch.no_grad():
        expected = estimator.locate(crops, PARTNERS if flip_test else None)
    found = run(model, dict(crops=crops))
    assert np.abs(found['keypoints'] - expected.coordinates.numpy()).max() < CLOSE
    np.testing.assert_allclose(found['scores'], expected.scores, atol=1e-5)
    # The offsets are there, and move landmarks by whole px.
    assert np.abs(found['keypoints'] - landmarks.numpy()).max() > 1


def test_a_model_that_lost_what_the_head_adds_is_noticed(estimator, monkeypatch):
    graph, description = build_graph(estimator)
    with monkeypatch.context() as patched:
        patched.setattr(OffsetHead, 'locate_outputs', LocatingHead.locate_outputs)
        model = export_onnx(graph, description)
    with pytest.raises(DiscrepancyError, match='decoder, Gaussians: ONNX and PyTorch differ by'):
        verify(model, graph, description)

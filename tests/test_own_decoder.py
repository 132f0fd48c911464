"""The decoder that the README writes outside the package works like those inside."""

import re
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest
import torch
from mmpose.registry import KEYPOINT_CODECS, MODELS
from torch import nn

from mmpose_multilat.deploy import build_graph, export_onnx, verify

README = Path(__file__).parents[1] / 'README.md'


@pytest.fixture
def codec(tmp_path):
    """`Centroid` of the README, registered while a test runs."""
    (text,) = re.findall(r'```python\n(# my_decoder\.py\n.*?)```', README.read_text(), re.DOTALL)
    path = tmp_path / 'my_decoder.py'
    path.write_text(text)
    spec = spec_from_file_location('my_decoder', path)
    sys.modules['my_decoder'] = module = module_from_spec(spec)
    spec.loader.exec_module(module)
    yield KEYPOINT_CODECS.build(
        dict(type='Centroid', input_size=(64, 48), heatmap_size=(16, 12), sigma=1)
    )
    KEYPOINT_CODECS.module_dict.pop('Centroid')
    del sys.modules['my_decoder']


def test_it_finds_the_centroid_in_input_px(codec):
    heatmaps = torch.zeros(1, 1, 12, 16)
    heatmaps[0, 0, 5, 7] = 0.9
    heatmaps[0, 0, 5, 8] = 0.3
    heatmaps[0, 0, 7, 7] = -1  # counts as nothing
    keypoints, scores = codec.batch_decode(heatmaps)
    # x: (0.9 * 7 + 0.3 * 8) / 1.2 cells of 4 px.
    np.testing.assert_allclose(keypoints[0], [[[7.25 * 4, 5 * 4]]], atol=1e-4)
    np.testing.assert_allclose(scores[0], [[0.9]], atol=1e-6)


def test_no_heatmap_disturbs_it(codec):
    heatmaps = torch.zeros(1, 3, 12, 16)
    heatmaps[0, 0, 3, 4] = torch.nan
    heatmaps[0, 2, 3, 4] = 1
    keypoints, scores = codec.batch_decode(heatmaps)
    assert np.isfinite(keypoints[0]).all()
    assert scores[0].tolist() == [[0, 0, 1]]
    np.testing.assert_allclose(keypoints[0][0, 2], [16, 12], atol=1e-4)


def test_it_follows_landmarks_beyond_the_box(codec):
    """Of a Gaussian that is centred two cells left of the heatmap only the flank is seen."""
    inside, beyond = (
        KEYPOINT_CODECS.build(
            dict(
                type='Centroid',
                input_size=(64, 48),
                heatmap_size=(16, 12),
                sigma=2,
                beyond_box=beyond_box,
            )
        )
        for beyond_box in (False, True)
    )
    label = np.array([[[-8.0, 20.0]]])
    heatmaps = torch.from_numpy(beyond.encode(label)['heatmaps'])[None]
    assert inside.batch_decode(heatmaps)[0][0][0, 0, 0] >= 0
    np.testing.assert_allclose(beyond.batch_decode(heatmaps)[0][0], label, atol=0.5)


@MODELS.register_module()
class CroppedPixels(nn.Module):
    """A backbone whose features are every fourth pixel."""

    def forward(self, crops):
        return (crops[..., ::4, ::4],)


def test_it_is_exported(codec):
    """`export_onnx` compares the file with PyTorch by itself."""
    for package in ('onnx', 'onnxscript', 'onnxruntime'):
        pytest.importorskip(package)
    decoder = dict(type='Centroid', input_size=(64, 48), heatmap_size=(16, 12), beyond_box=True)
    layers = dict(deconv_out_channels=None, final_layer=dict(kernel_size=1))
    model = MODELS.build(
        dict(
            type='TopdownPoseEstimator',
            data_preprocessor=dict(type='PoseDataPreprocessor'),
            backbone=dict(type='CroppedPixels'),
            head=dict(type='HeatmapHead', in_channels=3, out_channels=3, decoder=decoder, **layers),
        )
    ).eval()
    model.dataset_meta = {}
    graph, description = build_graph(model)
    readable, *others = verify(export_onnx(graph, description), graph, description)
    assert readable.compared >= 0.9 * readable.landmarks and others

"""The decoder, head and dataset of the guide work like those inside the package, one file each."""

import json
import re
import sys
from contextlib import contextmanager
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest
import torch
from mmpose.registry import DATASETS, KEYPOINT_CODECS, MODELS
from torch import nn

from mmpose_multilat.deploy import build_graph, export_onnx, verify
from mmpose_multilat.models.pose_estimators import locate

GUIDE = Path(__file__).parents[1] / 'projects' / 'guide' / 'development.md'


@contextmanager
def written(folder, name, registry, registered):
    """A module of the guide, whose class is registered while a test runs."""
    (text,) = re.findall(rf'```python\n(# {name}\.py\n.*?)```', GUIDE.read_text(), re.DOTALL)
    path = folder / f'{name}.py'
    path.write_text(text)
    spec = spec_from_file_location(name, path)
    sys.modules[name] = module = module_from_spec(spec)
    spec.loader.exec_module(module)
    try:
        yield
    finally:
        registry.module_dict.pop(registered)
        del sys.modules[name]


@pytest.fixture
def codec(tmp_path):
    """`Centroid` of the guide."""
    with written(tmp_path, 'my_decoder', KEYPOINT_CODECS, 'Centroid'):
        yield KEYPOINT_CODECS.build(
            dict(type='Centroid', input_size=(64, 48), heatmap_size=(16, 12), sigma=1)
        )


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


def build_estimator(head='HeatmapHead', decoder='OneHot', **settings):
    """A pose estimator that looks at every fourth pixel."""
    codec = dict(type=decoder, input_size=(64, 48), heatmap_size=(16, 12))
    layers = dict(deconv_out_channels=None, final_layer=dict(kernel_size=1))
    model = MODELS.build(
        dict(
            type='TopdownPoseEstimator',
            data_preprocessor=dict(type='PoseDataPreprocessor'),
            test_cfg=dict(flip_mode='coordinates'),
            backbone=dict(type='CroppedPixels'),
            head=dict(
                type=head, in_channels=3, out_channels=3, decoder=codec, **layers, **settings
            ),
        )
    ).eval()
    model.dataset_meta = {}
    model.head.final_layer.weight.data.abs_()  # responses above 0, so that landmarks are trusted
    return model


def test_it_is_exported(codec):
    """`export_onnx` compares the file with PyTorch by itself."""
    for package in ('onnx', 'onnxscript', 'onnxruntime'):
        pytest.importorskip(package)
    model = build_estimator(decoder='Centroid')
    graph, description = build_graph(model)
    readable, *others = verify(export_onnx(graph, description), graph, description)
    assert readable.compared >= 0.9 * readable.landmarks and others


def test_a_head_moves_landmarks_in_every_pass(tmp_path):
    shifts = [[1.0, -2.0], [0.0, 0.5], [3.0, 0.0]]
    crops = torch.rand(2, 3, 48, 64)
    with written(tmp_path, 'my_head', MODELS, 'ShiftedHead'):
        torch.manual_seed(0)
        plain = build_estimator()
        torch.manual_seed(0)
        shifted = build_estimator(head='ShiftedHead', shifts=shifts)
        partners = [2, 1, 0]
        with torch.no_grad():
            moved = locate(shifted, crops).coordinates - locate(plain, crops).coordinates
            twice = [locate(each, crops, partners).coordinates for each in (shifted, plain)]
    torch.testing.assert_close(moved, torch.tensor(shifts).expand(2, -1, -1))
    # The flipped view is moved by its own shifts, so that the mean of x is.
    expected = (torch.tensor(shifts) + torch.tensor(shifts)[partners] * torch.tensor([-1, 1])) / 2
    torch.testing.assert_close(twice[0] - twice[1], expected.expand(2, -1, -1))


def test_a_dataset_tells_its_landmarks(tmp_path):
    landmarks = [20, 20, 2, 40, 20, 2, 30, 30, 2, 22, 40, 0, 38, 40, 2]
    content = dict(
        images=[dict(id=1, file_name='a.jpg', height=64, width=64)],
        annotations=[
            dict(id=1, image_id=1, category_id=1, bbox=[10, 10, 40, 40], area=1600, iscrowd=0)
            | dict(num_keypoints=5, keypoints=landmarks)
        ],
        categories=[dict(id=1, name='face')],
    )
    (tmp_path / 'faces.json').write_text(json.dumps(content))
    with written(tmp_path, 'my_dataset', DATASETS, 'FivePointDataset'):
        faces = DATASETS.build(
            dict(type='FivePointDataset', ann_file=str(tmp_path / 'faces.json'), pipeline=[])
        )
    assert faces.metainfo['flip_indices'] == [1, 0, 2, 4, 3]
    (face,) = faces
    assert face['keypoints'].shape == (1, 5, 2)
    assert face['keypoints_visible'].tolist() == [[1, 1, 1, 0, 1]]

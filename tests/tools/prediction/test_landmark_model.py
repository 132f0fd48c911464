import copy
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmpose.apis import inference_topdown, init_model

from mmpose_multilat.codecs import KeyPosS
from mmpose_multilat.tools.command_line import UserError
from mmpose_multilat.tools.prediction.boxes import Box
from mmpose_multilat.tools.prediction.crops import Cropper, pipeline_of_config, to_picture
from mmpose_multilat.tools.prediction.frames import Frame
from mmpose_multilat.tools.prediction.inputs import Source
from mmpose_multilat.tools.prediction.landmark_model import (
    OnnxLandmarkModel,
    TorchLandmarkModel,
    build_estimator,
)

ROOT = Path(__file__).parents[3]
BASE = ROOT / 'configs/face_2d_keypoint/popos/300w/popos_hrnetv2-w18_4xb32-100e_300w-256x256-hm4.py'
SIZE = 256, 256


def load_config():
    config = Config.fromfile(BASE)
    config.model.backbone.init_cfg = None
    return config


@pytest.fixture(scope='module')
def estimator():
    init_default_scope('mmpose')
    torch.manual_seed(0)
    estimator = init_model(load_config(), None, device='cpu')
    torch.nn.init.normal_(estimator.head.final_layer.weight)
    return estimator


@pytest.fixture
def checkpoint(estimator, tmp_path):
    torch.save(dict(state_dict=estimator.state_dict()), tmp_path / 'weights.pth')
    return str(tmp_path / 'weights.pth')


def picture():
    return np.random.default_rng(0).integers(0, 255, (120, 160, 3), np.uint8)


@pytest.mark.parametrize('flip_test', [False, True])
def test_like_mmpose_from_the_picture_to_its_landmarks(estimator, flip_test):
    estimator = copy.deepcopy(estimator)
    estimator.test_cfg['flip_test'] = flip_test
    frame = Frame(Source('picture', 'a.jpg'), picture())
    boxes = [Box(20, 10, 70, 80), Box(-10, 50, 33.5, 90), Box(0, 0, 160, 120)]
    cut = Cropper(pipeline_of_config(estimator.cfg), estimator.dataset_meta)
    crops = [cut(frame, box) for box in boxes]
    found = TorchLandmarkModel(estimator, SIZE)(np.stack([crop.picture for crop in crops]))
    assert found.keypoints.shape == (3, 68, 2) and found.covariances is None
    expected = inference_topdown(estimator, frame.picture, np.array([box.corners for box in boxes]))
    for keypoints, scores, crop, each in zip(found.keypoints, found.scores, crops, expected):
        answer = each.pred_instances
        np.testing.assert_allclose(
            to_picture(keypoints, crop, SIZE), answer.keypoints[0], atol=1e-3
        )
        np.testing.assert_allclose(scores, answer.keypoint_scores[0], rtol=1e-5)


class WithCovariance(KeyPosS):
    """Says how large the heatmap's strongest response is, in the place of a covariance."""

    def locate_with_covariance(self, heatmaps):
        coordinates, scores = self.locate(heatmaps)
        return coordinates, scores, scores[..., None, None] * torch.eye(2)


def test_covariances_of_a_codec_that_knows_them(estimator):
    estimator = copy.deepcopy(estimator)
    estimator.test_cfg['flip_test'] = False
    estimator.head.decoder = WithCovariance(input_size=SIZE, heatmap_size=(4, 4))
    crops = np.random.default_rng(1).integers(0, 255, (2, 256, 256, 3), np.uint8)
    found = TorchLandmarkModel(estimator, SIZE)(crops)
    expected = found.scores[..., None, None] * np.eye(2) * 64**2  # a cell has 64 px
    np.testing.assert_allclose(found.covariances, expected, rtol=1e-5)


def test_build_estimator(estimator, checkpoint):
    built = build_estimator(load_config(), checkpoint, 'cpu')
    weights = built.state_dict()
    assert not built.training
    assert all(torch.equal(weights[name], each) for name, each in estimator.state_dict().items())


@pytest.mark.parametrize(
    'changes, message',
    [
        ({'model.head.out_channels': 98}, 'was not trained with --config .*final_layer'),
        ({'model.backbone.stride': 4}, 'was not trained with --config .*: it lacks'),
        ({'model.type': 'BottomupPoseEstimator'}, 'is a BottomupPose.*needs a top-down one'),
    ],
)
def test_what_does_not_fit_is_explained(checkpoint, changes, message):
    config = load_config()
    config.merge_from_dict(changes)
    with pytest.raises(UserError, match=message):
        build_estimator(config, checkpoint, 'cpu')


def test_a_config_without_model_is_a_mistake(checkpoint):
    with pytest.raises(UserError, match='--config has no model'):
        build_estimator(Config(dict()), checkpoint, 'cpu')


class TinyNetwork(torch.nn.Module):
    """Heatmaps straight from the picture."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.layer = torch.nn.Conv2d(3, 5, 8, stride=8)

    def forward(self, crops):
        return self.layer(crops / 255)


@pytest.fixture(scope='module')
def onnx_file(tmp_path_factory):
    """A tiny network in a file, and its graph."""
    for name in ('onnx', 'onnxscript', 'onnxruntime'):
        pytest.importorskip(name)
    from mmpose.models.data_preprocessors import PoseDataPreprocessor

    from mmpose_multilat.deploy.description import RAW, ModelDescription
    from mmpose_multilat.deploy.export import export_onnx
    from mmpose_multilat.deploy.graph import LandmarkGraph, Normalisation

    codec = KeyPosS(input_size=(64, 64), heatmap_size=(8, 8))
    preprocessor = PoseDataPreprocessor(mean=[9.0, 8, 7], std=[1.0, 1, 1], bgr_to_rgb=True)
    graph = LandmarkGraph(TinyNetwork(), codec, Normalisation(preprocessor)).eval()
    description = ModelDescription(
        input_size=(64, 64),
        input_type=RAW,
        channel_order='BGR',
        mean=(9.0, 8.0, 7.0),
        std=(1.0, 1.0, 1.0),
        heatmap_size=(8, 8),
        landmarks=5,
        flip_pairs=None,
        flip_test=False,
        codec=dict(type='KeyPosS'),
        bbox_padding=1.5,
    )
    path = tmp_path_factory.mktemp('onnx') / 'tiny.onnx'
    path.write_bytes(export_onnx(graph, description).SerializeToString())
    return path, graph


def test_onnx_answers_like_torch(onnx_file):
    path, graph = onnx_file
    model = OnnxLandmarkModel(str(path))
    assert model.input_size == (64, 64) and model.description.bbox_padding == 1.5
    crops = np.random.default_rng(2).integers(0, 255, (3, 64, 64, 3), np.uint8)
    found = model(crops)
    with torch.no_grad():
        keypoints, scores, *_ = graph(torch.from_numpy(crops))
    np.testing.assert_allclose(found.keypoints, keypoints, atol=1e-3)
    np.testing.assert_allclose(found.scores, scores, atol=1e-5)
    assert found.covariances is None


def test_files_that_are_no_onnx_are_explained(tmp_path):
    pytest.importorskip('onnxruntime')
    (tmp_path / 'text.onnx').write_text('hello')
    for name, message in (('nowhere.onnx', 'does not exist'), ('text.onnx', 'cannot read')):
        with pytest.raises(UserError, match=f'--model: .*{message}'):
            OnnxLandmarkModel(str(tmp_path / name))

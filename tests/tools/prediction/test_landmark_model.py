import copy
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmpose.apis import inference_topdown, init_model
from mmpose.codecs import UDPHeatmap
from mmpose.models.heads import HeatmapHead
from mmpose.structures import PoseDataSample
from mmpose.structures.bbox import get_udp_warp_matrix, get_warp_matrix

from mmpose_multilat.codecs import KeyPosS, TwoHot
from mmpose_multilat.tools.command_line import UserError
from mmpose_multilat.tools.prediction.boxes import Box
from mmpose_multilat.tools.prediction.crops import (
    Cropper,
    pipeline_of_config,
    to_picture,
    usual_pipeline,
)
from mmpose_multilat.tools.prediction.frames import Frame
from mmpose_multilat.tools.prediction.inputs import Source
from mmpose_multilat.tools.prediction.landmark_model import (
    OnnxLandmarkModel,
    TorchLandmarkModel,
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


@pytest.fixture
def crops():
    return np.random.default_rng(1).integers(0, 255, (2, 256, 256, 3), np.uint8)


def with_heatmaps_of(estimator, crops):
    """(B, K, H, W) heatmaps of the crops."""
    inputs = [torch.from_numpy(crop) for crop in np.moveaxis(crops, -1, 1)]
    samples = [PoseDataSample() for _ in crops]
    batch = estimator.data_preprocessor(dict(inputs=inputs, data_samples=samples), training=False)
    with torch.no_grad():
        return estimator(batch['inputs'], None)


@pytest.mark.parametrize('kind', ['MultilaterationPoseEstimator', 'TopdownPoseEstimator'])
def test_covariances_of_both_kinds_of_estimators(kind, crops):
    config = load_config()
    config.merge_from_dict({'model.type': kind, 'model.test_cfg.flip_test': False})
    torch.manual_seed(0)
    estimator = init_model(config, None, device='cpu')
    torch.nn.init.normal_(estimator.head.final_layer.weight)
    found = TorchLandmarkModel(estimator, SIZE, covariances=True)(crops)
    assert found.covariances.shape == (2, 68, 2, 2)
    heatmaps = with_heatmaps_of(estimator, crops)
    expected = estimator.head.decoder.locate_in_input(heatmaps, covariances=True)
    for each, same in zip((found.keypoints, found.scores, found.covariances), expected):
        np.testing.assert_allclose(each, same, rtol=1e-4, atol=1e-3)
    np.testing.assert_array_equal(np.isnan(found.covariances).all((-2, -1)), found.scores == 0)
    assert TorchLandmarkModel(estimator, SIZE)(crops).covariances is None


def test_covariances_of_the_flip_test_are_averaged(crops):
    config = load_config()
    flips = {'model.test_cfg.flip_test': True, 'model.test_cfg.flip_mode': 'coordinates'}
    config.merge_from_dict({'model.type': 'MultilaterationPoseEstimator', **flips})
    estimator = init_model(config, None, device='cpu')
    torch.nn.init.normal_(estimator.head.final_layer.weight)
    found = TorchLandmarkModel(estimator, SIZE, covariances=True)(crops)
    decode = estimator.head.decoder.locate_in_input_with_covariance
    (_, trusted, plain), (_, others, mirrored) = (
        [part.numpy() for part in decode(with_heatmaps_of(estimator, each))]
        for each in (crops, np.ascontiguousarray(crops[:, :, ::-1]))
    )
    partners = list(estimator.dataset_meta['flip_indices'])
    both = (trusted > 0) & (others[:, partners] > 0)
    expected = (plain + mirrored[:, partners] * [[1, -1], [-1, 1]]) / 2
    assert both.any()
    np.testing.assert_allclose(found.covariances[both], expected[both], rtol=1e-3)


def test_a_decoder_without_covariances_is_explained(estimator):
    estimator = copy.deepcopy(estimator)
    estimator.head.decoder = TwoHot(input_size=SIZE, heatmap_size=(4, 4))
    with pytest.raises(UserError, match='--covariances: .* is TwoHot.*type=GaussianMLE'):
        TorchLandmarkModel(estimator, SIZE, covariances=True)


@pytest.mark.parametrize('use_udp', [False, True])
@pytest.mark.parametrize('kind', [UDPHeatmap, KeyPosS])
def test_from_heatmaps_to_the_picture(estimator, monkeypatch, kind, use_udp):
    """MMPose's UDPHeatmap answers for crops with `use_udp`, the codecs of this package for all."""
    alignment = {} if kind is UDPHeatmap else dict(alignment='udp')
    codec = kind(input_size=SIZE, heatmap_size=(64, 64), sigma=2, **alignment)
    estimator = copy.deepcopy(estimator)
    estimator.head.decoder, estimator.test_cfg['flip_test'] = codec, False
    cut = Cropper(usual_pipeline(SIZE, use_udp=use_udp))
    crop = cut(Frame(Source('picture', 'a.jpg'), picture()), Box(20, 10, 70, 80))
    landmarks = np.random.default_rng(3).uniform((15, 10), (95, 90), (1, 68, 2))
    matrix = (get_udp_warp_matrix if use_udp else get_warp_matrix)(crop.centre, crop.size, 0, SIZE)
    heatmaps = codec.encode(cv2.transform(landmarks, matrix).astype(np.float32))['heatmaps']
    monkeypatch.setattr(estimator.head, 'forward', lambda features: torch.tensor(heatmaps[None]))
    found = TorchLandmarkModel(estimator, SIZE)(crop.picture[None])
    # UDPHeatmap expands its blurred heatmap, which is not exact; a px of the input is 0.4 px here.
    tolerance = 0.05 if kind is UDPHeatmap else 0.01
    found = to_picture(found.keypoints[0], crop, SIZE)
    np.testing.assert_allclose(found, landmarks[0], atol=tolerance)


class TinyEstimator(torch.nn.Module):
    """Heatmaps straight from the picture; takes the place of a pose estimator."""

    def __init__(self, codec):
        super().__init__()
        torch.manual_seed(0)
        self.layer = torch.nn.Conv2d(3, 5, 8, stride=8)
        self.head = HeatmapHead(5, 5, deconv_out_channels=None, final_layer=None)
        self.head.decoder = codec

    def extract_feat(self, crops):
        return (self.layer(crops / 255),)


@pytest.fixture(scope='module')
def onnx_files(tmp_path_factory):
    """A tiny network in two files, with and without covariances, and its graph."""
    for name in ('onnx', 'onnxscript', 'onnxruntime'):
        pytest.importorskip(name)
    from mmpose.models.data_preprocessors import PoseDataPreprocessor

    from mmpose_multilat.deploy.description import RAW, ModelDescription
    from mmpose_multilat.deploy.export import export_onnx
    from mmpose_multilat.deploy.graph import LandmarkGraph, Normalisation

    codec = KeyPosS(input_size=(64, 64), heatmap_size=(8, 8))
    preprocessor = PoseDataPreprocessor(mean=[9.0, 8, 7], std=[1.0, 1, 1], bgr_to_rgb=True)
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
    normalisation = Normalisation(preprocessor)
    graph = LandmarkGraph(TinyEstimator(codec), normalisation, covariances=True).eval()
    model = export_onnx(graph, description)
    folder = tmp_path_factory.mktemp('onnx')
    (folder / 'with.onnx').write_bytes(model.SerializeToString())
    (covariances,) = (each for each in model.graph.output if each.name == 'covariances')
    model.graph.output.remove(covariances)
    (folder / 'without.onnx').write_bytes(model.SerializeToString())
    return folder, graph


@pytest.mark.parametrize('covariances', [False, True])
def test_onnx_answers_like_torch(onnx_files, covariances):
    folder, graph = onnx_files
    path = str(folder / ('with.onnx' if covariances else 'without.onnx'))
    model = OnnxLandmarkModel(path, covariances)
    assert model.input_size == (64, 64) and model.description.bbox_padding == 1.5
    crops = np.random.default_rng(2).integers(0, 255, (3, 64, 64, 3), np.uint8)
    found = model(crops)
    with torch.no_grad():
        keypoints, scores, expected, _ = graph(torch.from_numpy(crops))
    np.testing.assert_allclose(found.keypoints, keypoints, atol=1e-3)
    np.testing.assert_allclose(found.scores, scores, atol=1e-5)
    if covariances:
        np.testing.assert_allclose(found.covariances, expected, rtol=1e-2)
        assert OnnxLandmarkModel(path)(crops).covariances is None
    else:
        assert found.covariances is None


def test_onnx_without_covariances_is_explained(onnx_files):
    path = onnx_files[0] / 'without.onnx'
    with pytest.raises(
        UserError, match='--covariances: .*without.onnx has none; export it again wi'
    ):
        OnnxLandmarkModel(str(path), covariances=True)


def test_files_that_are_no_onnx_are_explained(tmp_path):
    pytest.importorskip('onnxruntime')
    (tmp_path / 'text.onnx').write_text('hello')
    for name, message in (('nowhere.onnx', 'does not exist'), ('text.onnx', 'cannot read')):
        with pytest.raises(UserError, match=f'--model: .*{message}'):
            OnnxLandmarkModel(str(tmp_path / name))


def test_onnx_computes_on_the_device(onnx_files, monkeypatch):
    import onnxruntime

    path = str(onnx_files[0] / 'with.onnx')
    assert OnnxLandmarkModel(path, device='cpu').input_size == (64, 64)
    cpu = 'CPUExecutionProvider'
    monkeypatch.setattr(onnxruntime, 'get_available_providers', lambda: [cpu])
    with pytest.raises(UserError, match='--model: device cuda:0: this onnxruntime has no CUDA'):
        OnnxLandmarkModel(path, device='cuda:0')


def test_onnx_that_falls_back_to_the_processor_is_explained(onnx_files, monkeypatch):
    import onnxruntime

    cuda, cpu = 'CUDAExecutionProvider', 'CPUExecutionProvider'
    session = onnxruntime.InferenceSession
    monkeypatch.setattr(onnxruntime, 'get_available_providers', lambda: [cuda, cpu])
    monkeypatch.setattr(
        onnxruntime, 'InferenceSession', lambda path, providers: session(path, providers=[cpu])
    )
    path = str(onnx_files[0] / 'with.onnx')
    with pytest.raises(UserError, match='--device cuda:0: ONNX Runtime cannot start CUDA'):
        OnnxLandmarkModel(path, device='cuda:0')
    assert OnnxLandmarkModel(path).input_size == (64, 64)

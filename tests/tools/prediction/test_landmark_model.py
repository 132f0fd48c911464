import copy
from dataclasses import replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.structures import InstanceData
from mmpose.apis import inference_topdown, init_model
from mmpose.codecs import UDPHeatmap
from mmpose.registry import MODELS
from mmpose.structures import PoseDataSample
from mmpose.structures.bbox import get_udp_warp_matrix, get_warp_matrix

from mmpose_multilat.codecs import KeyPosS, TwoHot
from mmpose_multilat.tools.command_line import UserError
from mmpose_multilat.tools.prediction.boxes import Box
from mmpose_multilat.tools.prediction.crops import (
    Cropper,
    join_regions,
    pipeline_of_config,
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
    assert found.coordinates.shape == (3, 68, 2) and found.covariances is None
    expected = inference_topdown(estimator, frame.picture, np.array([box.corners for box in boxes]))
    places = found.to_image(join_regions(crops)).coordinates
    for keypoints, scores, each in zip(places, found.scores, expected):
        answer = each.pred_instances
        np.testing.assert_allclose(keypoints, answer.keypoints[0], atol=1e-3)
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
    for each, same in zip(found, expected):
        np.testing.assert_allclose(each, same, rtol=1e-4, atol=1e-3)
    unknown = found.covariances.isnan().all(-1).all(-1)
    np.testing.assert_array_equal(unknown, found.scores == 0)
    assert TorchLandmarkModel(estimator, SIZE)(crops).covariances is None


def test_covariances_of_the_flip_test_are_averaged(crops):
    config = load_config()
    flips = {'model.test_cfg.flip_test': True, 'model.test_cfg.flip_mode': 'coordinates'}
    config.merge_from_dict({'model.type': 'MultilaterationPoseEstimator', **flips})
    estimator = init_model(config, None, device='cpu')
    torch.nn.init.normal_(estimator.head.final_layer.weight)
    found = TorchLandmarkModel(estimator, SIZE, covariances=True)(crops)
    decode = partial(estimator.head.decoder.locate_in_input, covariances=True)
    (_, trusted, plain), (_, others, mirrored) = (
        [part.numpy() for part in decode(with_heatmaps_of(estimator, each))]
        for each in (crops, np.ascontiguousarray(crops[:, :, ::-1]))
    )
    partners = list(estimator.dataset_meta['flip_indices'])
    both = (trusted > 0) & (others[:, partners] > 0)
    expected = (plain + mirrored[:, partners] * [[1, -1], [-1, 1]]) / 2
    assert both.any()
    np.testing.assert_allclose(found.covariances[both], expected[both], rtol=1e-3)


def test_selected_landmarks(estimator, crops):
    everything = TorchLandmarkModel(estimator, SIZE)(crops)
    estimator = copy.deepcopy(estimator)
    estimator.test_cfg['output_keypoint_indices'] = [30, 8]
    chosen = TorchLandmarkModel(estimator, SIZE)(crops)
    assert torch.equal(chosen.coordinates, everything.coordinates[:, [30, 8]])
    assert torch.equal(chosen.scores, everything.scores[:, [30, 8]])


def test_a_flip_test_without_pairs_is_explained(estimator):
    estimator = copy.deepcopy(estimator)
    estimator.test_cfg['flip_test'], estimator.dataset_meta = True, {}
    with pytest.raises(
        UserError, match=r'neither the checkpoint .*nor the config .*test_cfg.flip_test=False'
    ):
        TorchLandmarkModel(estimator, SIZE)


@pytest.mark.parametrize('flip_test', [False, True])
def test_heads_without_heatmaps(flip_test):
    """MMPose averages the vectors of RTMPose's head in its `predict`."""
    head = dict(
        type='RTMCCHead',
        in_channels=5,
        out_channels=5,
        input_size=(64, 64),
        in_featuremap_size=(8, 8),
        decoder=dict(type='SimCCLabel', input_size=(64, 64), sigma=4.9, use_dark=False),
    )
    estimator, partners = tiny_estimator(), [1, 0, 2, 4, 3]
    estimator.head = MODELS.build(head).eval()
    torch.nn.init.normal_(estimator.head.cls_x.weight)
    estimator.dataset_meta = dict(flip_indices=partners)
    estimator.test_cfg = dict(flip_test=flip_test)
    crops = np.random.default_rng(4).integers(0, 255, (2, 64, 64, 3), np.uint8)
    found = TorchLandmarkModel(estimator, (64, 64))(crops)
    size = np.array([64.0, 64.0])
    about = dict(input_size=size, input_center=size / 2, input_scale=size, flip_indices=partners)
    samples = [PoseDataSample(metainfo=about) for _ in crops]
    for sample in samples:
        sample.gt_instances = InstanceData(bboxes=np.zeros((1, 4)), bbox_scores=np.ones(1))
    inputs = [torch.from_numpy(crop) for crop in np.moveaxis(crops, -1, 1)]
    with torch.no_grad():
        answers = estimator.test_step(dict(inputs=inputs, data_samples=samples))
    for keypoints, answer in zip(found.coordinates, answers, strict=True):
        np.testing.assert_allclose(keypoints, answer.pred_instances.keypoints[0], atol=1e-4)


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
    matrix = (get_udp_warp_matrix if use_udp else get_warp_matrix)(
        crop.region.centre, crop.region.size, 0, SIZE
    )
    heatmaps = codec.encode(cv2.transform(landmarks, matrix).astype(np.float32))['heatmaps']
    monkeypatch.setattr(estimator.head, 'forward', lambda features: torch.tensor(heatmaps[None]))
    found = TorchLandmarkModel(estimator, SIZE)(crop.picture[None])
    # UDPHeatmap expands its blurred heatmap, which is not exact; a px of the input is 0.4 px here.
    tolerance = 0.05 if kind is UDPHeatmap else 0.01
    found = found.to_image(join_regions([crop])).coordinates
    np.testing.assert_allclose(found, landmarks, atol=tolerance)


@MODELS.register_module()
class TinyNetwork(torch.nn.Module):
    """Heatmaps straight from the picture."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.layer = torch.nn.Conv2d(3, 5, 8, stride=8)

    def forward(self, crops):
        return (self.layer(crops / 255),)


def tiny_estimator():
    head = dict(
        type='HeatmapHead',
        in_channels=5,
        out_channels=5,
        deconv_out_channels=None,
        final_layer=None,
        decoder=dict(type='KeyPosS', input_size=(64, 64), heatmap_size=(8, 8)),
    )
    normalisation = dict(mean=[9.0, 8, 7], std=[1.0, 1, 1], bgr_to_rgb=True)
    return MODELS.build(
        dict(
            type='TopdownPoseEstimator',
            data_preprocessor=dict(type='PoseDataPreprocessor', **normalisation),
            backbone=dict(type='TinyNetwork'),
            head=head,
        )
    ).eval()


@pytest.fixture(scope='module')
def onnx_files(tmp_path_factory):
    """A tiny network in two files, with and without covariances, and its graph."""
    for name in ('onnx', 'onnxscript', 'onnxruntime'):
        pytest.importorskip(name)
    from mmpose_multilat.deploy.building import build_graph
    from mmpose_multilat.deploy.export import export_onnx

    init_default_scope('mmpose')
    graph, description = build_graph(tiny_estimator(), raw=True)
    model = export_onnx(graph, replace(description, bbox_padding=1.5))
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
    np.testing.assert_allclose(found.coordinates, keypoints, atol=1e-3)
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

import copy
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from crop_pipelines import usual_pipeline
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.structures import InstanceData
from mmpose.apis import inference_topdown, init_model
from mmpose.codecs import UDPHeatmap
from mmpose.registry import MODELS
from mmpose.structures import PoseDataSample
from mmpose.structures.bbox import get_udp_warp_matrix, get_warp_matrix
from tiny_networks import tiny_estimator

from mmpose_multilat.codecs import KeyPosS, TwoHot
from mmpose_multilat.errors import UserError
from mmpose_multilat.inference.boxes import Box
from mmpose_multilat.inference.crops import join_regions
from mmpose_multilat.inference.frames import Frame
from mmpose_multilat.inference.inputs import Source
from mmpose_multilat.inference.pipeline_crops import PipelineCropper, pipeline_of_config
from mmpose_multilat.inference.torch_network import TorchNetwork

ROOT = Path(__file__).parents[2]
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


def image():
    return np.random.default_rng(0).integers(0, 255, (120, 160, 3), np.uint8)


@pytest.mark.parametrize('flip_test', [False, True])
def test_like_mmpose_from_the_image_to_its_landmarks(estimator, flip_test):
    estimator = copy.deepcopy(estimator)
    estimator.test_cfg['flip_test'] = flip_test
    frame = Frame(Source('image', 'a.jpg'), image())
    boxes = [Box(20, 10, 70, 80), Box(-10, 50, 33.5, 90), Box(0, 0, 160, 120)]
    cut = PipelineCropper(pipeline_of_config(estimator.cfg), estimator.dataset_meta)
    crops = [cut(frame, box) for box in boxes]
    found = TorchNetwork(estimator, SIZE)(np.stack([crop.image for crop in crops]))
    assert found.coordinates.shape == (3, 68, 2) and found.covariances is None
    expected = inference_topdown(estimator, frame.image, np.array([box.corners for box in boxes]))
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
    found = TorchNetwork(estimator, SIZE, covariances=True)(crops)
    assert found.covariances.shape == (2, 68, 2, 2)
    heatmaps = with_heatmaps_of(estimator, crops)
    expected = estimator.head.decoder.locate_in_input(heatmaps, covariances=True)
    for each, same in zip(found, expected):
        np.testing.assert_allclose(each, same, rtol=1e-4, atol=1e-3)
    unknown = np.isnan(found.covariances).all((-2, -1))
    np.testing.assert_array_equal(unknown, found.scores == 0)
    assert TorchNetwork(estimator, SIZE)(crops).covariances is None


def test_covariances_of_the_flip_test_are_averaged(crops):
    config = load_config()
    flips = {'model.test_cfg.flip_test': True, 'model.test_cfg.flip_mode': 'coordinates'}
    config.merge_from_dict({'model.type': 'MultilaterationPoseEstimator', **flips})
    estimator = init_model(config, None, device='cpu')
    torch.nn.init.normal_(estimator.head.final_layer.weight)
    found = TorchNetwork(estimator, SIZE, covariances=True)(crops)
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
    everything = TorchNetwork(estimator, SIZE)(crops)
    estimator = copy.deepcopy(estimator)
    estimator.test_cfg['output_keypoint_indices'] = [30, 8]
    chosen = TorchNetwork(estimator, SIZE)(crops)
    assert np.array_equal(chosen.coordinates, everything.coordinates[:, [30, 8]])
    assert np.array_equal(chosen.scores, everything.scores[:, [30, 8]])


def test_a_flip_test_without_pairs_is_explained(estimator):
    estimator = copy.deepcopy(estimator)
    estimator.test_cfg['flip_test'], estimator.dataset_meta = True, {}
    with pytest.raises(
        UserError, match=r'neither the checkpoint .*nor the config .*test_cfg.flip_test=False'
    ):
        TorchNetwork(estimator, SIZE)


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
    found = TorchNetwork(estimator, (64, 64))(crops)
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
    with pytest.raises(UserError, match='`covariances`: .* is TwoHot.*type=GaussianMLE'):
        TorchNetwork(estimator, SIZE, covariances=True)


@pytest.mark.parametrize('use_udp', [False, True])
@pytest.mark.parametrize('kind', [UDPHeatmap, KeyPosS])
def test_from_heatmaps_to_the_image(estimator, monkeypatch, kind, use_udp):
    """MMPose's UDPHeatmap answers for crops with `use_udp`, the codecs of this package for all."""
    alignment = {} if kind is UDPHeatmap else dict(alignment='udp')
    codec = kind(input_size=SIZE, heatmap_size=(64, 64), sigma=2, **alignment)
    estimator = copy.deepcopy(estimator)
    estimator.head.decoder, estimator.test_cfg['flip_test'] = codec, False
    cut = PipelineCropper(usual_pipeline(SIZE, use_udp=use_udp))
    crop = cut(Frame(Source('image', 'a.jpg'), image()), Box(20, 10, 70, 80))
    landmarks = np.random.default_rng(3).uniform((15, 10), (95, 90), (1, 68, 2))
    matrix = (get_udp_warp_matrix if use_udp else get_warp_matrix)(
        crop.region.centre, crop.region.size, 0, SIZE
    )
    heatmaps = codec.encode(cv2.transform(landmarks, matrix).astype(np.float32))['heatmaps']
    monkeypatch.setattr(estimator.head, 'forward', lambda features: torch.tensor(heatmaps[None]))
    found = TorchNetwork(estimator, SIZE)(crop.image[None])
    # UDPHeatmap expands its blurred heatmap, which is not exact; a px of the input is 0.4 px here.
    tolerance = 0.05 if kind is UDPHeatmap else 0.01
    found = found.to_image(join_regions([crop])).coordinates
    np.testing.assert_allclose(found, landmarks, atol=tolerance)

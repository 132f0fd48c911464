"""A model that cuts its crops itself, against OpenCV's crops and landmarks that are drawn."""

import numpy as np
import pytest
import torch
from deploy.drawn_crops import (
    INPUT_SIZE,
    PITCH,
    CellSampler,
    make_description,
    make_estimator,
)
from mmpose.datasets.transforms import GetBBoxCenterScale, TopdownAffine
from mmpose.models.data_preprocessors import PoseDataPreprocessor

from mmpose_multilat.codecs import GaussianMLE
from mmpose_multilat.datasets.synthetic import generate
from mmpose_multilat.deploy import Normalisation, OnnxModel, export_onnx, save, verify
from mmpose_multilat.deploy.image_graph import ImageGraph, cut_crops, regions_of
from mmpose_multilat.multilateration import encode_gaussian

BOXES = [[60.3, 70.7, 120, 131], [-30, 5, 100, 70], [150, 160, 210, 90]]
"""Inside, beyond the left side, beyond the lower right corner."""


def opencv_crop(image, box, size, use_udp):
    """What MMPose's transforms cut out, with their centre and scale."""
    x, y, width, height = box
    results = dict(
        img=image,
        bbox=np.array([[x, y, x + width, y + height]], np.float32),
        keypoints=np.zeros((1, 1, 2)),
    )
    results = GetBBoxCenterScale(padding=1.25).transform(results)
    return TopdownAffine(input_size=size, use_udp=use_udp).transform(results)


@pytest.mark.parametrize('size', [(128, 128), (96, 128)])
@pytest.mark.parametrize('use_udp', [False, True])
def test_crops_are_those_of_opencv(size, use_udp):
    """But for rounding of places that lie in the middle between two that OpenCV knows."""
    image = generate(seed=0, index=1).image
    regions = regions_of(torch.tensor(BOXES), 1.25, size, use_udp)
    found = cut_crops(torch.from_numpy(image), regions).numpy()
    for crop, box, centre, extent in zip(found, BOXES, regions.centre, regions.size):
        expected = opencv_crop(image, box, size, use_udp)
        np.testing.assert_allclose(centre, expected['input_center'], atol=1e-3)
        np.testing.assert_allclose(extent, expected['input_scale'], rtol=1e-5)
        difference = np.abs(crop - expected['img'].astype(np.float32))
        assert (difference == 0).mean() > 0.99
        assert difference.max() <= 8


def draw_image(landmarks, size, width):
    """(H, W, 3) uint8 image with a Gaussian of `width` px at each of (N, 3, 2) landmarks."""
    bumps = encode_gaussian(landmarks, size, width).amax(0)
    return (255 * bumps).round().to(torch.uint8).permute(1, 2, 0)


@pytest.fixture(scope='module')
def exported(tmp_path_factory):
    """A graph that takes images, and the file of it, which agree."""
    for package in ('onnx', 'onnxscript', 'onnxruntime'):
        pytest.importorskip(package)
    preprocessor = PoseDataPreprocessor(mean=[0.0] * 3, std=[255.0] * 3)
    estimator = make_estimator(GaussianMLE(INPUT_SIZE, (8, 8)), CellSampler)
    graph = ImageGraph(
        estimator,
        INPUT_SIZE,
        bbox_padding=1.25,
        normalisation=Normalisation(preprocessor),
        covariances=True,
    ).eval()
    description = make_description(input_type='image', channel_order='BGR')
    model = export_onnx(graph, description)
    agreements = verify(model, graph, description)
    assert len(agreements) == 4
    path = tmp_path_factory.mktemp('image') / 'image.onnx'
    save(model, path)
    return graph, path


@pytest.mark.parametrize('size, faces', [((320, 240), 1), ((500, 700), 3)])
def test_landmarks_are_in_px_of_the_image(exported, size, faces):
    """Crops are enlarged twofold, so that Gaussians in the image are half as wide."""
    corners = torch.tensor([[60.0, 40.0], [200.0, 400.0], [40.0, 300.0]])[:faces]
    side = 2 * INPUT_SIZE[0] / 1.25 / 4
    boxes = torch.cat((corners, torch.full((faces, 2), side)), -1)
    scale = side * 1.25 / INPUT_SIZE[0]
    regions = regions_of(boxes, 1.25, INPUT_SIZE)
    places = torch.tensor([[3.3, 3.6], [4.2, 3.1], [3.8, 4.4]]) * PITCH
    landmarks = regions.to_image(places.expand(faces, -1, -1))
    image = draw_image(landmarks, size, 2.0 * PITCH * scale)
    found = OnnxModel(exported[1]).locate(image.numpy(), boxes.numpy())
    assert found['covariances'].shape == (faces, 3, 2, 2)
    np.testing.assert_allclose(found['keypoints'], landmarks.numpy(), atol=0.5)
    with torch.no_grad():
        expected = exported[0](image, boxes)[0]
    np.testing.assert_allclose(found['keypoints'], expected.numpy(), atol=0.01)


def test_no_face_is_no_mistake(exported):
    found = OnnxModel(exported[1]).locate(np.zeros((20, 30, 3), np.uint8), np.zeros((0, 4)))
    assert found['keypoints'].shape == (0, 3, 2) and found['scores'].shape == (0, 3)


@pytest.mark.parametrize(
    'image, boxes, message',
    [
        (np.zeros((20, 30), np.uint8), [[0, 0, 9, 9]], r'must be uint8 \(H, W, 3\)'),
        (np.zeros((20, 30, 3)), [[0, 0, 9, 9]], 'must be uint8'),
        (np.zeros((20, 30, 3), np.uint8), [[0, 0, 0, 9]], 'w and h above 0'),
        (np.zeros((20, 30, 3), np.uint8), [[np.nan, 0, 9, 9]], 'must be finite'),
    ],
)
def test_unusable_inputs_are_refused(exported, image, boxes, message):
    with pytest.raises(ValueError, match=message):
        OnnxModel(exported[1]).locate(image, boxes)


def test_crops_are_refused_by_name(exported):
    with pytest.raises(ValueError, match=r'call locate\(image, boxes\), or export it without'):
        OnnxModel(exported[1]).predict(np.zeros((1, 256, 256, 3), np.uint8))

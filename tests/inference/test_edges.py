"""`predict --edges`: which landmarks listen to which, drawn into the image."""

import argparse

import numpy as np
import pytest
import torch
from mmpose.registry import MODELS
from torch import nn

from mmpose_multilat.errors import UserError
from mmpose_multilat.inference.batches import predict_frames
from mmpose_multilat.inference.boxes import Box
from mmpose_multilat.inference.crops import Crop
from mmpose_multilat.inference.face_drawing import draw_faces
from mmpose_multilat.inference.faces import Face
from mmpose_multilat.inference.frames import Frame
from mmpose_multilat.inference.inputs import IMAGE, Source
from mmpose_multilat.inference.loading import load_network
from mmpose_multilat.inference.networks import Answer
from mmpose_multilat.inference.torch_network import TorchNetwork
from mmpose_multilat.landmarks import CropGeometry
from mmpose_multilat.tools.predict_checks import check_arguments

SIZE, CELLS, LANDMARKS = (64, 48), (16, 12), 4
HEATMAPS = dict(
    type='HeatmapHead',
    in_channels=3,
    out_channels=LANDMARKS,
    deconv_out_channels=None,
    decoder=dict(type='KeyPosS', input_size=SIZE, heatmap_size=CELLS),
)


@MODELS.register_module()
class PooledCells(nn.Module):
    """A backbone: the mean colours of the cells."""

    def forward(self, crops):
        return (nn.functional.adaptive_avg_pool2d(crops, CELLS[::-1]),)


def estimator_of(head, **test_cfg):
    torch.manual_seed(0)
    return MODELS.build(
        dict(
            type='MultilaterationPoseEstimator',
            data_preprocessor=dict(type='PoseDataPreprocessor'),
            backbone=dict(type='PooledCells'),
            head=head,
            test_cfg=test_cfg,
        )
    ).eval()


def crops(count=2):
    return np.random.default_rng(0).integers(256, size=(count, 48, 64, 3), dtype=np.uint8)


@pytest.mark.parametrize('chosen', [None, [3, 1]])
def test_edges_are_those_of_the_head(chosen):
    settings = {} if chosen is None else dict(output_keypoint_indices=chosen)
    estimator = estimator_of(dict(type='GraphRefinementHead', base_head=HEATMAPS), **settings)
    images = crops()
    found = TorchNetwork(estimator, SIZE, edges=True)(images).edges
    assert TorchNetwork(estimator, SIZE)(images).edges is None
    pixels = torch.from_numpy(images).permute(0, 3, 1, 2).float()
    _, expected = estimator.head.locate(PooledCells()(pixels), output_edges=True)
    order = list(range(LANDMARKS)) if chosen is None else chosen
    np.testing.assert_allclose(found, expected.detach().numpy()[:, order][..., order], rtol=1e-5)


def test_a_head_without_graph_and_an_exported_file_are_refused():
    with pytest.raises(UserError, match='`edges`: HeatmapHead has no graph'):
        TorchNetwork(estimator_of(HEATMAPS), SIZE, edges=True)
    with pytest.raises(UserError, match='exported files tell no edges'):
        load_network('file.onnx', edges=True)


def test_edges_without_drawing_are_refused():
    with pytest.raises(UserError, match='--edges needs --draw'):
        check_arguments(argparse.Namespace(edges=True, draw=False, batch_size=1, max_frames=None))


class Network:
    """Its edges are the first pixels of the crop."""

    def __call__(self, crops):
        landmarks = np.zeros((len(crops), 4, 2)), np.ones((len(crops), 4))
        return Answer(*landmarks, edges=crops[:, :4, :4, 0])


def test_every_face_gets_the_edges_of_its_own_crop():
    region = CropGeometry(np.zeros(2), np.ones(2), SIZE)
    faces = predict_frames(
        [Frame(Source(IMAGE, str(i)), image, i) for i, image in enumerate(crops(3))],
        lambda frame: [Box(0, 0, 64, 48)] * 2,
        lambda frame, box: Crop(frame.image, region),
        Network(),
        4,
    )
    for result, image in zip(faces, crops(3), strict=True):
        assert len(result.faces) == 2
        for face in result.faces:
            assert np.array_equal(face.edges, image[:4, :4, 0])


def test_edges_are_drawn_below_the_landmarks():
    keypoints = np.array([[10.0, 10], [50, 10], [50, 40], [10, 40]])
    edges = np.roll(np.eye(4), 1, axis=1)
    image = np.zeros((60, 80, 3), np.uint8)
    images = [
        draw_faces(image, [Face(Box(0, 0, 80, 60), keypoints, np.ones(4), edges=each)])
        for each in (None, edges)
    ]
    assert not images[0][10, 30].any() and images[1][10, 30].any()
    assert np.array_equal(*(each[10, 10] for each in images))

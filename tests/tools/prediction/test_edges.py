"""`predict --edges`: which landmarks listen to which, drawn into the image."""

import argparse

import numpy as np
import pytest
import torch
from mmpose.registry import MODELS
from torch import nn

from mmpose_multilat.tools.command_line import UserError
from mmpose_multilat.tools.prediction.batches import Face, FrameFaces, predict_frames
from mmpose_multilat.tools.prediction.boxes import Box
from mmpose_multilat.tools.prediction.checks import check_arguments
from mmpose_multilat.tools.prediction.drawings import draw_faces
from mmpose_multilat.tools.prediction.frames import Frame
from mmpose_multilat.tools.prediction.inputs import PICTURE, Source
from mmpose_multilat.tools.prediction.landmark_model import TorchLandmarkModel, edges_of

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


def model_of(head, **test_cfg):
    torch.manual_seed(0)
    estimator = MODELS.build(
        dict(
            type='MultilaterationPoseEstimator',
            data_preprocessor=dict(type='PoseDataPreprocessor'),
            backbone=dict(type='PooledCells'),
            head=head,
            test_cfg=test_cfg,
        )
    )
    return TorchLandmarkModel(estimator.eval(), SIZE)


def crops(count=2):
    return np.random.default_rng(0).integers(256, size=(count, 48, 64, 3), dtype=np.uint8)


@pytest.mark.parametrize('chosen', [None, [3, 1]])
def test_edges_are_those_of_the_head(chosen):
    settings = {} if chosen is None else dict(output_keypoint_indices=chosen)
    model = model_of(dict(type='GraphRefinementHead', base_head=HEATMAPS), **settings)
    images = crops()
    found = edges_of(model)(images)
    pixels = torch.from_numpy(images).permute(0, 3, 1, 2).float()
    _, expected = model.head.locate(PooledCells()(pixels), output_edges=True)
    order = list(range(LANDMARKS)) if chosen is None else chosen
    np.testing.assert_allclose(found, expected.detach().numpy()[:, order][..., order], rtol=1e-5)


def test_a_head_without_graph_and_an_exported_file_are_refused():
    with pytest.raises(UserError, match='HeatmapHead has no graph'):
        edges_of(model_of(HEATMAPS))
    with pytest.raises(UserError, match='exported files tell no edges'):
        edges_of(object())


def test_edges_without_drawing_are_refused():
    with pytest.raises(UserError, match='--edges needs --draw'):
        check_arguments(argparse.Namespace(edges=True, draw=False))


def test_every_face_gets_the_edges_of_its_own_crop():
    class Crop:
        def __init__(self, picture):
            self.picture = picture

    class Found(tuple):
        def to_image(self, regions):
            return self

    frames = [Frame(Source(PICTURE, str(i)), image, i) for i, image in enumerate(crops(3))]
    faces = predict_frames(
        frames,
        lambda frame: [Box(0, 0, 64, 48)] * 2,
        lambda frame, box: Crop(frame.picture),
        lambda pictures: Found((torch.zeros(len(pictures), 4, 2), torch.ones(len(pictures), 4))),
        4,
        lambda pictures: pictures[:, :4, :4, 0],
    )
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr('mmpose_multilat.tools.prediction.batches.join_regions', lambda crops: None)
        for frame, result in zip(frames, faces):
            assert len(result.faces) == 2
            for face in result.faces:
                assert np.array_equal(face.edges, frame.picture[:4, :4, 0])


def test_edges_are_drawn_below_the_landmarks():
    keypoints = np.array([[10.0, 10], [50, 10], [50, 40], [10, 40]])
    edges = np.roll(np.eye(4), 1, axis=1)
    frame = Frame(Source(PICTURE, 'image'), np.zeros((60, 80, 3), np.uint8), 0)
    pictures = [
        draw_faces(FrameFaces(frame, [Face(Box(0, 0, 80, 60), keypoints, np.ones(4), edges=each)]))
        for each in (None, edges)
    ]
    assert not pictures[0][10, 30].any() and pictures[1][10, 30].any()
    assert np.array_equal(*(each[10, 10] for each in pictures))

"""Number and type of an image's channels are those of network and pipeline, everywhere."""

import cv2
import numpy as np
import pytest
import torch
from crop_pipelines import usual_pipeline
from mmcv.transforms import Compose
from mmpose.registry import MODELS
from pass_samples import LANDMARKS, SIZE, heatmaps_by

from mmpose_multilat.analysis import measure_complexity
from mmpose_multilat.datasets.transforms.random_occlusion import FILLS, occlude
from mmpose_multilat.deploy import build_graph
from mmpose_multilat.deploy.model_input import to_model_input
from mmpose_multilat.deploy.probes import face_crops, random_crops
from mmpose_multilat.engine.hooks import check_heatmap_size
from mmpose_multilat.inference.boxes import Box
from mmpose_multilat.inference.frames import read_frames
from mmpose_multilat.inference.inputs import Source
from mmpose_multilat.inference.pipeline_crops import PipelineCropper
from mmpose_multilat.inference.problems import Problems
from mmpose_multilat.inference.readings import GREY, STORED
from mmpose_multilat.models.pose_estimators import image_channels
from mmpose_multilat.visualization import as_colour, draw_landmarks

ORDERS = {1: 'GREY', 2: '', 3: 'BGR', 4: 'BGRA'}
EVERY_NUMBER = pytest.mark.parametrize('channels', list(ORDERS))


def make_network(channels, **preprocessing):
    """An untrained network whose images have so many channels."""
    config = dict(
        type='TopdownPoseEstimator',
        data_preprocessor=dict(
            type='PoseDataPreprocessor', mean=[114.0], std=[58.0], **preprocessing
        ),
        backbone=dict(type='ResNet', depth=18, base_channels=4, in_channels=channels),
        head=dict(heatmaps_by('KeyPosS'), in_channels=32),
    )
    torch.manual_seed(0)
    return MODELS.build(config).eval()


def make_image(kind=np.uint8, channels=3, side=80):
    """Smooth noise over the whole range of its type; floating point numbers up to 1."""
    random = np.random.default_rng(0).uniform(0, 1, (side, side, channels))
    smooth = cv2.GaussianBlur(random, (0, 0), 3).reshape(side, side, channels)
    highest = 1 if np.dtype(kind).kind == 'f' else np.iinfo(kind).max
    return (smooth * highest).astype(kind)


@EVERY_NUMBER
def test_networks_of_any_number_of_channels(channels):
    model = make_network(channels)
    assert image_channels(model) == channels
    check_heatmap_size(model)
    assert measure_complexity(model, SIZE).gflops > 0


def test_a_data_preprocessor_for_colour_goes_before_the_first_convolution():
    """Behind a layer that puts pixels side by side, the first convolution has more channels."""
    assert image_channels(make_network(12, bgr_to_rgb=True)) == 3


@EVERY_NUMBER
@pytest.mark.parametrize('raw', [False, True])
def test_exported_graphs_see_what_the_network_sees(channels, raw):
    model = make_network(channels)
    graph, description = build_graph(model, raw=raw)
    assert (description.channels, description.channel_order) == (channels, ORDERS[channels])
    crops = np.stack([make_image(channels=channels)[: SIZE[1], : SIZE[0]]] * 2)
    inputs = torch.from_numpy(to_model_input(crops, description))
    assert random_crops(description, 2).shape == face_crops(description, 2).shape == inputs.shape
    images = [torch.from_numpy(each).permute(2, 0, 1) for each in crops]
    with torch.no_grad():
        expected = model.data_preprocessor(dict(inputs=images, data_samples=[]))['inputs']
        torch.testing.assert_close(graph(inputs)[-1], model(expected, None))


def test_a_network_that_cannot_take_its_own_crops_is_named():
    with pytest.raises(ValueError, match='64 x 32 px with 3 channels.*data_preprocessor'):
        build_graph(make_network(1, bgr_to_rgb=True))


@pytest.mark.parametrize(
    'color_type, kind, channels',
    [
        (GREY, np.uint8, 3),
        (STORED, np.uint8, 1),
        (STORED, np.uint16, 1),
        (STORED, np.uint16, 3),
        (STORED, np.uint8, 4),
        (STORED, np.float32, 1),
        ('color_ignore_orientation', np.uint16, 3),
    ],
)
def test_predict_shows_the_network_what_a_test_shows_it(tmp_path, color_type, kind, channels):
    suffix = '.tif' if kind == np.float32 else '.png'
    path = str(tmp_path / f'a{suffix}')
    cv2.imwrite(path, make_image(kind, channels))
    pipeline = usual_pipeline(SIZE, color_type=color_type)
    cut, problems = PipelineCropper(pipeline, channels=channels), Problems()
    (frame,) = read_frames([Source('image', path)], problems, reading=cut.reading)
    assert frame.image.shape == (80, 80, 3) and frame.image.dtype == np.uint8
    box = np.array([[10, 5, 70, 75]], np.float32)
    tested = Compose(usual_pipeline(SIZE, color_type=color_type))(
        dict(img_path=path, bbox=box, bbox_score=np.ones(1, np.float32))
    )
    found = cut(frame, Box(10, 5, 60, 70)).image
    np.testing.assert_array_equal(found, tested['inputs'].permute(1, 2, 0).numpy())
    assert found.shape[-1] == (1 if color_type == GREY else channels)


def test_stored_images_with_other_channels_are_skipped_by_name(tmp_path, capsys):
    path = str(tmp_path / 'grey.png')
    cv2.imwrite(path, make_image(channels=1))
    problems = Problems()
    reading = PipelineCropper(usual_pipeline(SIZE, color_type=STORED), channels=4).reading
    assert not list(read_frames([Source('image', path)], problems, reading=reading))
    assert problems.count == 1
    assert 'grey.png: has channels: 1, the network takes 4' in capsys.readouterr().err


@pytest.mark.parametrize('fill', FILLS)
@pytest.mark.parametrize('kind', [np.uint16, np.float32])
@pytest.mark.parametrize('channels', [1, 4])
def test_occlusions_are_as_bright_as_their_image(fill, kind, channels):
    image = make_image(kind, channels)
    np.random.seed(0)
    part = occlude(image, (10, 10, 40, 40), fill)[10:50, 10:50]
    assert part.dtype == image.dtype
    assert image.min() <= part.min() and part.max() <= image.max()
    assert abs(part.mean() / image.mean() - 1) < 0.5


@pytest.mark.parametrize('kind', [np.uint8, np.uint16, np.float32])
@EVERY_NUMBER
def test_every_image_can_be_drawn(kind, channels):
    image = make_image(kind, channels)
    points = np.random.default_rng(0).uniform(20, 60, (LANDMARKS, 2))
    for each in (image, image[..., 0]):
        image = as_colour(each)
        assert image.shape == (80, 80, 3) and image.dtype == np.uint8
        assert image.std() > 1
        assert draw_landmarks(each, points, points, side=50).shape == (50, 50, 3)
    colour = make_image()
    np.testing.assert_array_equal(as_colour(colour), colour)

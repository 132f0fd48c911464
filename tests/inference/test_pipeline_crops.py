import cv2
import numpy as np
import pytest
from crop_pipelines import usual_pipeline
from mmengine.config import Config
from mmpose.structures.bbox import get_udp_warp_matrix, get_warp_matrix

from mmpose_multilat.codecs import GaussianVector, KeyPosS
from mmpose_multilat.errors import UserError
from mmpose_multilat.inference.boxes import Box
from mmpose_multilat.inference.crops import join_regions
from mmpose_multilat.inference.frames import Frame
from mmpose_multilat.inference.inputs import Source
from mmpose_multilat.inference.pipeline_crops import (
    PipelineCropper,
    input_size_of,
    pipeline_of_config,
)

SIZE = 64, 32


def frame(image):
    return Frame(Source('image', 'a.jpg'), image)


def ramp():
    """An image whose first two channels are the coordinates of each pixel."""
    y, x = np.mgrid[:120, :200].astype(np.uint8)
    return np.stack((x, y, x), -1)


def test_landmarks_come_back_to_where_the_pixel_was():
    crop = PipelineCropper(usual_pipeline(SIZE))(frame(ramp()), Box(60, 40, 48, 16))
    assert crop.image.shape == (32, 64, 3) and crop.image.dtype == np.uint8
    places = np.array([[10, 5], [32, 16], [50, 27]])
    shown = np.array([crop.image[y, x, :2] for x, y in places])
    # The content of a pixel tells where it was, to within its rounding.
    np.testing.assert_allclose(crop.region.to_image(places), shown, atol=0.51)


def test_region_is_the_padded_box_with_the_shape_of_the_input():
    crop = PipelineCropper(usual_pipeline(SIZE))(frame(ramp()), Box(60, 40, 48, 16))
    np.testing.assert_allclose(crop.region.centre, (84, 48))
    np.testing.assert_allclose(crop.region.size, (60, 30))
    crop = PipelineCropper(usual_pipeline(SIZE, use_udp=True))(frame(ramp()), Box(60, 40, 48, 16))
    np.testing.assert_allclose(crop.region.size, (60, 30))
    crop = PipelineCropper(usual_pipeline(SIZE, padding=2.0))(frame(ramp()), Box(60, 40, 16, 16))
    np.testing.assert_allclose(crop.region.size, (64, 32))


@pytest.mark.parametrize('use_udp', [False, True])
@pytest.mark.parametrize('alignment', ['msra', 'udp'])
@pytest.mark.parametrize('kind', [KeyPosS, GaussianVector])
def test_landmarks_come_back_through_crop_and_codec(kind, alignment, use_udp):
    """The crop is cut by MMPose, so that its matrix says where a landmark comes to lie."""
    cut = PipelineCropper(usual_pipeline(SIZE, use_udp=use_udp))
    crop = cut(frame(ramp()), Box(60, 40, 48, 16))
    assert crop.region.use_udp == use_udp
    landmarks = np.array([[[56.3, 34.1], [84, 48], [112.7, 61.9]]])
    matrix = (get_udp_warp_matrix if use_udp else get_warp_matrix)(
        crop.region.centre, crop.region.size, 0, SIZE
    )
    exact = dict(rounded=False, refine='exact') if kind is GaussianVector else {}
    codec = kind(SIZE, (32, 16), sigma=1.5, alignment=alignment, **exact)
    encoded = codec.encode(cv2.transform(landmarks, matrix).astype(np.float32))
    names = ['keypoint_x_labels', 'keypoint_y_labels'] if exact else ['heatmaps']
    (found,), _ = codec.decode(*(encoded[name].reshape(-1, *codec_shape(name)) for name in names))
    np.testing.assert_allclose(crop.region.to_image(found), landmarks[0], atol=0.01)


def codec_shape(name):
    """Shape of a landmark's labels for heatmaps of 32 x 16 cells."""
    return dict(heatmaps=(16, 32), keypoint_x_labels=(32,), keypoint_y_labels=(16,))[name]


@pytest.mark.parametrize('box', [Box(0, 0, 1, 1), Box(-500, -500, 1000, 1000), Box(0, 0, 1e6, 1e6)])
def test_every_usable_box_gives_finite_landmarks(box):
    crop = PipelineCropper(usual_pipeline(SIZE))(frame(ramp()[:1, :1]), box)
    assert np.isfinite(crop.region.to_image(np.array([[0.0, 0], [63, 31]]))).all()


@pytest.mark.parametrize('use_udp', [False, True])
def test_regions_of_a_batch(use_udp):
    cut = PipelineCropper(usual_pipeline(SIZE, use_udp=use_udp))
    crops = [cut(frame(ramp()), box) for box in (Box(60, 40, 48, 16), Box(0, 10, 20, 90))]
    places = np.array([[[3.0, 4.0], [50, 27]], [[0, 0], [63, 31]]])
    found = join_regions(crops).to_image(places)
    expected = [crop.region.to_image(each) for crop, each in zip(crops, places)]
    np.testing.assert_allclose(found, expected)


def test_samples_that_do_not_tell_their_input_size_are_a_mistake():
    pipeline = usual_pipeline(SIZE)
    pipeline[-1]['meta_keys'] = ('input_center', 'input_scale')
    with pytest.raises(UserError, match='meta_keys input_center, input_scale, input_size'):
        PipelineCropper(pipeline)(frame(ramp()), Box(0, 0, 9, 9))


def test_transforms_get_the_meta_information_and_may_change_the_image():
    def turn(results):
        return {**results, 'img': np.flip(results['img'], results['flip_indices'])}

    pipeline = usual_pipeline((200, 120), padding=1.0)
    pipeline.insert(1, turn)
    crop = PipelineCropper(pipeline, dict(flip_indices=[1]))(frame(ramp()), Box(0, 0, 200, 120))
    np.testing.assert_array_equal(crop.image[1:, 1:], cv2.flip(ramp(), 1)[1:, 1:])


def test_a_pipeline_that_does_not_crop_is_a_mistake():
    pipeline = [dict(type='LoadImage'), dict(type='PackPoseInputs')]
    with pytest.raises(UserError, match='does not crop faces'):
        PipelineCropper(pipeline)(frame(ramp()), Box(0, 0, 9, 9))
    with pytest.raises(UserError, match='has no TopdownAffine'):
        input_size_of(pipeline)


def test_pipeline_of_a_config():
    pipeline = usual_pipeline(SIZE)
    config = Config(dict(test_dataloader=dict(dataset=dict(pipeline=pipeline))))
    assert input_size_of(pipeline_of_config(config)) == SIZE
    with pytest.raises(UserError, match='has no test_dataloader.dataset.pipeline'):
        pipeline_of_config(Config(dict(test_dataloader=dict(dataset=dict()))))

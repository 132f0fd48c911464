"""The public way in, on an exported network and on the config and checkpoint that it is from."""

import cv2
import numpy as np
import pytest
import torch
from crop_pipelines import usual_pipeline
from tiny_networks import TINY, tiny_estimator

from mmpose_multilat import inference
from mmpose_multilat.errors import UserError
from mmpose_multilat.inference import Box, FaceLandmarker, OneEuroSettings, whole_image
from mmpose_multilat.inference.frames import Frame
from mmpose_multilat.inference.inputs import Source
from mmpose_multilat.inference.pipeline_crops import PipelineCropper

BOXES = [[20, 10, 40, 50], [60.5, 30, 33, 44]]
IMAGES = np.random.default_rng(0).integers(0, 256, (3, 90, 120, 3), np.uint8)


@pytest.fixture(scope='module')
def exported(exported_networks):
    return exported_networks[0] / 'with.onnx'


@pytest.fixture(scope='module')
def trained(tmp_path_factory):
    """Config and checkpoint of the same network, cut for in the same way."""
    folder = tmp_path_factory.mktemp('trained')
    pipeline = usual_pipeline((64, 64), padding=1.5)
    (folder / 'tiny.py').write_text(
        f'model = {TINY}\ntest_dataloader = dict(dataset=dict(pipeline={pipeline}))\n'
    )
    torch.save(tiny_estimator().state_dict(), folder / 'tiny.pth')
    return folder / 'tiny.py', folder / 'tiny.pth'


def test_faces_are_what_the_network_finds_in_mmpose_crops(exported_networks, exported):
    found = FaceLandmarker(exported, covariances=True)(IMAGES[0], BOXES)
    cut = PipelineCropper(usual_pipeline((64, 64), padding=1.5))
    frame = Frame(Source('image', ''), IMAGES[0])
    for face, numbers in zip(found, BOXES, strict=True):
        crop = cut(frame, Box(*numbers))
        with torch.no_grad():
            keypoints, scores, errors, _ = exported_networks[1](torch.from_numpy(crop.image[None]))
        assert face.box == Box(*numbers)
        landmarks = crop.region.to_image(keypoints.numpy()[0])
        np.testing.assert_allclose(face.landmarks, landmarks, atol=1e-3)
        np.testing.assert_allclose(face.scores, scores[0], atol=1e-5)
        covariances = crop.region.covariance_to_image(errors.numpy()[0])
        np.testing.assert_allclose(face.covariances, covariances, rtol=1e-2)
        assert face.track is face.smoothed is face.edges is None


def test_config_and_checkpoint_find_what_their_exported_file_finds(exported, trained):
    expected = FaceLandmarker(str(exported))(IMAGES[0], BOXES)
    found = FaceLandmarker(*trained, device='cpu')(IMAGES[0], BOXES)
    for face, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(face.landmarks, other.landmarks, atol=1e-3)
        assert face.covariances is other.covariances is None


@pytest.mark.parametrize('batch_size', [1, 2, 32])
def test_batches_and_boxes_of_many_images(exported, tmp_path, batch_size):
    landmarker = FaceLandmarker(exported, batch_size=batch_size)
    path = tmp_path / 'a.png'
    cv2.imwrite(str(path), IMAGES[1])
    boxes = [BOXES, [], np.array(BOXES[1:])]
    found = list(landmarker.predict([IMAGES[0], IMAGES[2], path], boxes))
    assert [len(faces) for faces in found] == [2, 0, 1]
    (expected,) = landmarker(IMAGES[1], BOXES[1:])
    np.testing.assert_allclose(found[2][0].landmarks, expected.landmarks, atol=1e-4)


def test_images_are_read_no_further_than_needed(exported):
    taken = []

    def images():
        for image in IMAGES:
            taken.append(1)
            yield image

    results = FaceLandmarker(exported, detector=whole_image, batch_size=1).predict(images())
    assert len(next(results)) == 1 and len(taken) == 1


def test_a_detector_finds_faces_and_its_empty_boxes_are_none(exported):
    def detect(image):
        assert image is IMAGES[0] or image.base is IMAGES
        return np.array([[20, 10, 40, 50, 0.75], [1, 1, 0, 0, 0.9], [500, 1, 9, 9, 0.9]])

    (face,) = FaceLandmarker(exported, detector=detect)(IMAGES[0])
    assert face.box == Box(20, 10, 40, 50, 0.75)


def test_the_detector_of_opencv_is_asked_unless_told_otherwise(exported, monkeypatch):
    monkeypatch.setattr(
        inference.OpenCVDetector, '__call__', lambda self, image: [Box(5, 6, 30, 30)]
    )
    landmarker = FaceLandmarker(exported)
    assert [face.box for face in landmarker(IMAGES[0])] == [Box(5, 6, 30, 30)]
    assert [face.box.x for face in landmarker(IMAGES[0], BOXES)] == [20, 60.5]


def film(folder):
    """A video of a face-sized pattern that moves, and its frames as OpenCV reads them."""
    path, pattern = folder / 'film.avi', IMAGES[0].repeat(2, 0).repeat(2, 1)[:64, :64]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 10.0, (160, 120))
    for index in range(4):
        frame = np.zeros((120, 160, 3), np.uint8)
        frame[20:84, 2 * index : 2 * index + 64] = pattern
        writer.write(frame)
    writer.release()
    capture, frames = cv2.VideoCapture(str(path)), []
    while (read := capture.read())[0]:
        frames.append(read[1])
    return path, frames


def test_a_film_is_followed_by_path_and_by_images(exported, tmp_path):
    path, frames = film(tmp_path)
    settings = OneEuroSettings(min_cutoff=0.5)
    landmarker = FaceLandmarker(exported, detector=whole_image)
    found = list(landmarker.track(path, smoothing=settings))
    assert len(found) == len(frames) == 4
    for (face,), (other,), (plain,) in zip(
        found, landmarker.track(frames, 10.0, settings), landmarker.predict(frames), strict=True
    ):
        assert face.track == other.track == 0
        np.testing.assert_array_equal(face.landmarks, plain.landmarks)
        np.testing.assert_allclose(face.smoothed, other.smoothed, atol=1e-6)
    assert (found[3][0].smoothed != found[3][0].landmarks).any()


def test_faces_are_drawn_into_a_copy(exported):
    landmarker = FaceLandmarker(exported)
    image = IMAGES[0].copy()
    drawn = landmarker.draw(image, landmarker(image, BOXES))
    assert (drawn != image).any() and (image == IMAGES[0]).all()


def test_mistakes_are_value_errors_that_name_the_argument(exported):
    with pytest.raises(ValueError, match='`batch_size` 0 must be positive'):
        FaceLandmarker(exported, batch_size=0)
    with pytest.raises(UserError, match='image 0 must be uint8'):
        FaceLandmarker(exported)(IMAGES[0] / 255)

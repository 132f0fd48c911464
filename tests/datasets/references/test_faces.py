"""Crops of reference faces against MMPose's own pipeline, and which face looks straight ahead."""

import cv2
import numpy as np
import pytest
from mmcv.transforms import Compose
from mmpose.datasets.transforms import GetBBoxCenterScale, LoadImage, RandomFlip, TopdownAffine
from reference_samples import TRAIN, change_annotations, copied, dataset_of

from mmpose_multilat.datasets.references import ReferenceFaces, face_key, flipped, reduced
from mmpose_multilat.datasets.references.shapes import distances_to_mean
from mmpose_multilat.landmarks import scheme_of

PARTNERS = scheme_of(68).flip_indices


@pytest.fixture(scope='module')
def faces(drawn_faces):
    return ReferenceFaces(dataset_of(drawn_faces), (64, 48))


def test_a_crop_is_that_of_a_test_pipeline(faces):
    steps = LoadImage(), GetBBoxCenterScale(1.25), TopdownAffine((64, 48))
    results = Compose(list(steps))(faces.dataset.get_data_info(3))
    face = faces[3]
    np.testing.assert_array_equal(face.image, results['img'].transpose(2, 0, 1))
    np.testing.assert_array_equal(face.landmarks, results['transformed_keypoints'][0])
    assert face.image.dtype == np.uint8 and face.landmarks.dtype == np.float32
    np.testing.assert_array_equal(face.visible, np.ones(68, np.float32))
    assert len(faces) == TRAIN


def test_landmarks_without_label(drawn_faces, tmp_path):
    folder = copied(drawn_faces, tmp_path)

    def hide(annotations):
        annotations[0]['keypoints'][3 * 5] = float('nan')
        annotations[0]['keypoints'][3 * 7 + 2] = 0

    change_annotations(folder, 'train', hide)
    faces = ReferenceFaces(dataset_of(folder, indices=1))
    assert np.flatnonzero(faces[0].visible == 0).tolist() == [5, 7]
    assert np.isfinite(faces[0].landmarks).all()
    with pytest.raises(ValueError, match="use 'random'"):
        faces.neutral()


def test_flipping_a_crop_is_flipping_the_face_before_it_is_cut(drawn_faces):
    """On a square image whose box is the whole image, so that the crop is the image."""
    faces = ReferenceFaces(dataset_of(drawn_faces), (64, 64))
    face = faces[2]
    results = dict(
        img=face.image.transpose(1, 2, 0),
        img_shape=(64, 64),
        keypoints=face.landmarks[None].copy(),
        keypoints_visible=face.visible[None],
        flip_indices=PARTNERS,
    )
    expected = RandomFlip(prob=1.0)(results)
    found = flipped(face, PARTNERS, 'horizontal')
    np.testing.assert_array_equal(found.image.transpose(1, 2, 0), expected['img'])
    np.testing.assert_array_equal(found.landmarks, expected['keypoints'][0])
    again = flipped(found, PARTNERS, 'horizontal')
    np.testing.assert_array_equal(again.image, face.image)
    np.testing.assert_allclose(again.landmarks, face.landmarks, atol=1e-5)


def test_a_flipped_landmark_keeps_its_visibility(faces):
    visible = np.ones(68, np.float32)
    visible[0] = 0
    found = flipped(faces[0]._replace(visible=visible), PARTNERS, 'horizontal')
    assert np.flatnonzero(found.visible == 0).tolist() == [16]


def test_a_reduced_image_has_lost_its_detail(faces):
    face = faces[0]
    found = reduced(face, 16)
    assert found.image.shape == face.image.shape and found.landmarks is face.landmarks

    def detail(image):
        return cv2.Laplacian(image.mean(0), cv2.CV_64F).std()

    assert detail(found.image) < detail(face.image) / 2
    np.testing.assert_allclose(found.image.mean(), face.image.mean(), atol=2)


def test_no_face_is_on_the_image_of_its_target(faces):
    path = faces.dataset.get_data_info(7)['img_path']
    assert faces.of_other_images(path).tolist() == [i for i in range(TRAIN) if i != 7]
    assert faces.of_other_images('elsewhere.jpg').tolist() == list(range(TRAIN))


def test_a_dataset_of_one_image_has_no_reference_for_it(drawn_faces):
    faces = ReferenceFaces(dataset_of(drawn_faces, indices=1))
    with pytest.raises(ValueError, match='dataset of more images'):
        faces.of_other_images(faces.dataset.get_data_info(0)['img_path'])
    with pytest.raises(ValueError, match='on another image'):
        faces.neutral(faces.dataset.get_data_info(0)['img_path'])


def test_a_key_names_a_face_wherever_its_data_lie():
    info = dict(img_path='/here/a.jpg', bbox=np.array([[1, 2, 30.04, 40]], np.float32))
    assert face_key(info) == 'a.jpg 1.0 2.0 30.0 40.0'
    assert face_key({**info, 'img_path': '/there/a.jpg'}) == face_key(info)
    assert face_key({**info, 'bbox': info['bbox'] + 1}) != face_key(info)


def test_the_digest_tells_faces_and_their_order(drawn_faces):
    one, same, fewer = (
        ReferenceFaces(dataset_of(drawn_faces, indices=count)).digest for count in (5, 5, 4)
    )
    assert one == same != fewer


def test_the_neutral_face_is_the_nearest_to_the_symmetric_mean(faces):
    """By a loop over the faces."""
    shapes = []
    for index in range(TRAIN):
        shape = faces.dataset.get_data_info(index)['keypoints'][0].astype(float)
        shape = shape - shape.mean(0)
        shapes.append(shape / np.sqrt((shape**2).sum(1).mean()))
    mirrored = [shape[list(PARTNERS)] * (-1, 1) for shape in shapes]
    mean = np.mean(shapes + mirrored, axis=0)
    distances = [((shape - mean) ** 2).sum() for shape in shapes]
    first, second = np.argsort(distances)[:2]
    assert faces.neutral() == first
    assert faces.neutral(faces.dataset.get_data_info(int(first))['img_path']) == second


def test_place_and_size_do_not_make_a_shape_another():
    partners = (1, 0, 2)
    face = np.array([[-1.0, 0], [1, 0], [0, 1]])
    turned = np.array([[-1.0, 0.5], [1, -0.5], [0, 1]])
    shapes = np.stack([face, face * 7 + (30, -5), turned])
    first, second, third = distances_to_mean(shapes, partners)
    assert first == pytest.approx(second) and third > first


@pytest.mark.parametrize(('argument', 'value'), [('size', 128), ('padding', 0)])
def test_bad_arguments_are_refused(drawn_faces, argument, value):
    with pytest.raises(ValueError, match=f'^{argument}='):
        ReferenceFaces(dataset_of(drawn_faces), **{argument: value})

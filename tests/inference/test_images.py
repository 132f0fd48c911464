import cv2
import numpy as np
import pytest

from mmpose_multilat.errors import UserError
from mmpose_multilat.inference.boxes import Box
from mmpose_multilat.inference.images import frame_of, frames_of, frames_of_film
from mmpose_multilat.inference.readings import GREY, IN_COLOUR, STORED, reading_as

COLOUR_IMAGE = np.random.default_rng(0).integers(0, 256, (30, 40, 3), np.uint8)
GREY_IMAGE = COLOUR_IMAGE[..., 0].copy()
IN_GREY, WITH_ALPHA = reading_as(GREY, 1), reading_as(STORED, 4)


def test_an_array_in_colour_is_taken_as_it_is():
    frame = frame_of(COLOUR_IMAGE, IN_COLOUR, 'image 3')
    assert frame.image is COLOUR_IMAGE and frame.shown is None and frame.boxes is None
    assert frame.name == 'image 3' and not frame.source.moves


def test_grey_and_colour_become_what_the_network_wants():
    assert (frame_of(GREY_IMAGE, IN_COLOUR, '').image == GREY_IMAGE[..., None]).all()
    assert frame_of(GREY_IMAGE, IN_GREY, '').shown is GREY_IMAGE
    shown = frame_of(COLOUR_IMAGE, IN_GREY, '').shown
    np.testing.assert_array_equal(shown, cv2.cvtColor(COLOUR_IMAGE, cv2.COLOR_BGR2GRAY))


def test_stored_images_keep_their_channels():
    image = np.dstack((COLOUR_IMAGE, GREY_IMAGE))
    frame = frame_of(image, WITH_ALPHA, '')
    assert frame.shown is image
    np.testing.assert_array_equal(frame.image, COLOUR_IMAGE)
    with pytest.raises(UserError, match='image 0 has channels: 3, the network takes 4'):
        frame_of(COLOUR_IMAGE, WITH_ALPHA, 'image 0')


@pytest.mark.parametrize(
    'image, message',
    [
        (COLOUR_IMAGE / 255, r'image 0 must be uint8 .* got float64 \(30, 40, 3\)'),
        (np.dstack((COLOUR_IMAGE, GREY_IMAGE)), r'got uint8 \(30, 40, 4\)'),
        (COLOUR_IMAGE[None], r'got uint8 \(1, 30, 40, 3\)'),
        (GREY_IMAGE[0], r'got uint8 \(40,\)'),
        (COLOUR_IMAGE[:0], 'is empty'),
        ('nowhere.jpg', 'nowhere.jpg cannot be read: No such file'),
    ],
)
def test_images_that_cannot_be_used_are_named(image, message):
    with pytest.raises(UserError, match=message):
        list(frames_of([image], IN_COLOUR))


def test_files(tmp_path):
    cv2.imwrite(str(tmp_path / 'a.png'), COLOUR_IMAGE)
    (frame,) = frames_of([tmp_path / 'a.png'], IN_COLOUR)
    np.testing.assert_array_equal(frame.image, COLOUR_IMAGE)
    assert frame.name == str(tmp_path / 'a.png')


def test_boxes_belong_to_their_images():
    frames = frames_of([COLOUR_IMAGE] * 3, IN_COLOUR, [[(1, 2, 3, 4)], None, []])
    assert [frame.boxes for frame in frames] == [(Box(1, 2, 3, 4),), None, ()]


@pytest.mark.parametrize('count', [0, 1, 3])
def test_as_many_boxes_as_images(count):
    with pytest.raises(UserError, match='`boxes` must hold one list for each image'):
        list(frames_of([COLOUR_IMAGE] * 2, IN_COLOUR, [[]] * count))


def test_boxes_that_cannot_be_used_are_named():
    with pytest.raises(UserError, match=r'a box of image 1 .* \[0, 0, 0, 4\] is empty'):
        list(frames_of([COLOUR_IMAGE] * 2, IN_COLOUR, [[], [(0, 0, 0, 4)]]))


def test_a_film_of_images_has_times():
    frames = list(frames_of_film([COLOUR_IMAGE] * 3, IN_COLOUR, 10.0))
    assert [frame.time for frame in frames] == [0, 0.1, 0.2]
    assert [frame.index for frame in frames] == [0, 1, 2]
    assert len({frame.source for frame in frames}) == 1 and frames[0].source.moves
    with pytest.raises(UserError, match='`rate` 0 must be above 0'):
        list(frames_of_film([COLOUR_IMAGE], IN_COLOUR, 0))


def test_a_film_that_cannot_be_read_is_an_error(tmp_path):
    (tmp_path / 'film.mp4').write_text('hello')
    for film in (tmp_path / 'film.mp4', str(tmp_path / 'no.mp4')):
        with pytest.raises(UserError, match='is no video that OpenCV can read'):
            list(frames_of_film(film, IN_COLOUR, 25.0))


def test_a_webcam_that_is_not_there_is_an_error():
    with pytest.raises(UserError, match='99 there is no such webcam'):
        list(frames_of_film(99, IN_COLOUR, 25.0))

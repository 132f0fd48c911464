"""Every image and film comes upright, whichever format a camera has stored it in."""

import io
import struct

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps, features

from mmpose_multilat.inference.frames import read_frames
from mmpose_multilat.inference.image_files import read_image
from mmpose_multilat.inference.inputs import find_sources
from mmpose_multilat.inference.orientation import ORIENTATION, turn_upright
from mmpose_multilat.inference.problems import Problems

IMAGE = np.full((40, 80, 3), 250, np.uint8)
IMAGE[:, :40] = 30, 60, 220
IMAGE[:20] //= 2
"""Four quarters of different colours, so that no two orientations look alike."""

TURNED = dict(jpg='JPEG', mpo='MPO', png='PNG', webp='WEBP', tiff='TIFF', avif='AVIF')
"""Formats that say how the camera was held, by their endings."""


def stored(suffix, orientation):
    """The bytes of a file whose header has the orientation, and the image by Pillow, upright."""
    if suffix == 'avif' and not features.check('avif'):
        pytest.skip('this Pillow writes no AVIF')
    exif, file = Image.Exif(), io.BytesIO()
    exif[ORIENTATION] = orientation
    Image.fromarray(IMAGE).save(file, TURNED[suffix], exif=exif, quality=95)
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(file.getvalue())))
    return file.getvalue(), np.asarray(upright.convert('RGB'))[..., ::-1]


@pytest.mark.parametrize('orientation', range(1, 9))
@pytest.mark.parametrize('suffix', TURNED)
def test_images_of_every_format_come_upright(tmp_path, suffix, orientation):
    content, expected = stored(suffix, orientation)
    path = tmp_path / f'image.{suffix}'
    path.write_bytes(content)
    found = read_image(str(path))
    assert found.shape == expected.shape == ((40, 80, 3) if orientation < 5 else (80, 40, 3))
    # JPEG, WebP and AVIF lose a little, more at the edges of the quarters.
    assert np.median(np.abs(found.astype(int) - expected)) < 6
    assert found.flags.c_contiguous


@pytest.mark.parametrize('orientation', range(1, 9))
def test_turning_undoes_what_exif_describes(orientation):
    expected = Image.fromarray(IMAGE)
    expected.getexif()[ORIENTATION] = orientation
    expected = np.asarray(ImageOps.exif_transpose(expected))
    np.testing.assert_array_equal(turn_upright(IMAGE, orientation), expected)


def test_an_orientation_that_does_not_exist_changes_nothing(tmp_path):
    content, _ = stored('png', 9)
    (tmp_path / 'image.png').write_bytes(content)
    np.testing.assert_array_equal(read_image(str(tmp_path / 'image.png')), IMAGE[..., ::-1])


@pytest.mark.parametrize('name', ['image.HEIC', 'image.dng', 'image.jxl'])
def test_what_opencv_does_not_read_is_named(tmp_path, name):
    (tmp_path / name).write_bytes(b'as a camera writes it')
    with pytest.raises(ValueError, match='which OpenCV does not read; save it as JPEG or PNG'):
        read_image(str(tmp_path / name))


def test_the_preview_in_raw_data_is_not_taken_for_the_image(tmp_path):
    (tmp_path / 'image.dng').write_bytes(cv2.imencode('.tiff', IMAGE)[1].tobytes())
    with pytest.raises(ValueError, match="is a camera's raw data"):
        read_image(str(tmp_path / 'image.dng'))


MATRICES = {
    0: (1, 0, 0, 1),
    90: (0, 1, -1, 0),
    180: (-1, 0, 0, -1),
    270: (0, -1, 1, 0),
}
"""How the header of a film turns its frames, by degrees clockwise."""


@pytest.fixture(params=MATRICES)
def film(request, tmp_path):
    """A film with a dark upper left quarter as stored, and how its header turns it."""
    path = tmp_path / 'film.mp4'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'mp4v'), 25, (320, 256))
    frame = np.full((256, 320, 3), 200, np.uint8)
    frame[:128, :160] = 20
    for _ in range(2):
        writer.write(frame)
    writer.release()
    content = bytearray(path.read_bytes())
    place = content.find(b'tkhd') + 4
    place += 4 + (32 if content[place] else 20) + 16  # the matrix of the track's header
    a, b, c, d = (each * 0x10000 for each in MATRICES[request.param])
    content[place : place + 36] = struct.pack('>9i', a, b, 0, c, d, 0, 0, 0, 0x40000000)
    path.write_bytes(content)
    return str(path), np.rot90(frame, -request.param // 90)


@pytest.mark.parametrize('default', [0, 1])
def test_films_come_upright_whatever_opencv_does_by_itself(film, monkeypatch, default):
    path, expected = film
    capture = cv2.VideoCapture

    def open_with_default(source):
        opened = capture(source)
        opened.set(cv2.CAP_PROP_ORIENTATION_AUTO, default)
        return opened

    monkeypatch.setattr(cv2, 'VideoCapture', open_with_default)
    frames = list(read_frames(find_sources([path]), Problems()))
    assert len(frames) == 2
    for frame in frames:
        assert frame.image.shape == expected.shape
        assert np.median(np.abs(frame.image.astype(int) - expected)) < 6


class OldCapture:
    """An OpenCV that knows how a film is stored, and turns nothing."""

    kind = cv2.VideoCapture

    def __init__(self, source):
        self.capture = self.kind(source)

    def __getattr__(self, name):
        return getattr(self.capture, name)

    def set(self, setting, value):
        return False

    def get(self, setting):
        return 0.0 if setting == cv2.CAP_PROP_ORIENTATION_AUTO else self.capture.get(setting)


def test_a_film_that_cannot_be_turned_is_named(film, monkeypatch):
    path, _ = film
    degrees = cv2.VideoCapture(path).get(cv2.CAP_PROP_ORIENTATION_META) % 360
    monkeypatch.setattr(cv2, 'VideoCapture', OldCapture)
    problems, said = Problems(), []
    problems.show = said.append
    assert len(list(read_frames(find_sources([path]), problems))) == 2
    assert problems.count == len(said) == (degrees != 0)
    assert all(f'is stored turned by {degrees:.0f} degrees' in line for line in said)

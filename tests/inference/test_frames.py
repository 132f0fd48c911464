import struct

import cv2
import numpy as np
import pytest
from mmpose.datasets.transforms import LoadImage

from mmpose_multilat.inference import frames
from mmpose_multilat.inference.frames import count_frames, read_frames
from mmpose_multilat.inference.image_files import LARGEST_SIDE, read_image
from mmpose_multilat.inference.inputs import Source
from mmpose_multilat.inference.problems import Problems

RAMP = np.add.outer(np.arange(40), np.arange(60)).astype(np.uint8)
COLOUR = np.stack((RAMP, 2 * RAMP, 255 - RAMP), -1)


class Recorder(Problems):
    def __init__(self):
        super().__init__()
        self.lines = []
        self.show = self.lines.append


def write(path, image, *settings):
    path.write_bytes(cv2.imencode(path.suffix, image, *settings)[1].tobytes())
    return str(path)


def write_video(path, count, rate=25.0, size=(64, 48)):
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'mp4v'), rate, size)
    for index in range(count):
        writer.write(np.full((size[1], size[0], 3), 20 * index, np.uint8))
    writer.release()
    return Source('video', str(path))


def with_orientation(jpeg, orientation):
    """A JPEG file with EXIF data of one entry behind its first two bytes."""
    entry = struct.pack('<HHIHH', 0x0112, 3, 1, orientation, 0)
    exif = b'Exif\0\0' + struct.pack('<2sHIH', b'II', 42, 8, 1) + entry + struct.pack('<I', 0)
    return jpeg[:2] + b'\xff\xe1' + struct.pack('>H', len(exif) + 2) + exif + jpeg[2:]


@pytest.mark.parametrize(
    'image, expected',
    [
        (COLOUR, COLOUR),
        (RAMP, RAMP[..., None].repeat(3, -1)),
        (COLOUR.astype(np.uint16) * 257, COLOUR),
        (np.dstack((COLOUR, RAMP)), COLOUR),
        (COLOUR[:1, :1], COLOUR[:1, :1]),
    ],
    ids=['colour', 'grey', '16 bits', 'transparent', 'one px'],
)
def test_every_kind_of_png_becomes_8_bit_bgr(tmp_path, image, expected):
    read = read_image(write(tmp_path / 'ä 顔.png', image))
    assert read.dtype == np.uint8
    np.testing.assert_array_equal(read, expected)


def test_images_are_those_of_mmpose_and_turned_as_exif_says(tmp_path):
    path = tmp_path / 'turned.jpg'
    jpeg = cv2.imencode('.jpg', COLOUR)[1].tobytes()
    path.write_bytes(with_orientation(jpeg, 6))
    plain = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    read = read_image(str(path))
    np.testing.assert_array_equal(read, cv2.rotate(plain, cv2.ROTATE_90_CLOCKWISE))
    np.testing.assert_array_equal(read, LoadImage()(dict(img_path=str(path)))['img'])


@pytest.mark.parametrize('suffix', ['.jpg', '.png', '.webp'])
def test_truncated_files_are_refused(tmp_path, suffix):
    path = tmp_path / f'half{suffix}'
    noise = np.random.default_rng(0).integers(0, 255, (50, 50, 3), np.uint8)
    content = cv2.imencode(suffix, noise)[1].tobytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(ValueError, match='no image that OpenCV can read, or not complete'):
        read_image(str(path))


@pytest.mark.parametrize('suffix', ['.tiff', '.TIF', '.pfm'])
@pytest.mark.parametrize('channels', [1, 3])
def test_floating_point_images_are_refused(tmp_path, suffix, channels):
    image = (RAMP / 255)[..., None].repeat(channels, -1).astype(np.float32)
    with pytest.raises(ValueError, match='holds float32 numbers; save it with 8 or 16 bits'):
        read_image(write(tmp_path / f'deep{suffix}', image))


@pytest.mark.parametrize('kind, factor', [(np.uint8, 1), (np.uint16, 257)])
def test_tiff_of_8_and_16_bits_is_read(tmp_path, kind, factor):
    read = read_image(write(tmp_path / 'a.tif', COLOUR.astype(kind) * kind(factor)))
    np.testing.assert_array_equal(read, COLOUR)


@pytest.mark.parametrize('content', [b'', b'not an image\n'])
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / 'text.jpg'
    path.write_bytes(content)
    with pytest.raises(ValueError, match='OpenCV can'):
        read_image(str(path))


def test_a_file_that_is_gone_is_refused(tmp_path):
    with pytest.raises(ValueError, match='cannot be read: No such file'):
        read_image(str(tmp_path / 'gone.jpg'))


def test_images_larger_than_crops_can_be_cut_from_are_refused(tmp_path):
    limit = LARGEST_SIDE
    assert read_image(write(tmp_path / 'a.png', np.zeros((1, limit, 3), np.uint8))) is not None
    with pytest.raises(ValueError, match=f'{limit + 1} x 1 px.*up to {limit} px'):
        read_image(write(tmp_path / 'b.png', np.zeros((1, limit + 1, 3), np.uint8)))


def test_the_limit_is_that_of_opencv():
    matrix, limit = np.eye(2, 3), LARGEST_SIDE
    cv2.warpAffine(np.zeros((1, limit, 3), np.uint8), matrix, (4, 4))
    with pytest.raises(cv2.error):
        cv2.warpAffine(np.zeros((1, limit + 1, 3), np.uint8), matrix, (4, 4))


def test_frames_of_a_video_have_numbers_and_times(tmp_path):
    problems = Recorder()
    source = write_video(tmp_path / 'film.mp4', 6, rate=12.5)
    read = list(read_frames([source], problems))
    assert [frame.index for frame in read] == list(range(6))
    np.testing.assert_allclose([frame.time for frame in read], np.arange(6) / 12.5, atol=1e-3)
    assert {frame.rate for frame in read} == {12.5}
    values = [frame.image.mean() for frame in read]
    np.testing.assert_allclose(values, 20 * np.arange(6), atol=6)
    assert problems.count == 0 and not problems.lines


def test_only_some_frames(tmp_path):
    problems = Recorder()
    source = write_video(tmp_path / 'film.mp4', 6)
    assert len(list(read_frames([source], problems, most=4))) == 4
    assert not problems.lines


class NoTimes:
    """A video whose file holds no times, and fewer frames than it announces."""

    def __init__(self, source):
        self.left = 3

    def get(self, name):
        return {cv2.CAP_PROP_FRAME_COUNT: 5, cv2.CAP_PROP_FPS: 0}.get(name, 0.0)

    def set(self, name, value):
        return False

    def read(self):
        self.left -= 1
        return self.left >= 0, np.zeros((4, 4, 3), np.uint8)

    def release(self):
        pass


def test_without_times_frames_follow_each_other_at_the_usual_rate(monkeypatch):
    monkeypatch.setattr(frames.cv2, 'VideoCapture', NoTimes)
    problems = Recorder()
    read = list(read_frames([Source('video', 'film.avi')], problems))
    np.testing.assert_allclose([frame.time for frame in read], [0, 0.04, 0.08])
    assert problems.count == 0
    assert problems.lines == ['note: film.avi announces 5 frames, 3 could be read']


def test_what_cannot_be_read_is_reported_and_skipped(tmp_path):
    good = write(tmp_path / 'good.png', COLOUR)
    for name in ('bad.jpg', 'bad.mp4'):
        (tmp_path / name).write_text('hello')
    empty = write_video(tmp_path / 'empty.mp4', 0)
    problems = Recorder()
    sources = [
        Source('image', str(tmp_path / 'bad.jpg')),
        Source('video', str(tmp_path / 'bad.mp4')),
        empty,
        Source('webcam', '987'),
        Source('image', good),
    ]
    assert [frame.name for frame in read_frames(sources, problems)] == [good]
    assert problems.count == 4
    assert 'bad.jpg: is no image' in problems.lines[0]
    assert 'bad.mp4: is no video' in problems.lines[1]
    assert 'empty.mp4: is no video that OpenCV can read, or holds no frame' in problems.lines[2]
    assert 'skipped 987: there is no such webcam' in problems.lines[3]


def test_count(tmp_path):
    film, image = write_video(tmp_path / 'film.mp4', 6), Source('image', 'a.jpg')
    webcam = Source('webcam', '0')
    assert count_frames([image, film, image]) == 8
    assert count_frames([image, film], most=4) == 5
    assert count_frames([image, webcam]) is None
    assert count_frames([image, webcam], most=4) == 5
    assert count_frames([Source('video', str(tmp_path / 'gone.mp4'))]) == 0

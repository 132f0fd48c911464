import cv2
import numpy as np
import pytest
from PIL import Image

from mmpose_multilat.datasets.face.checks.pictures import read_picture, read_pictures

WIDTH, HEIGHT = 40, 30


@pytest.fixture
def pixels():
    return np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)


def write(path, pixels):
    assert cv2.imwrite(str(path), pixels)
    return path


@pytest.mark.parametrize('suffix', ['.jpg', '.png', '.bmp', '.webp'])
def test_sound_pictures(tmp_path, pixels, suffix):
    state = read_picture(write(tmp_path / f'a{suffix}', pixels))
    assert state.problem == '' and state.size == (WIDTH, HEIGHT)


@pytest.mark.parametrize('suffix', ['.jpg', '.png'])
@pytest.mark.parametrize('part', [0.1, 0.5, 0.95])
def test_truncated_pictures(tmp_path, pixels, suffix, part):
    path = write(tmp_path / f'a{suffix}', pixels)
    content = path.read_bytes()
    path.write_bytes(content[: int(part * len(content))])
    state = read_picture(path)
    assert state.problem.startswith('cannot be read completely') and state.size is None


def test_bytes_behind_the_end_are_allowed(tmp_path, pixels):
    path = write(tmp_path / 'a.jpg', pixels)
    path.write_bytes(path.read_bytes() + b'camera data')
    assert read_picture(path).problem == ''


@pytest.mark.parametrize('content', [b'', b'not an image', b'\xff\xd8\xff\xd9'])
def test_other_files(tmp_path, content):
    (tmp_path / 'a.jpg').write_bytes(content)
    assert read_picture(tmp_path / 'a.jpg').problem == 'is no image that OpenCV can read'


def test_missing_files(tmp_path):
    (tmp_path / 'link.jpg').symlink_to(tmp_path / 'gone.jpg')
    assert read_picture(tmp_path / 'a.jpg').problem == 'is missing'
    assert read_picture(tmp_path / 'link.jpg').problem == 'link to a missing file'
    assert read_picture(tmp_path).problem.startswith('cannot be read: ')


def test_the_size_is_that_of_the_turned_picture(tmp_path, pixels):
    """MMPose's reader turns images as their EXIF data say, so that the sides change places."""
    exif = Image.Exif()
    exif[0x0112] = 6  # Orientation: turn by 90 degrees
    Image.fromarray(pixels).save(tmp_path / 'a.jpg', exif=exif)
    assert read_picture(tmp_path / 'a.jpg').size == (HEIGHT, WIDTH)


def test_the_digest_stands_for_the_content(tmp_path, pixels):
    paths = [write(tmp_path / name, pixels) for name in ('a.jpg', 'b.jpg')]
    paths.append(write(tmp_path / 'c.jpg', pixels[::-1]))
    first, copy, other = (read_picture(path).digest for path in paths)
    assert first == copy != other


@pytest.mark.parametrize('workers', [1, 3])
def test_answers_come_in_order(tmp_path, workers):
    paths = []
    for side in range(4, 24):
        paths.append(write(tmp_path / f'{side}.png', np.zeros((side, side), np.uint8)))
    sizes = [state.size for state in read_pictures(paths, workers)]
    assert sizes == [(side, side) for side in range(4, 24)]

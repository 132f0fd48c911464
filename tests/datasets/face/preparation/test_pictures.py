import cv2
import numpy as np
import pytest
from PIL import Image
from raw_releases import write_picture

from mmpose_multilat.datasets.face.preparation.pictures import Pictures, picture_size
from mmpose_multilat.datasets.face.preparation.raw_data import RawDataError


@pytest.fixture
def source(tmp_path):
    path = tmp_path / 'raw' / 'face.jpg'
    write_picture(path, 0)
    return path


@pytest.fixture
def folders(tmp_path):
    staging, out = tmp_path / 'staging', tmp_path / 'out'
    staging.mkdir()
    out.mkdir()
    return staging, out


@pytest.mark.parametrize('suffix', ['jpg', 'png'])
@pytest.mark.parametrize('orientation', [None, 1, 3, 6, 8])
def test_size_is_that_of_opencv(tmp_path, suffix, orientation):
    path = tmp_path / f'picture.{suffix}'
    exif = Image.Exif()
    if orientation:
        exif[0x0112] = orientation
    Image.new('RGB', (40, 30)).save(path, exif=exif)
    height, width = cv2.imread(str(path)).shape[:2]
    assert picture_size(path) == (width, height)
    if suffix == 'jpg':
        assert (width, height) == ((30, 40) if orientation in (6, 8) else (40, 30))


def test_missing_and_unreadable_pictures_are_named(tmp_path):
    with pytest.raises(RawDataError, match=r'none\.jpg: there is no such image'):
        picture_size(tmp_path / 'none.jpg')
    for content in (b'', b'no image', b'\xff\xd8\xff\xe0'):
        (tmp_path / 'broken.jpg').write_bytes(content)
        with pytest.raises(RawDataError, match=r'broken\.jpg: is no readable image'):
            picture_size(tmp_path / 'broken.jpg')


def test_link(source, folders, monkeypatch):
    steps = []
    pictures = Pictures(*folders, progress=lambda: steps.append(1))
    monkeypatch.chdir(source.parent)
    assert pictures.add(source.relative_to(source.parent), 'images/a/b.jpg') == (64, 64)
    target = folders[0] / 'images/a/b.jpg'
    assert target.is_symlink() and target.readlink() == source
    assert pictures.sizes == {'images/a/b.jpg': (64, 64)}
    assert len(steps) == 1


def test_copy(source, folders):
    Pictures(*folders, copy=True).add(source, 'b.jpg')
    assert not (folders[0] / 'b.jpg').is_symlink()
    assert (folders[0] / 'b.jpg').read_bytes() == source.read_bytes()


def test_the_same_picture_again_is_no_step(source, folders):
    steps = []
    pictures = Pictures(*folders, progress=lambda: steps.append(1))
    assert pictures.add(source, 'b.jpg') == pictures.add(source, 'b.jpg')
    assert len(steps) == 1


def test_two_pictures_of_one_name(source, folders):
    pictures = Pictures(*folders)
    pictures.add(source, 'b.jpg')
    with pytest.raises(RawDataError, match=r'other\.jpg: a second image for b\.jpg'):
        pictures.add(source.with_name('other.jpg'), 'b.jpg')


@pytest.mark.parametrize('name', ['/b.jpg', '../b.jpg', 'images/../../b.jpg'])
def test_no_picture_outside_the_data_set(source, folders, name):
    with pytest.raises(ValueError, match='outside the folder'):
        Pictures(*folders).add(source, name)


def test_pictures_in_place_are_left_alone(source, folders):
    staging, out = folders
    (out / 'linked.jpg').symlink_to(source)
    pictures = Pictures(source.parent, out)
    pictures.add(source, 'linked.jpg')
    # The raw release stands where the dataset will stand.
    Pictures(staging, source.parent, copy=True).add(source, source.name)
    assert not list(staging.iterdir())
    assert [path.name for path in source.parent.iterdir()] == [source.name]


def test_a_copy_replaces_a_link(source, folders):
    staging, out = folders
    (out / 'linked.jpg').symlink_to(source)
    Pictures(staging, out, copy=True).add(source, 'linked.jpg')
    assert (staging / 'linked.jpg').is_file() and not (staging / 'linked.jpg').is_symlink()


def test_no_links_allowed(source, folders, monkeypatch):
    def refuse(*args, **kwargs):
        raise OSError(1, 'Operation not permitted')

    monkeypatch.setattr('pathlib.Path.symlink_to', refuse)
    with pytest.raises(OSError, match='not permitted.*--pictures copy'):
        Pictures(*folders).add(source, 'b.jpg')


@pytest.mark.parametrize('shape', [(20, 30), (20, 30, 3)])
def test_save(folders, shape):
    image = np.full(shape, 77, np.uint8)
    image[:10] = 200
    pictures = Pictures(*folders)
    assert pictures.save(image, 'images/000001.jpg') == (30, 20)
    assert pictures.sizes == {'images/000001.jpg': (30, 20)}
    read = cv2.imread(str(folders[0] / 'images/000001.jpg'), cv2.IMREAD_UNCHANGED)
    assert np.abs(read.astype(int) - image).max() <= 2
    with pytest.raises(ValueError, match='already'):
        pictures.save(image, 'images/000001.jpg')

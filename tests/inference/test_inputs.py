import os

import cv2
import numpy as np
import pytest

from mmpose_multilat.errors import UserError
from mmpose_multilat.inference.inputs import (
    Source,
    find_sources,
    places_below_common_folder,
)
from mmpose_multilat.inference.problems import Problems


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name in (
        'b.jpg',
        'a.PNG',
        'film.mp4',
        'notes.txt',
        '.hidden.jpg',
        'sub/c.jpg',
        'sub/x.csv',
    ):
        path = tmp_path / 'in' / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / 'in' / 'folder.jpg').mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(*words):
    return [(source.kind, source.name) for source in find_sources(words)]


A, B, FILM = ('image', 'in/a.PNG'), ('image', 'in/b.jpg'), ('video', 'in/film.mp4')


def test_a_folder_is_its_images_and_videos_by_name(folder):
    assert found('in') == [A, B, FILM]


def test_order_is_that_of_the_words_and_nothing_comes_twice(folder):
    assert found('in/b.jpg', '1', 'in', '01', str(folder / 'in' / 'a.PNG')) == [
        B,
        ('webcam', '1'),
        A,
        FILM,
    ]


def test_webcams(folder):
    assert found('0', '2147483647', '0' * 5000 + '7') == [
        ('webcam', '0'),
        ('webcam', '2147483647'),
        ('webcam', '7'),
    ]


def test_patterns(folder):
    assert found('in/*') == [A, B, FILM]
    assert found('in/**/*.jpg') == [B, ('image', 'in/sub/c.jpg')]


def test_a_file_comes_before_a_pattern_and_a_webcam(folder):
    (folder / '0').touch()
    (folder / 'a[1].jpg').touch()
    assert found('0', 'a[1].jpg') == [('image', '0'), ('image', 'a[1].jpg')]


def test_a_file_that_is_named_is_read_whatever_its_name(folder):
    """As what it is."""
    assert found('in/notes.txt') == [('image', 'in/notes.txt')]
    image = np.zeros((8, 8, 3), np.uint8)
    (folder / 'image.dat').write_bytes(cv2.imencode('.png', image)[1].tobytes())
    writer = cv2.VideoWriter('film.mp4', cv2.VideoWriter_fourcc(*'mp4v'), 25, (64, 48))
    writer.write(np.zeros((48, 64, 3), np.uint8))
    writer.release()
    os.rename('film.mp4', 'film.dat')
    assert found('image.dat', 'film.dat') == [('image', 'image.dat'), ('video', 'film.dat')]


PHONE = {
    'image': ('a.jpg', 'b.AVIF', 'c.webp', 'd.HEIC', 'e.heif', 'f.dng', 'g.mpo'),
    'video': ('h.mp4', 'i.3gp', 'j.MOV', 'k.gif', 'l.mts'),
}


def test_nothing_of_a_phone_is_left_out_without_a_word(tmp_path, monkeypatch):
    """What cannot be read, as HEIC, is a source too, so that it is named when it is to be read."""
    monkeypatch.chdir(tmp_path)
    for name in (*PHONE['image'], *PHONE['video'], '.nomedia'):
        (tmp_path / name).touch()
    problems, said = Problems(), []
    problems.show = said.append
    for words in (['.'], ['*']):
        sources = find_sources(words, problems)
        for kind, names in PHONE.items():
            assert [each.name for each in sources if each.kind == kind] == list(names)
    assert said == []


def test_other_files_and_folders_are_counted(folder):
    for name in ('x.json', 'y.pdf', 'z.doc'):
        (folder / 'in' / name).touch()
    problems, said = Problems(), []
    problems.show = said.append
    assert len(find_sources(['in', 'in/b.jpg'], problems)) == 3
    assert said == [
        'note: the folder in: left out 4 files not named as images or videos (notes.txt, x.json, '
        'y.pdf, ...) and 2 folders (folder.jpg, sub)'
    ]
    assert problems.count == 0


@pytest.mark.parametrize(
    'word, message',
    [
        ('nowhere.jpg', 'nowhere.jpg does not exist'),
        ('in/*.tiff', 'the pattern in/\\*.tiff holds no image'),
        ('in/folder.jpg', 'the folder in/folder.jpg holds no image'),
        ('-1', '-1 does not exist'),
        ('2147483648', '2147483648 is no file, and as index of a webcam above 2147483647'),
        ('9' * 5000, '9{20} is no file, and as index of a webcam above'),
    ],
)
def test_what_leads_to_nothing_is_a_mistake(folder, word, message):
    with pytest.raises(UserError, match=message):
        find_sources([word])


def test_places_keep_the_folders_below_the_common_one(folder):
    sources = find_sources(['in', 'in/sub/c.jpg', '2'])
    places = [path.as_posix() for path in places_below_common_folder(sources).values()]
    assert places == ['a.PNG', 'b.jpg', 'film.mp4', 'sub/c.jpg', 'webcam2']


def test_places_of_one_file_and_of_webcams(folder):
    (place,) = places_below_common_folder([Source('image', 'in/b.jpg')]).values()
    assert place.as_posix() == 'b.jpg'
    (place,) = places_below_common_folder([Source('webcam', '0')]).values()
    assert place.as_posix() == 'webcam0'

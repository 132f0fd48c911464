import numpy as np
import pytest

from mmpose_multilat.visualization import worst_faces_page
from mmpose_multilat.visualization.worst_faces import CAPTION_HEIGHT, SIDE


def face(shade):
    points = np.array([[20.0, 20.0], [80.0, 80.0]])
    return np.full((100, 100, 3), shade, np.uint8), points + 5, points


@pytest.mark.parametrize('count, rows, columns', [(1, 1, 1), (3, 1, 3), (5, 2, 4)])
def test_every_face_has_its_place(count, rows, columns):
    images, predicted, true = zip(*(face(100 + 10 * i) for i in range(count)))
    page = worst_faces_page(images, predicted, true, [f'face {i}' for i in range(count)], 'title')
    tile = SIDE + CAPTION_HEIGHT
    assert page.shape == (rows * tile + 2 * CAPTION_HEIGHT, columns * SIDE, 3)
    for i in range(count):
        row, column = divmod(i, columns)
        top, left = CAPTION_HEIGHT + row * tile, column * SIDE
        assert (page[top + 30, left + SIDE - 30] == 100 + 10 * i).all()
        assert page[top + SIDE : top + tile, left : left + SIDE].min() < 128  # the caption
    if count == 5:
        assert (page[CAPTION_HEIGHT + tile : CAPTION_HEIGHT + 2 * tile, SIDE:] == 255).all()


def test_long_captions_stay_within_their_face():
    image, predicted, true = face(0)
    page = worst_faces_page([image] * 2, [predicted] * 2, [true] * 2, ['x' * 200, ''])
    captions = page[CAPTION_HEIGHT + SIDE : 2 * CAPTION_HEIGHT + SIDE]
    assert captions[:, :SIDE].min() < 128
    assert (captions[:, SIDE:] == 255).all()


def test_an_empty_page_is_refused():
    with pytest.raises(ValueError, match='at least one face'):
        worst_faces_page([], [], [], [])

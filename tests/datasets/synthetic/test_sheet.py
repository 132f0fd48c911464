import numpy as np
import pytest

from mmpose_multilat.datasets.synthetic import contact_sheet, generate


def test_faces_stand_in_rows_and_landmarks_are_drawn_on_copies():
    faces = [generate(0, index, size=64) for index in range(3)]
    before = [face.image.copy() for face in faces]
    sheet = contact_sheet(faces, 2)
    assert sheet.shape == (128, 128, 3)
    assert np.array_equal(sheet[:64, 64:], faces[1].image)
    assert np.array_equal(sheet[64:, :64], faces[2].image)
    assert not sheet[64:, 64:].any()
    marked = contact_sheet(faces, 2, 'cofw')
    assert not np.array_equal(marked, sheet)
    assert all(np.array_equal(face.image, image) for face, image in zip(faces, before))


def test_empty_sheet_is_refused():
    with pytest.raises(ValueError, match='at least one face'):
        contact_sheet([], 3)

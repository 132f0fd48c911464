import numpy as np

from mmpose_multilat.visualization import draw_landmarks, face_sheet
from mmpose_multilat.visualization.faces import PREDICTED_COLOUR, TRUE_COLOUR


def centre_of(picture, colour):
    rows, columns = np.nonzero((picture == colour).all(-1))
    return np.array([columns.mean(), rows.mean()])


def test_landmarks_and_picture_are_enlarged_alike():
    image = np.zeros((100, 120, 3), np.uint8)
    image[40, 50] = 255  # half-way between the landmarks
    landmarks = np.array([[40.0, 30.0], [60.0, 50.0]])
    picture = draw_landmarks(image, landmarks, landmarks, side=260)
    rows, columns = np.nonzero((picture > 60).all(-1) & (picture[..., 0] == picture[..., 2]))
    middle_of_dots = centre_of(picture, PREDICTED_COLOUR)
    np.testing.assert_allclose([columns.mean(), rows.mean()], middle_of_dots, atol=0.5)
    np.testing.assert_allclose(middle_of_dots, [129.5, 129.5], atol=0.5)


def test_predictions_and_truth_are_apart():
    image = np.zeros((100, 100, 3), np.uint8)
    true = np.array([[20.0, 50.0], [80.0, 50.0]])
    picture = draw_landmarks(image, true + [0.0, 10.0], true, side=390)
    shift = centre_of(picture, PREDICTED_COLOUR) - centre_of(picture, TRUE_COLOUR)
    # 60 px between the landmarks plus margins of 15 % on both sides fill 390 px.
    np.testing.assert_allclose(shift, [0, 10 * 390 / 78], atol=1)


def test_wild_predictions_are_survived():
    image = np.zeros((50, 50, 3), np.uint8)
    true = np.array([[10.0, 10.0], [30.0, 30.0]])
    assert draw_landmarks(image, true * 1e12, true).any()


def test_coinciding_landmarks_are_survived():
    image = np.zeros((50, 50, 3), np.uint8)
    points = np.full((4, 2), 20.0)
    assert draw_landmarks(image, points, points).any()


def test_sheet_has_the_pictures_in_order():
    pictures = [
        [np.full((40, 40, 3), 10 * (2 * row + column), np.uint8) for column in range(2)]
        for row in range(3)
    ]
    sheet = face_sheet(pictures, ['left', 'right'])
    top = (sheet.shape[0] - 120) // 2
    assert sheet.shape[1] == 80
    assert [int(sheet[top + 20 + 40 * row, 20, 0]) for row in range(3)] == [0, 20, 40]
    assert [int(sheet[top + 20 + 40 * row, 60, 0]) for row in range(3)] == [10, 30, 50]

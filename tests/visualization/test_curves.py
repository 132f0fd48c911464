import cv2
import numpy as np
import pytest

from mmpose_multilat.visualization import (
    plot_cumulative_errors,
    plot_error_by_heatmap_size,
    plot_error_by_operations,
)

FIRST, SECOND = (0xAA, 0x77, 0x44), (0x77, 0x66, 0xEE)  # BGR of the first two lines


def places(picture, colour):
    """Rows and columns of the pixels of a colour."""
    return np.nonzero(np.abs(picture.astype(int) - colour).max(-1) < 8)


def test_a_better_decoder_has_the_higher_curve(tmp_path):
    errors = {'bad': np.linspace(0.05, 0.09, 50), 'good': np.linspace(0.01, 0.05, 50)}
    errors['good'][3] = np.nan
    path = tmp_path / 'ced.png'
    plot_cumulative_errors(errors, 0.1, path, 'title')
    picture = cv2.imread(str(path))
    middle = picture.shape[1] // 2 + 40  # beyond 5 %: good is at 100 %, bad still rises
    (rows, columns), (good_rows, good_columns) = places(picture, FIRST), places(picture, SECOND)
    bad = rows[columns == middle].mean()
    assert good_rows[good_columns == middle].mean() < bad - 50


def test_no_defined_error_is_refused(tmp_path):
    with pytest.raises(ValueError, match='no face with a defined error'):
        plot_cumulative_errors({'none': np.array([np.nan])}, 0.1, tmp_path / 'ced.png')


@pytest.mark.parametrize('plot', [plot_error_by_heatmap_size, plot_error_by_operations])
def test_lines_fall_to_the_right(tmp_path, plot):
    panels = {
        'left': {'falling': {4.0: 0.16, 64.0: 0.04}},
        'right': {'other': {4.0: 0.1, 64.0: 0.1}, 'falling': {8.0: 0.08}},
    }
    path = tmp_path / 'lines.png'
    plot(panels, path, 'title')
    picture = cv2.imread(str(path))
    rows, columns = places(picture[:, : picture.shape[1] // 3], FIRST)
    assert rows[columns.argmin()] < rows[columns.argmax()] - 50

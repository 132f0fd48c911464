import cv2
import numpy as np

from mmpose_multilat.visualization import plot_nme_by_decoder


def test_longer_bars_for_larger_errors(tmp_path):
    path = tmp_path / 'chart.png'
    plot_nme_by_decoder({'one-hot': 0.10, 'POPoS': 0.05}, path, 'title')
    picture = cv2.imread(str(path))
    bar = np.abs(picture.astype(int) - (0xAA, 0x77, 0x44)).max(-1) < 8  # BGR of the bars
    lengths = bar.sum(1)
    first, second = lengths[: len(lengths) // 2].max(), lengths[len(lengths) // 2 :].max()
    assert first > 100
    assert abs(first / second - 2) < 0.05

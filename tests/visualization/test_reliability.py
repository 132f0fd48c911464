import cv2
import numpy as np

from mmpose_multilat.evaluation.calibration import Reliability
from mmpose_multilat.visualization.reliability import plot_reliability


def test_every_curve_is_drawn(tmp_path):
    steps = np.linspace(2, 6, 5)
    curves = {'one': Reliability(steps, steps / 2), 'two': Reliability(steps, steps * 2)}
    drawn = {}
    for names in (['one'], ['one', 'two']):
        path = tmp_path / f'{len(names)}.png'
        plot_reliability({name: curves[name] for name in names}, path, 'Title')
        drawn[len(names)] = cv2.imread(str(path))
    blue, red = (0xAA, 0x77, 0x44), (0x77, 0x66, 0xEE)  # BGR of the first two colours
    has = {
        count: [(each == colour).all(-1).any() for colour in (blue, red)]
        for count, each in drawn.items()
    }
    assert has == {1: [True, False], 2: [True, True]}

from types import SimpleNamespace

import numpy as np
import pytest

from mmpose_multilat.tools.command_line import UserError
from mmpose_multilat.tools.prediction import setup
from mmpose_multilat.tools.prediction.boxes import Box
from mmpose_multilat.tools.prediction.frames import Frame
from mmpose_multilat.tools.prediction.inputs import Source
from mmpose_multilat.tools.prediction.opencv_detector import OpenCVDetector
from mmpose_multilat.tools.prediction.problems import Problems

FRAME = Frame(Source('picture', 'a.jpg'), np.zeros((30, 40, 3), np.uint8))


def choose(problems, **chosen):
    arguments = dict(
        boxes=None,
        box=None,
        detector_config=None,
        detector_checkpoint=None,
        detector_labels=None,
        detector_threshold=None,
    )
    arguments = SimpleNamespace(**{**arguments, **chosen})
    return setup.choose_boxes(arguments, [FRAME.source], problems, 'cpu')


def test_empty_boxes_of_a_detector_are_no_problem(monkeypatch):
    asked = []

    def build(*settings):
        asked.append(settings)
        return lambda frame: [Box(1, 1, 0, 0, 0.9), Box(1, 2, 3, 4, 0.8), Box(90, 0, 5, 5, 0.7)]

    monkeypatch.setattr(setup, 'MMDetDetector', build)
    problems = Problems()
    find = choose(problems, detector_config='d.py', detector_checkpoint='d.pth')
    choose(
        problems,
        detector_config='d.py',
        detector_checkpoint='d.pth',
        detector_labels=[1, 2],
        detector_threshold=0.0,
    )
    assert asked == [
        ('d.py', 'd.pth', 'cpu', (0,), 0.3),
        ('d.py', 'd.pth', 'cpu', [1, 2], 0.0),
    ]
    assert find(FRAME) == [Box(1, 2, 3, 4, 0.8)]
    assert problems.count == 0


def test_boxes_of_the_user_are_reported(tmp_path):
    path = tmp_path / 'boxes.json'
    path.write_text('{"a.jpg": [[1, 1, 0, 0], [1, 2, 3, 4]]}')
    problems = Problems()
    assert choose(problems, boxes=path)(FRAME) == [Box(1, 2, 3, 4)]
    assert problems.count == 1


def test_the_default_is_opencv(monkeypatch):
    monkeypatch.setattr(OpenCVDetector, '__call__', lambda self, frame: [Box(1, 2, 3, 4)])
    assert choose(Problems())(FRAME) == [Box(1, 2, 3, 4)]
    assert choose(Problems(), box='detect')(FRAME) == [Box(1, 2, 3, 4)]
    assert choose(Problems(), box='whole')(FRAME) == [Box(0, 0, 40, 30)]


def test_the_device_reaches_the_onnx_model(monkeypatch):
    asked = []

    class Model:
        input_size = (64, 64)
        description = SimpleNamespace(
            bbox_padding=1.5, use_udp=True, color_type='color', channels=3
        )

        def __init__(self, *settings):
            asked.append(settings)

    monkeypatch.setattr(setup, 'OnnxLandmarkModel', Model)
    arguments = SimpleNamespace(
        model='f.onnx', config=None, checkpoint=None, cfg_options={}, covariances=False, device='a'
    )
    _, cut = setup.load_network(arguments, '')
    assert asked == [('f.onnx', False, 'a')]
    assert cut(FRAME, Box(1, 2, 8, 8)).region.use_udp


@pytest.mark.parametrize(
    'test_dataloader, message',
    [
        (None, '--config has no test_dataloader.dataset.pipeline'),
        (dict(dataset=dict(pipeline=[dict(prob=1)])), 'pipeline of --config has no TopdownAffine'),
        (dict(dataset=dict(pipeline=[3])), 'pipeline of --config has no TopdownAffine'),
        (
            dict(dataset=dict(pipeline=[dict(type='TopdownAffine')])),
            "usable test pipeline: ValueError: TopdownAffine .* be built: .*'input_size'",
        ),
    ],
)
def test_pipelines_that_cannot_be_used_are_explained(tmp_path, test_dataloader, message):
    (tmp_path / 'small.py').write_text(f'test_dataloader = {test_dataloader}')
    arguments = SimpleNamespace(
        model=None, config=str(tmp_path / 'small.py'), checkpoint='c.pth', cfg_options={}
    )
    with pytest.raises(UserError, match=message):
        setup.load_network(arguments, 'cpu')

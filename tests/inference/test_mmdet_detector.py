import numpy as np
import pytest
import torch
from mmengine.registry import DefaultScope, init_default_scope
from mmengine.structures import InstanceData

from mmpose_multilat.errors import UserError
from mmpose_multilat.inference.boxes import Box
from mmpose_multilat.inference.mmdet_detector import MMDetDetector

apis = pytest.importorskip('mmdet.apis')

NETWORK = torch.nn.Linear(1, 1)
IMAGE = np.zeros((30, 40, 3), np.uint8)


class Answer:
    pred_instances = InstanceData(
        bboxes=torch.tensor([[20.0, 0, 30, 10], [1, 2, 11, 22], [5, 5, 9, 9], [0, 0, 9, 9]]),
        scores=torch.tensor([0.9, 0.8, 0.7, 0.2]),
        labels=torch.tensor([0, 0, 1, 0]),
    )


@pytest.fixture
def files(tmp_path):
    (tmp_path / 'detector.py').write_text('model = dict()')
    torch.save(dict(state_dict=dict(weight=torch.ones(1))), tmp_path / 'detector.pth')
    return str(tmp_path / 'detector.py'), str(tmp_path / 'detector.pth')


@pytest.fixture
def calls(monkeypatch):
    """Stands in for MMDetection, whose functions leave its scope behind."""
    calls = []

    def init_detector(config, checkpoint, device):
        init_default_scope('mmdet')
        calls.append((config, checkpoint, device))
        return NETWORK

    def inference_detector(model, image):
        assert model is NETWORK and image is IMAGE
        calls.append(DefaultScope.get_current_instance().scope_name)
        return Answer

    monkeypatch.setattr(apis, 'init_detector', init_detector)
    monkeypatch.setattr(apis, 'inference_detector', inference_detector)
    return calls


def test_boxes_of_the_wanted_category_from_left_to_right(files, calls):
    detector = MMDetDetector(*files, 'cpu')
    assert DefaultScope.get_current_instance().scope_name == 'mmpose'
    first, second = detector(IMAGE)
    assert (first.corners, second.corners) == ((1, 2, 11, 22), (20, 0, 30, 10))
    assert first.score == pytest.approx(0.8) and second.score == pytest.approx(0.9)
    assert calls == [(*files, 'cpu'), 'mmdet']
    assert DefaultScope.get_current_instance().scope_name == 'mmpose'


def test_other_labels_and_thresholds(files, calls):
    (box,) = MMDetDetector(*files, 'cpu', labels=(1, 2))(IMAGE)
    assert box == Box(5, 5, 4, 4, pytest.approx(0.7))
    assert len(MMDetDetector(*files, 'cpu', threshold=0.1)(IMAGE)) == 3
    assert MMDetDetector(*files, 'cpu', threshold=0.95)(IMAGE) == []


def test_what_mmdetection_cannot_build_is_explained(files, calls, monkeypatch):
    def refuse(*arguments, **settings):
        init_default_scope('mmdet')
        raise OSError('Only py/yml/yaml/json type are supported now!')

    monkeypatch.setattr(apis, 'init_detector', refuse)
    with pytest.raises(UserError, match='detector.py cannot be built: OSError: Only py'):
        MMDetDetector(*files, 'cpu')
    assert DefaultScope.get_current_instance().scope_name == 'mmpose'


def test_mistakes(files, calls, tmp_path):
    with pytest.raises(UserError, match="detector's config nowhere.py does not exist"):
        MMDetDetector('nowhere.py', files[1], 'cpu')
    with pytest.raises(UserError, match='is no checkpoint'):
        MMDetDetector(files[0], files[0], 'cpu')
    assert not calls


def test_weights_that_are_not_finite_are_refused(files, calls, monkeypatch):
    """Such a network finds no faces, in any image."""
    broken = torch.nn.Linear(1, 1)
    torch.nn.init.constant_(broken.weight, float('nan'))
    monkeypatch.setattr(apis, 'init_detector', lambda *arguments, **options: broken)
    with pytest.raises(UserError, match="detector's checkpoint .*: weight are not finite"):
        MMDetDetector(*files, 'cpu')

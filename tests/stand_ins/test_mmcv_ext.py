"""The stand-in for mmcv's operators: nms as the operator does it, a message for every other."""

import importlib
import importlib.util
from types import ModuleType

import mmcv.ops
import pytest
import torch
from mmcv.utils import collect_env
from torch import Tensor

from mmpose_multilat.environment import stand_in_files


@pytest.fixture(scope='module')
def stand_in() -> ModuleType:
    """The file itself, whatever is installed in mmcv."""
    spec = importlib.util.spec_from_file_location('_ext', stand_in_files.template('mmcv._ext'))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def in_mmcv(stand_in: ModuleType, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The stand-in in the place of whatever mmcv.ops has loaded."""
    for name in ('nms', 'info', 'roi_align'):
        module = importlib.import_module(f'mmcv.ops.{name}')
        monkeypatch.setattr(module, 'ext_module', stand_in)
    return stand_in


def overlap(first: list[float], second: list[float], offset: int) -> float:
    """Intersection over union of two boxes with an area."""

    def area(left: float, top: float, right: float, bottom: float) -> float:
        return max(right - left + offset, 0) * max(bottom - top + offset, 0)

    shared = area(*map(max, first[:2], second[:2]), *map(min, first[2:], second[2:]))
    return shared / (area(*first) + area(*second) - shared)


def suppress(boxes: Tensor, scores: Tensor, threshold: float, offset: int) -> list[int]:
    """Slow twin: keep a box unless one that is kept already overlaps it too much."""
    kept: list[int] = []
    for index in sorted(range(len(boxes)), key=lambda index: -float(scores[index])):
        corners = boxes[index].tolist()
        if all(overlap(boxes[each].tolist(), corners, offset) <= threshold for each in kept):
            kept.append(index)
    return kept


def random_boxes(seed: int, count: int = 60) -> tuple[Tensor, Tensor]:
    """Boxes on whole px, which often overlap, and scores that often are equal."""
    random = torch.Generator().manual_seed(seed)
    corners = torch.randint(0, 40, (count, 2), generator=random)
    sizes = torch.randint(1, 30, (count, 2), generator=random)
    scores = torch.randint(0, 20, (count,), generator=random) / 20
    return torch.cat((corners, corners + sizes), 1).float(), scores


@pytest.mark.parametrize('offset', [0, 1])
@pytest.mark.parametrize('threshold', [0.0, 0.33, 0.71, 1.0])
@pytest.mark.parametrize('seed', range(5))
def test_nms_keeps_what_its_slow_twin_keeps(
    stand_in: ModuleType, seed: int, threshold: float, offset: int
) -> None:
    boxes, scores = random_boxes(seed)
    kept = stand_in.nms(boxes, scores, iou_threshold=threshold, offset=offset)
    assert kept.tolist() == suppress(boxes, scores, threshold, offset)


def test_nms_by_hand(stand_in: ModuleType) -> None:
    boxes = torch.tensor([[0.0, 0, 10, 10], [0, 0, 10, 10], [0, 5, 10, 15], [20, 20, 30, 30]])
    scores = torch.tensor([0.5, 0.9, 0.7, 0.1])
    # The overlap of the third with the second is a third: 50 of 150 px.
    assert stand_in.nms(boxes, scores, 0.3, 0).tolist() == [1, 3]
    assert stand_in.nms(boxes, scores, 0.34, 0).tolist() == [1, 2, 3]
    # With offset 1 it is 66 of 176 px.
    assert stand_in.nms(boxes, scores, 0.37, 1).tolist() == [1, 3]


@pytest.mark.parametrize('offset', [0, 1])
def test_nms_of_no_boxes(stand_in: ModuleType, offset: int) -> None:
    kept = stand_in.nms(torch.zeros(0, 4), torch.zeros(0), 0.5, offset)
    assert kept.shape == (0,) and kept.dtype == torch.int64


def test_boxes_without_an_area_stay(stand_in: ModuleType) -> None:
    """As with the operator, which compares with a number that is none."""
    assert stand_in.nms(torch.ones(2, 4), torch.tensor([0.5, 0.9]), 0.5, 0).tolist() == [1, 0]


def test_mmcv_suppresses_with_it(in_mmcv: ModuleType) -> None:
    boxes, scores = random_boxes(0)
    chosen, indices = mmcv.ops.nms(boxes, scores, 0.5, score_threshold=0.3, max_num=7)
    enough = scores > 0.3
    expected = torch.nonzero(enough)[suppress(boxes[enough], scores[enough], 0.5, 0)][:7, 0]
    assert indices.tolist() == expected.tolist()
    assert torch.equal(chosen, torch.cat((boxes, scores[:, None]), 1)[expected])


def test_mmcv_suppresses_by_category_with_it(in_mmcv: ModuleType) -> None:
    """What the detectors of mmdet call."""
    boxes, scores = random_boxes(1)
    labels = torch.arange(len(boxes)) % 3
    _, indices = mmcv.ops.batched_nms(boxes, scores, labels, dict(type='nms', iou_threshold=0.4))
    members = [torch.nonzero(labels == label)[:, 0] for label in range(3)]
    expected = [each[suppress(boxes[each], scores[each], 0.4, 0)] for each in members]
    assert sorted(indices.tolist()) == sorted(torch.cat(expected).tolist())


def test_another_operator_says_what_is_missing_when_it_is_called(in_mmcv: ModuleType) -> None:
    with pytest.raises(RuntimeError, match='roi_align_forward of mmcv is not compiled.*MMCV=full'):
        mmcv.ops.roi_align(torch.rand(1, 1, 8, 8), torch.tensor([[0.0, 0, 0, 4, 4]]), 2)


def test_it_has_no_special_attributes_that_it_does_not_set(stand_in: ModuleType) -> None:
    """A `__path__` would make it a package, whose modules Python would then look for."""
    assert not hasattr(stand_in, '__path__')
    assert stand_in.__spec__ is not None


def test_mmcv_can_describe_the_environment(in_mmcv: ModuleType) -> None:
    assert 'stand-in' in collect_env()['MMCV Compiler']

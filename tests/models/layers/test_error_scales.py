import math

import pytest
import torch
from torch import nn

from mmpose_multilat.models.layers import ErrorScales


def inputs(landmarks=5, channels=7, faces=2):
    generator = torch.Generator().manual_seed(0)
    shapes = (faces, channels), (faces, landmarks, channels), (faces, landmarks)
    return tuple(torch.rand(shape, generator=generator) for shape in shapes)


def test_it_begins_with_two_hundredths_of_the_width():
    found = ErrorScales(5, 7)(*inputs())
    torch.testing.assert_close(found, torch.full((2, 5), math.log(0.02)))


def test_landmarks_that_look_alike_are_told_apart_by_their_own_weights_only():
    torch.manual_seed(0)
    scales = ErrorScales(5, 7)
    nn.init.normal_(scales.scale.weight)
    mean, sampled, scores = inputs()
    order = torch.tensor([3, 1, 4, 0, 2])
    moved = scales(mean, sampled[:, order], scores[:, order])
    torch.testing.assert_close(moved, scales(mean, sampled, scores)[:, order])
    nn.init.normal_(scales.landmark)
    assert (
        scales(mean, sampled[:, :1].expand_as(sampled), scores[:, :1].expand_as(scores)).std() > 0
    )


def test_one_landmark_by_hand():
    """Equations of the module, written out for one landmark of one face."""
    torch.manual_seed(1)
    scales = ErrorScales(2, 3, hidden_channels=4)
    nn.init.normal_(scales.scale.weight, std=0.3)
    nn.init.normal_(scales.landmark)
    nn.init.normal_(scales.own, std=0.1)
    mean, sampled, scores = inputs(2, 3, 1)
    hidden = scales.face.weight @ mean[0] + scales.face.bias
    hidden = hidden + scales.place.weight @ sampled[0, 1] + scales.landmark[1]
    hidden = (hidden + scales.score.weight[:, 0] * scores[0, 1]).clamp(min=0)
    hidden = (scales.mixing.weight @ hidden + scales.mixing.bias).clamp(min=0)
    expected = scales.scale.weight[0] @ hidden + scales.scale.bias[0] + scales.own[1]
    assert scales(mean, sampled, scores)[0, 1].item() == pytest.approx(expected.item(), rel=1e-5)


def test_extreme_features_stay_in_range():
    scales = ErrorScales(5, 7)
    nn.init.constant_(scales.scale.weight, 1e6)
    mean, sampled, scores = inputs()
    assert scales(mean * 1e6, sampled, scores).abs().max() <= -math.log(1e-5) + 1e-4

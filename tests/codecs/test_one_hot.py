import torch

from mmpose_multilat.codecs import OneHot


def test_by_hand():
    heatmap = torch.tensor([[0.0, 0.1, 0.2], [0.3, 0.2, 0.8]])
    coordinates, score, _ = OneHot((24, 16), (3, 2)).locate(heatmap)
    assert coordinates.tolist() == [2.0, 1.0]
    assert score == heatmap.max()
    keypoints, _ = OneHot((24, 16), (3, 2)).decode(heatmap[None].numpy())
    assert keypoints.tolist() == [[[16.0, 8.0]]]

"""Heatmaps of probabilities from a head of MMPose."""

import torch
from mmpose.registry import MODELS

from mmpose_multilat.models.layers import ProbabilityConv2d
from mmpose_multilat.models.losses import HeatmapFocalLoss


def test_values_are_the_sigmoid_of_the_convolution():
    layer = ProbabilityConv2d(3, 2, 1)
    features = torch.randn(2, 3, 4, 5, generator=torch.Generator().manual_seed(0)) * 3
    found = layer(features)
    logits = torch.einsum('ok,bkhw->bohw', layer.weight[..., 0, 0], features)
    logits = logits + layer.bias[:, None, None]
    torch.testing.assert_close(found, 1 / (1 + 9 * torch.exp(-logits)))  # 1 / 10 without features


def test_a_head_of_mmpose_begins_at_a_tenth_and_learns():
    head = MODELS.build(
        dict(
            type='HeatmapHead',
            in_channels=4,
            out_channels=2,
            deconv_out_channels=None,
            final_layer=dict(type='ProbabilityConv2d', kernel_size=1),
        )
    )
    head.init_weights()
    features = torch.rand(1, 4, 6, 6, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(head((features,)), torch.full((1, 2, 6, 6), 0.1), atol=1e-2, rtol=0)
    target = torch.zeros(1, 2, 6, 6)
    target[:, :, 3, 2] = 1
    optimizer, losses = torch.optim.Adam(head.parameters(), 0.05), []
    for _ in range(30):
        losses.append(HeatmapFocalLoss()(head((features,)), target))
        optimizer.zero_grad()
        losses[-1].backward()
        optimizer.step()
    assert losses[-1] < losses[0]

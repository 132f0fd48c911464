"""A head whose errors depend on what its features tell."""

import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData, PixelData
from mmpose.registry import MODELS
from mmpose.structures import PoseDataSample
from torch import nn

from mmpose_multilat.codecs import OneHot
from mmpose_multilat.deploy import build_graph, export_onnx, verify
from mmpose_multilat.models.pose_estimators import (
    locate,
    require_covariances,
)

SIZES = dict(input_size=(64, 64), heatmap_size=(16, 16))
LANDMARKS = 3
SETTINGS = dict(
    type='UncertaintyHead',
    in_channels=4,
    out_channels=LANDMARKS,
    deconv_out_channels=None,
    final_layer=dict(kernel_size=1),
    loss=dict(type='HeatmapNormLoss'),
    decoder=dict(type='GaussianMLE', sigma=1, **SIZES),
)


def build(**changes):
    torch.manual_seed(0)
    head = MODELS.build({**SETTINGS, **changes})
    # The first channels are the heatmaps.
    with torch.no_grad():
        head.final_layer.weight.copy_(torch.eye(LANDMARKS, 4)[:, :, None, None])
        head.final_layer.bias.zero_()
    return head


def draw(places):
    """(B, 3, 16, 16) heatmaps of (B, 3, 2) landmarks in input px."""
    codec = MODELS.build(SETTINGS).decoder
    return torch.stack(
        [torch.from_numpy(codec.encode(face[None].numpy())['heatmaps']) for face in places]
    )


def make_faces(count, seed):
    """Faces whose landmarks are drawn off their labels as far as a fourth channel says.

    Returns:
        Features (count, 4, 16, 16), labels (count, 3, 2) and the lengths of the errors.
    """
    generator = torch.Generator().manual_seed(seed)
    true = 20 + 24 * torch.rand(count, LANDMARKS, 2, generator=generator)
    spread = 0.1 + 3 * torch.rand(count, generator=generator)
    errors = spread[:, None, None] * torch.randn(count, LANDMARKS, 2, generator=generator)
    told = spread[:, None, None, None].expand(-1, 1, 16, 16)
    return torch.cat((draw(true + errors), told), 1), true, errors.norm(dim=-1)


def samples(true):
    packed = []
    for face in true:
        encoded = OneHot(**SIZES).encode(face[None].numpy())
        labels = InstanceData(keypoint_weights=torch.ones(1, LANDMARKS), keypoint_labels=face[None])
        fields = PixelData(heatmaps=torch.from_numpy(encoded['heatmaps']))
        packed.append(PoseDataSample(gt_instance_labels=labels, gt_fields=fields))
    return packed


def ranks(values):
    return values.flatten().argsort().argsort().double()


@pytest.mark.parametrize('kind', ['laplace', 'gaussian'])
def test_it_learns_how_far_landmarks_are_off(kind):
    head = build(scale_loss=dict(type='ErrorLikelihoodLoss', kind=kind))
    features, true, _ = make_faces(64, seed=0)
    packed = samples(true)
    optimiser = torch.optim.Adam(head.scales.parameters(), lr=0.01)
    for _ in range(150):
        loss = head.loss((features,), packed)['loss_scale']
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    features, true, errors = make_faces(200, seed=1)
    with torch.no_grad():
        found = head.locate((features,), covariances=True)
    variances = found.covariances[..., 0, 0]
    correlation = np.corrcoef(ranks(variances), ranks(errors))[0, 1]
    told = np.corrcoef(ranks(features[:, 3, 0, :LANDMARKS]), ranks(errors))[0, 1]
    assert correlation > 0.9 * told  # as well as the spread itself
    # On the whole as large as the errors are: half of r^2 on each axis.
    assert 0.6 < (variances.mean() / errors.square().mean() * 2) < 1.7


def test_covariances_are_alike_in_every_direction_and_missing_without_landmark():
    head = build()
    features, *_ = make_faces(2, seed=0)
    features[1, 1] = 0
    found = head.locate((features,), covariances=True)
    covariances = found.covariances
    assert covariances[1, 1].isnan().all() and not covariances[1, 0].isnan().any()
    # Untrained: the variance of a Laplace density whose scale is 2 % of 64 px.
    expected = 3 * (0.02 * 64) ** 2 * torch.eye(2)
    torch.testing.assert_close(covariances[0], expected.expand(LANDMARKS, -1, -1))
    assert head.locate((features,)).covariances is None
    calibrated = build(decoder=dict(SETTINGS['decoder'], covariance_scale=4.0))
    scaled = calibrated.locate((features,), covariances=True).covariances
    torch.testing.assert_close(scaled[0], 4 * covariances[0])


@pytest.mark.parametrize('shapes_features', [False, True])
def test_gradients_reach_the_features_where_asked_for(shapes_features):
    head = build(shapes_features=shapes_features)
    nn.init.normal_(head.scales.scale.weight)
    features, true, _ = make_faces(2, seed=0)
    features.requires_grad_()
    head.loss((features,), samples(true))['loss_scale'].backward()
    assert (features.grad is not None and bool(features.grad.any())) == shapes_features


def test_heatmaps_without_content_have_finite_gradients():
    head = build(shapes_features=True)
    features, true, _ = make_faces(3, seed=0)
    features[0, :3] = 0
    features[1, :3] = 0.5
    head.loss((features,), samples(true))['loss_scale'].backward()
    assert all(each.grad.isfinite().all() for each in head.scales.parameters() if each is not None)


@MODELS.register_module()
class EveryFourthPixel(nn.Module):
    """A backbone of four channels."""

    def forward(self, crops):
        return (torch.cat((crops, crops[:, :1]), 1)[..., ::4, ::4],)


def test_every_consumer_finds_its_covariances():
    """Flip test and export ask the head as they ask every other."""
    for package in ('onnx', 'onnxscript', 'onnxruntime'):
        pytest.importorskip(package)
    model = MODELS.build(
        dict(
            type='MultilaterationPoseEstimator',
            data_preprocessor=dict(type='PoseDataPreprocessor'),
            backbone=dict(type='EveryFourthPixel'),
            head=dict(SETTINGS, decoder=dict(type='TwoHot', **SIZES)),
            test_cfg=dict(flip_mode='coordinates', output_covariances=True),
        )
    ).eval()
    model.head.final_layer.weight.data.abs_()
    model.dataset_meta = {}
    require_covariances(model.head)
    with torch.no_grad():
        found = locate(model, torch.rand(2, 3, 64, 64), [1, 0, 2], covariances=True)
    assert found.covariances.shape == (2, LANDMARKS, 2, 2)
    graph, description = build_graph(model)
    exported = export_onnx(graph, description)
    assert [each.name for each in exported.graph.output] == ['keypoints', 'scores', 'covariances']
    assert verify(exported, graph, description)


def test_a_decoder_without_heatmaps_is_refused():
    with pytest.raises(ValueError, match='needs a decoder of heatmaps'):
        MODELS.build({**SETTINGS, 'decoder': None})

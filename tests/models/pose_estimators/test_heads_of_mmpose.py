"""`locate` finds the landmarks that MMPose's own `predict` puts out, whatever the head."""

import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData
from mmpose.registry import MODELS
from mmpose.structures import PoseDataSample

from mmpose_multilat.models.heads import stretch_of
from mmpose_multilat.models.pose_estimators import locate

SIZE, CELLS, LANDMARKS, CHANNELS = (64, 64), (16, 16), 5, 32
PARTNERS = [1, 0, 2, 4, 3]
HEATMAPS = dict(input_size=SIZE, heatmap_size=CELLS)
SIMCC = dict(type='SimCCLabel', input_size=SIZE, sigma=4.9, use_dark=False)
POINTS = dict(type='RegressionLabel', input_size=SIZE)
DECONVOLUTION = dict(deconv_out_channels=(8, 8, 8), deconv_kernel_sizes=(4, 4, 4))
COMBINED = dict(type='UDPHeatmap', **HEATMAPS, heatmap_type='combined')
INTEGRAL = dict(type='IntegralRegressionLabel', **HEATMAPS, sigma=2.0)

HEADS = {
    'heatmaps': dict(
        type='HeatmapHead',
        loss=dict(type='KeypointMSELoss'),
        out_channels=LANDMARKS,
        **DECONVOLUTION,
    ),
    'offsets': dict(
        type='HeatmapHead',
        loss=dict(type='CombinedTargetMSELoss'),
        out_channels=3 * LANDMARKS,
        decoder=COMBINED,
        **DECONVOLUTION,
    ),
    'regression': dict(type='RegressionHead', num_joints=LANDMARKS, decoder=POINTS),
    'likelihood': dict(type='RLEHead', num_joints=LANDMARKS, decoder=POINTS),
    'vectors': dict(
        type='SimCCHead',
        out_channels=LANDMARKS,
        input_size=SIZE,
        in_featuremap_size=(2, 2),
        decoder=SIMCC,
        **DECONVOLUTION,
    ),
    'integral': dict(
        type='IntegralRegressionHead',
        num_joints=LANDMARKS,
        in_featuremap_size=(2, 2),
        decoder=INTEGRAL,
        **DECONVOLUTION,
    ),
}

pytestmark = pytest.mark.usefixtures('one_thread')


def estimator(kind, decoder=None, flip_mode='heatmap'):
    head = dict(HEADS[kind], in_channels=CHANNELS)
    if decoder is not None:
        head['decoder'] = dict(type=decoder, **HEATMAPS, sigma=2.0)
    config = dict(
        type='TopdownPoseEstimator',
        backbone=dict(type='ResNet', depth=18, base_channels=CHANNELS // 8),
        head=head,
        test_cfg=dict(flip_mode=flip_mode),
    )
    if kind in ('regression', 'likelihood'):
        config['neck'] = dict(type='GlobalAveragePooling')
    torch.manual_seed(0)
    return MODELS.build(config).eval()


def samples():
    """Two faces whose crop is the image."""
    size = np.array(SIZE, np.float64)
    about = dict(input_size=SIZE, input_center=size / 2, input_scale=size, flip_indices=PARTNERS)
    faces = [PoseDataSample(metainfo=about) for _ in range(2)]
    for face in faces:
        face.gt_instances = InstanceData(bboxes=np.zeros((1, 4)), bbox_scores=np.ones(1))
    return faces


@pytest.mark.parametrize('flip_test', [False, True])
@pytest.mark.parametrize(
    'kind, decoder, flip_mode',
    [
        ('heatmaps', 'MSRAHeatmap', 'heatmap'),
        ('heatmaps', 'UDPHeatmap', 'heatmap'),
        ('heatmaps', 'POPoS', 'heatmap'),
        ('offsets', None, 'udp_combined'),
        ('regression', None, 'heatmap'),
        ('likelihood', None, 'heatmap'),
        ('vectors', None, 'heatmap'),
        ('integral', None, 'heatmap'),
    ],
)
@torch.no_grad()
def test_landmarks_are_those_of_predict(kind, decoder, flip_mode, flip_test):
    model = estimator(kind, decoder, flip_mode)
    inputs = torch.rand(2, 3, *SIZE)
    model.test_cfg['flip_test'] = flip_test
    expected = [each.pred_instances for each in model.predict(inputs, samples())]
    found = locate(model, inputs, PARTNERS if flip_test else None)
    own_px = found.coordinates.numpy() * stretch_of(model.head.decoder)
    np.testing.assert_allclose(own_px, [each.keypoints[0] for each in expected], atol=1e-4)
    scores = [each.keypoint_scores[0] for each in expected]
    np.testing.assert_allclose(found.scores, scores, atol=1e-6)


@torch.no_grad()
def test_heatmaps_of_another_size_than_that_of_mmposes_codec_are_refused():
    model = estimator('heatmaps', 'MSRAHeatmap')
    with pytest.raises(ValueError, match=r'heatmap_size=\(16, 16\) .* puts out \(32, 16\)'):
        locate(model, torch.rand(1, 3, 64, 128))


@pytest.mark.parametrize('partners', [None, PARTNERS])
@torch.no_grad()
def test_heads_without_covariances_say_so(partners):
    with pytest.raises(ValueError, match='RegressionLabel tells no covariances'):
        locate(estimator('regression'), torch.rand(1, 3, *SIZE), partners, covariances=True)

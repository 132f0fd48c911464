import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.structures import InstanceData
from mmpose.codecs import MSRAHeatmap
from mmpose.registry import MODELS
from mmpose.structures import PoseDataSample

from mmpose_multilat.tools.benchmarking.passes import check_sizes, heatmaps_by_flip
from mmpose_multilat.tools.command_line import UserError
from mmpose_multilat.tools.decoder_comparison import decode, own_heatmaps

CONFIG = 'configs/face_2d_keypoint/popos/300w/popos_hrnetv2-w18_4xb32-100e_300w-256x256-hm4.py'


def sample():
    meta = dict(
        input_center=np.array([128.0, 128.0]),
        input_scale=np.array([256.0, 256.0]),
        input_size=np.array([256, 256]),
        flip_indices=list(range(67, -1, -1)),
    )
    instances = InstanceData(bboxes=np.zeros((1, 4)), bbox_scores=np.ones(1))
    return PoseDataSample(metainfo=meta, gt_instances=instances)


@pytest.mark.parametrize('shift', [False, True])
@torch.no_grad()
def test_heatmaps_are_those_that_mmpose_decodes(shift):
    torch.manual_seed(0)
    config = Config.fromfile(CONFIG)
    config.model.backbone.init_cfg = None
    model = MODELS.build(config.model).eval()
    torch.nn.init.normal_(model.head.final_layer.weight)
    inputs, samples = torch.rand(2, 3, 256, 256), [sample(), sample()]
    model.test_cfg = dict(flip_mode='heatmap', shift_heatmap=shift)
    found = heatmaps_by_flip(model, inputs, samples)
    for flip, heatmaps in found.items():
        model.test_cfg = dict(
            flip_test=flip, flip_mode='heatmap', shift_heatmap=shift, output_heatmaps=True
        )
        expected = model.predict(inputs, [sample(), sample()])
        expected = torch.stack([each.pred_fields.heatmaps for each in expected])
        torch.testing.assert_close(heatmaps, expected, rtol=0, atol=0)
    assert (found[False] - found[True]).abs().max() > 1e-3


@pytest.mark.parametrize('flip_test', [False, True])
@torch.no_grad()
def test_averaged_landmarks_are_those_that_the_estimator_predicts(flip_test):
    torch.manual_seed(0)
    config = Config.fromfile(CONFIG)
    config.model.backbone.init_cfg = None
    config.model.type = 'MultilaterationPoseEstimator'
    config.model.test_cfg = dict(flip_test=flip_test, flip_mode='coordinates')
    model = MODELS.build(config.model).eval()
    torch.nn.init.normal_(model.head.final_layer.weight)
    inputs, samples = torch.rand(2, 3, 256, 256), [sample(), sample()]
    heatmaps = own_heatmaps(model, inputs, samples)
    assert isinstance(heatmaps, tuple) == flip_test
    found = decode(model, model.head.decoder, heatmaps, samples)
    for one, other in zip(found, model.predict(inputs, [sample(), sample()])):
        np.testing.assert_allclose(one.pred_instances.keypoints, other.pred_instances.keypoints)


def test_sizes_must_fit():
    codec = MSRAHeatmap((256, 192), (64, 48), sigma=2)
    check_sizes(codec, torch.zeros(1, 68, 48, 64), 68)
    with pytest.raises(UserError, match='heatmaps of 32x24 cells, the codec was built for 64x48'):
        check_sizes(codec, torch.zeros(1, 68, 24, 32), 68)
    with pytest.raises(UserError, match='98 heatmaps, the data set has 68 landmarks'):
        check_sizes(codec, torch.zeros(1, 98, 48, 64), 68)

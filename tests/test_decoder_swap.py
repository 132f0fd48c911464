"""Two lines switch the decoder of a stock MMPose config, as the README shows."""

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.structures import InstanceData
from mmpose.codecs import MSRAHeatmap
from mmpose.registry import MODELS
from mmpose.structures import PoseDataSample

from mmpose_multilat.codecs import KeyPosS, POPoS

STOCK = 'td-hm_hrnetv2-w18_8xb64-60e_wflw-256x256.py'
FOLDER = 'mmpose::face_2d_keypoint/topdown_heatmap/wflw'


def derive(tmp_path, decoder):
    """The config of the README, with `decoder` as written there."""
    path = tmp_path / 'swapped.py'
    path.write_text(
        f"_base_ = '{FOLDER}/{STOCK}'\n"
        "custom_imports = dict(imports=['mmpose_multilat'])\n"
        f'model = dict(head=dict(decoder={decoder}))\n'
    )
    config = Config.fromfile(path)
    config.model.backbone.init_cfg = None
    return config


def sample():
    instances = InstanceData(bboxes=np.zeros((1, 4)), bbox_scores=np.ones(1))
    flip_indices = list(range(98))
    meta = dict(
        input_center=np.array([128.0, 128.0]),
        input_scale=np.array([256.0, 256.0]),
        input_size=np.array([256, 256]),
        flip_indices=flip_indices,
    )
    return PoseDataSample(metainfo=meta, gt_instances=instances)


@pytest.mark.parametrize(
    'decoder, kind',
    [("dict(type='POPoS')", POPoS), ("dict(type='KeyPosS', kernel_size=3)", KeyPosS)],
)
def test_stock_config_decodes_with_our_codec(tmp_path, decoder, kind):
    config = derive(tmp_path, decoder)
    model = MODELS.build(config.model).eval()
    codec = model.head.decoder
    assert type(codec) is kind
    assert (codec.input_size, codec.heatmap_size, codec.sigma) == ((256, 256), (64, 64), 2)
    heatmaps = []
    forward = model.head.forward
    model.head.forward = lambda features: heatmaps.append(forward(features)) or heatmaps[-1]
    model.test_cfg.flip_test = False
    with torch.no_grad():
        (result,) = model.predict(torch.rand(1, 3, 256, 256), [sample()])
    expected, _ = codec.decode(heatmaps[0][0].numpy())
    np.testing.assert_allclose(result.pred_instances.keypoints, expected, atol=1e-3)


def test_our_codec_is_more_accurate_than_the_stock_one_on_its_own_heatmaps(tmp_path):
    config = derive(tmp_path, "dict(type='POPoS')")
    codec = MODELS.build(config.model).head.decoder
    stock = MSRAHeatmap((256, 256), (64, 64), sigma=2, unbiased=True)
    keypoints = np.random.default_rng(0).uniform(20, 230, (1, 98, 2)).astype(np.float32)
    heatmaps = stock.encode(keypoints)['heatmaps']

    def error(decoder):
        return np.linalg.norm(decoder.decode(heatmaps)[0] - keypoints, axis=-1).mean()

    assert error(codec) < 1e-2
    assert error(MSRAHeatmap((256, 256), (64, 64), sigma=2)) > 0.5

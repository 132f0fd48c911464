import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import BaseDataset
from mmpose.codecs import MegviiHeatmap
from mmpose.registry import MODELS

from mmpose_multilat.codecs import KeyPosS
from mmpose_multilat.tools.benchmarking.loading import (
    build_model,
    check_codec,
    keep_spread,
    read_weights,
)
from mmpose_multilat.tools.command_line import UserError

CONFIG = 'configs/face_2d_keypoint/popos/300w/popos_hrnetv2-w18_4xb32-100e_300w-256x256-hm4.py'


class Numbers(BaseDataset):
    def load_data_list(self):
        return [dict(number=number) for number in range(10)]


@pytest.mark.parametrize('limit, kept', [(1, [0]), (2, [0, 9]), (4, [0, 3, 6, 9])])
def test_kept_faces_are_spread(limit, kept):
    numbers = Numbers()
    keep_spread(numbers, limit)
    assert [numbers.get_data_info(i)['number'] for i in range(len(numbers))] == kept


def test_a_large_limit_keeps_all():
    numbers = Numbers()
    keep_spread(numbers, 11)
    assert len(numbers) == 10


def test_no_face_is_a_mistake():
    with pytest.raises(UserError, match='--limit 0 must be positive'):
        keep_spread(Numbers(), 0)


def test_head_without_codec_is_refused():
    with pytest.raises(UserError, match='set model.head.decoder'):
        check_codec(None)


def test_other_codecs_are_refused():
    with pytest.raises(UserError, match='MegviiHeatmap; only Gaussian heatmaps'):
        check_codec(MegviiHeatmap((256, 256), (64, 64), kernel_size=11))
    check_codec(KeyPosS((256, 256), (64, 64)))


def test_weights_of_a_training_and_bare_ones(tmp_path):
    torch.save({'state_dict': {'a': torch.ones(2)}, 'meta': {}}, tmp_path / 'training.pth')
    torch.save({'a': torch.ones(2)}, tmp_path / 'bare.pth')
    for name in ('training.pth', 'bare.pth'):
        assert read_weights(str(tmp_path / name))['a'].tolist() == [1, 1]


@pytest.mark.parametrize(
    'content, message',
    [
        (b'text', 'is no checkpoint that PyTorch reads'),
        (dict(meta='nothing'), 'holds no weights'),
        (3, 'holds no weights'),
        ({}, 'holds no weights'),
    ],
)
def test_other_files_are_refused(tmp_path, content, message):
    path = tmp_path / 'file.pth'
    path.write_bytes(content) if isinstance(content, bytes) else torch.save(content, path)
    with pytest.raises(UserError, match=message):
        read_weights(str(path))


def test_missing_checkpoint():
    with pytest.raises(UserError, match='checkpoint nowhere.pth does not exist'):
        read_weights('nowhere.pth')


def config_of(landmarks):
    config = Config.fromfile(CONFIG)
    config.merge_from_dict({'model.backbone.init_cfg': None, 'model.head.out_channels': landmarks})
    return config


def test_weights_of_other_models_are_refused(tmp_path):
    weights = MODELS.build(config_of(68).model).state_dict()
    fitting, partial = tmp_path / 'fitting.pth', tmp_path / 'partial.pth'
    torch.save(weights, fitting)
    torch.save({name: each for name, each in weights.items() if 'head' not in name}, partial)
    model = build_model(config_of(68), str(fitting), 'cpu')
    assert not model.training
    torch.testing.assert_close(model.state_dict(), weights)
    with pytest.raises(UserError, match='was not trained with this config.*size mismatch'):
        build_model(config_of(98), str(fitting), 'cpu')
    with pytest.raises(UserError, match='it lacks head.*more'):
        build_model(config_of(68), str(partial), 'cpu')

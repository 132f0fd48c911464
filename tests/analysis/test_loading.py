import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import BaseDataset
from mmpose.codecs import MegviiHeatmap
from mmpose.registry import MODELS

from mmpose_multilat.analysis.loading import (
    build_loader,
    build_model,
    check_gaussians,
    keep_spread,
    load_config,
)
from mmpose_multilat.codecs import KeyPosS
from mmpose_multilat.errors import UserError

CONFIG = 'configs/face_2d_keypoint/popos/300w/popos_hrnetv2-w18_4xb32-100e_300w-256x256-hm4.py'


class Numbers(BaseDataset):
    def load_data_list(self):
        return [dict(number=number) for number in range(10)]


@pytest.mark.parametrize('limit, kept', [(1, [0]), (2, [0, 9]), (4, [0, 3, 6, 9])])
def test_kept_faces_are_spread(limit, kept):
    numbers = keep_spread(Numbers(), limit)
    assert [numbers.get_data_info(i)['number'] for i in range(len(numbers))] == kept
    assert [each['number'] for each in numbers] == kept


def test_a_large_limit_keeps_all():
    assert len(keep_spread(Numbers(), 11)) == 10


def test_no_face_is_a_mistake():
    with pytest.raises(UserError, match='`limit` 0 must be positive'):
        keep_spread(Numbers(), 0)


def test_other_codecs_are_refused():
    with pytest.raises(UserError, match='MegviiHeatmap; only Gaussian heatmaps'):
        check_gaussians(MegviiHeatmap((256, 256), (64, 64), kernel_size=11))


def test_gaussian_heatmaps_can_be_compared():
    check_gaussians(KeyPosS((256, 256), (64, 64), sigma=2))


def config_of(**options):
    config = Config.fromfile(CONFIG)
    config.merge_from_dict({'model.backbone.init_cfg': None, **options})
    return config


def test_models_without_codec_are_refused(tmp_path):
    torch.save(MODELS.build(config_of().model).state_dict(), tmp_path / 'weights.pth')
    model = build_model(config_of(), str(tmp_path / 'weights.pth'), 'cpu')
    assert not model.training
    with pytest.raises(UserError, match='no codec; set model.head.decoder'):
        build_model(config_of(**{'model.head.decoder': None}), str(tmp_path / 'weights.pth'), 'cpu')


@pytest.mark.parametrize(
    'content, options, message',
    [
        ('def', {}, 'small.py cannot be read: SyntaxError: '),
        ("custom_imports = dict(imports=['no_module'])", {}, 'cannot be read: ImportError: '),
        ("_base_ = 'nowhere.py'", {}, 'small.py cannot be read: FileNotFoundError: '),
        ('raise RuntimeError(3)', {}, 'small.py cannot be read: RuntimeError: 3'),
        ('model = 3', {'model.head': 4}, '`cfg_options` do not fit config .*small.py: TypeError: '),
    ],
)
def test_configs_that_cannot_be_read_are_explained(tmp_path, content, options, message):
    (tmp_path / 'small.py').write_text(content)
    with pytest.raises(UserError, match=message):
        load_config(str(tmp_path / 'small.py'), options)


def test_other_files_are_no_configs():
    with pytest.raises(UserError, match='config README.md cannot be read: OSError: '):
        load_config('README.md', {})


def test_a_config_is_read_and_changed():
    assert load_config(CONFIG, {'model.head.out_channels': 5}).model.head.out_channels == 5


@pytest.mark.parametrize(
    'config, message',
    [
        ({}, 'the config has no test_dataloader'),
        ({'test_dataloader.dataset.type': 'Nope'}, 'cannot be built: KeyError: .*Nope'),
        ({'test_dataloader.dataset.data_root': 'nowhere'}, 'the dataset is not where the config'),
    ],
)
def test_test_sets_that_cannot_be_built_are_explained(config, message):
    with pytest.raises(UserError, match=message):
        build_loader(config_of(**config) if config else Config(dict()))

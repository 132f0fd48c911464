from types import SimpleNamespace

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import BaseDataset
from mmpose.codecs import MegviiHeatmap, MSRAHeatmap, UDPHeatmap
from mmpose.registry import MODELS

from mmpose_multilat.codecs import KeyPosS
from mmpose_multilat.tools.benchmarking.loading import (
    build_loader,
    build_model,
    check_codec,
    keep_spread,
    load_config,
    read_batches,
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
    with pytest.raises(UserError, match='UDPHeatmap; only Gaussian heatmaps'):
        check_codec(UDPHeatmap((256, 256), (64, 64), heatmap_type='combined'))


@pytest.mark.parametrize('kind', [KeyPosS, MSRAHeatmap, UDPHeatmap])
def test_gaussian_heatmaps_can_be_read(kind):
    check_codec(kind((256, 256), (64, 64), sigma=2))


def config_of(**options):
    config = Config.fromfile(CONFIG)
    config.merge_from_dict({'model.backbone.init_cfg': None, **options})
    return config


def test_models_without_gaussian_heatmaps_are_refused(tmp_path):
    torch.save(MODELS.build(config_of().model).state_dict(), tmp_path / 'weights.pth')
    model = build_model(config_of(), str(tmp_path / 'weights.pth'), 'cpu')
    assert not model.training
    with pytest.raises(UserError, match='the head of the config has no codec'):
        build_model(config_of(**{'model.head.decoder': None}), str(tmp_path / 'weights.pth'), 'cpu')


@pytest.mark.parametrize(
    'content, options, message',
    [
        ('def', {}, 'small.py cannot be read: SyntaxError: '),
        ("custom_imports = dict(imports=['no_module'])", {}, 'cannot be read: ImportError: '),
        ("_base_ = 'nowhere.py'", {}, 'small.py cannot be read: FileNotFoundError: '),
        ('raise RuntimeError(3)', {}, 'small.py cannot be read: RuntimeError: 3'),
        ('model = 3', {'model.head': 4}, '--cfg-options do not fit config .*small.py: TypeError: '),
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
        ({'test_dataloader.dataset.data_root': 'nowhere'}, 'the data set is not where the config'),
    ],
)
def test_test_sets_that_cannot_be_built_are_explained(config, message):
    with pytest.raises(UserError, match=message):
        build_loader(config_of(**config) if config else Config(dict()))


class Batches:
    """A loader of faces with two landmarks; what is an error is raised."""

    dataset = SimpleNamespace(metainfo=dict(num_keypoints=2))

    def __init__(self, *batches):
        self.batches = batches

    def __len__(self):
        return len(self.batches)

    def __iter__(self):
        for batch in self.batches:
            if isinstance(batch, Exception):
                raise batch
            yield batch


def face(landmarks):
    known = SimpleNamespace(keypoints=np.zeros((1, landmarks, 2)))
    return SimpleNamespace(img_path='face.jpg', gt_instances=known)


GOOD = dict(data_samples=[face(2), face(2)])


def test_batches_are_handed_on():
    assert list(read_batches(Batches(GOOD, GOOD))) == [GOOD, GOOD]


@pytest.mark.parametrize(
    'bad, message',
    [
        (KeyError('bbox'), "cannot be read: KeyError: 'bbox'; `check_data` names"),
        (
            FileNotFoundError('Caught FileNotFoundError in worker.\nTraceback:\nOSError: a.jpg\n'),
            'cannot be read: OSError: a.jpg; `check_data`',
        ),
        (
            dict(data_samples=[face(1)]),
            'face.jpg is annotated with 1 landmarks, the data set has 2',
        ),
    ],
)
def test_faces_that_cannot_be_read_are_explained(bad, message):
    with pytest.raises(UserError, match=message):
        list(read_batches(Batches(GOOD, bad)))


def test_errors_in_the_work_on_a_batch_are_not_blamed_on_reading():
    with pytest.raises(ZeroDivisionError):
        for _ in read_batches(Batches(GOOD)):
            raise ZeroDivisionError

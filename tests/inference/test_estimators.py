import pytest
import torch
from mmengine.config import Config
from mmpose.registry import MODELS

from mmpose_multilat.errors import SettingsWarning, UserError
from mmpose_multilat.inference.estimators import build_estimator, read_checkpoint

CONFIG = 'configs/face_2d_keypoint/popos/300w/popos_hrnetv2-w18_4xb32-100e_300w-256x256-hm4.py'


def test_weights_of_a_training_and_bare_ones(tmp_path):
    torch.save({'state_dict': {'a': torch.ones(2)}, 'meta': {}}, tmp_path / 'training.pth')
    torch.save({'a': torch.ones(2)}, tmp_path / 'bare.pth')
    for name in ('training.pth', 'bare.pth'):
        assert read_checkpoint(str(tmp_path / name))['state_dict']['a'].tolist() == [1, 1]


@pytest.mark.parametrize(
    'content, message',
    [
        (b'text', 'is no checkpoint that PyTorch reads'),
        (dict(meta='nothing'), 'holds no weights'),
        (3, 'holds no weights'),
        ({}, 'holds no weights'),
        ({1: torch.ones(2)}, 'holds no weights'),
    ],
)
def test_other_files_are_refused(tmp_path, content, message):
    path = tmp_path / 'file.pth'
    path.write_bytes(content) if isinstance(content, bytes) else torch.save(content, path)
    with pytest.raises(UserError, match=message):
        read_checkpoint(str(path))


def test_missing_checkpoint():
    with pytest.raises(UserError, match='checkpoint nowhere.pth does not exist'):
        read_checkpoint('nowhere.pth')


def config_of(landmarks, **options):
    config = Config.fromfile(CONFIG)
    config.merge_from_dict(
        {'model.backbone.init_cfg': None, 'model.head.out_channels': landmarks, **options}
    )
    return config


@pytest.fixture(scope='module')
def weights():
    return MODELS.build(config_of(68).model).state_dict()


def save(folder, weights):
    torch.save(weights, folder / 'weights.pth')
    return str(folder / 'weights.pth')


@pytest.mark.parametrize('prefix', ['', 'module.'])
def test_the_weights_are_those_of_the_checkpoint(tmp_path, weights, prefix):
    path = save(tmp_path, {prefix + name: each for name, each in weights.items()})
    model = build_estimator(config_of(68), path, 'cpu')
    assert not model.training
    torch.testing.assert_close(model.state_dict(), weights)


@pytest.mark.parametrize(
    'options, message',
    [
        ({'model.head.out_channels': 98}, 'was not trained with this config.*size mismatch'),
        ({'model.backbone.stride': 4}, 'was not trained with this config .*: it lacks .* and .*mo'),
        ({'model.type': 'BottomupPoseEstimator'}, 'is a BottomupPose.*a top-down one is needed'),
        ({'model': None}, 'the config has no model'),
        ({'model': 3}, 'cannot be built: AttributeError: '),
        ({'model.head': 3}, 'the model of the config cannot be built: AttributeError: '),
        ({'model.head.decoder.type': 'Nope'}, 'cannot be built: KeyError: .*Nope is not in the'),
        ({'model.head.decoder.sigma': 0}, 'cannot be built: ValueError: .*sigma=0 must be a fini'),
    ],
)
def test_what_does_not_fit_is_explained(tmp_path, weights, options, message):
    with pytest.raises(UserError, match=message):
        build_estimator(config_of(68, **options), save(tmp_path, weights), 'cpu')


def test_missing_weights_are_named(tmp_path, weights):
    path = save(tmp_path, {name: each for name, each in weights.items() if 'head' not in name})
    with pytest.raises(UserError, match='it lacks head.*more'):
        build_estimator(config_of(68), path, 'cpu')


def test_weights_that_are_not_finite_are_refused(tmp_path, weights):
    broken = {
        name: each * float('nan') for name, each in weights.items() if each.is_floating_point()
    }
    with pytest.raises(
        UserError, match=r'weights.pth: backbone.* more are not finite \(NaN or inf'
    ):
        build_estimator(config_of(68), save(tmp_path, {**weights, **broken}), 'cpu')


@pytest.mark.parametrize('sigma, warned', [(3, True), (2, False)])
def test_a_decoder_that_differs_from_the_trained_codec_is_named(
    tmp_path, weights, recwarn, sigma, warned
):
    content = dict(state_dict=weights, meta=dict(cfg=config_of(68).pretty_text))
    config = config_of(68, **{'model.head.decoder.sigma': sigma})
    build_estimator(config, save(tmp_path, content), 'cpu')
    said = [str(each.message) for each in recwarn if each.category is SettingsWarning]
    assert len(said) == warned
    for line in said:
        assert "codecs of the checkpoint's training and of the head differ: sigma=2.0" in line

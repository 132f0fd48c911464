"""The check that heatmaps have the size of their codec, alone, as a hook and inside a runner."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from mmengine.runner import Runner
from mmengine.structures import InstanceData
from mmpose.registry import HOOKS, KEYPOINT_CODECS, MODELS
from mmpose.structures import PoseDataSample
from mmpose.utils import register_all_modules
from torch import nn

import mmpose_multilat  # noqa: F401
from mmpose_multilat.engine import HeatmapSizeHook
from mmpose_multilat.engine.hooks import check_heatmap_size
from mmpose_multilat.models.heads import LocatingHead

register_all_modules()


def model_config(heatmap_size, stride=64, input_size=(256, 256)):
    """Config of a pose estimator whose head has the channels of stride 64."""
    return dict(
        type='TopdownPoseEstimator',
        data_preprocessor=dict(type='PoseDataPreprocessor'),
        backbone=dict(type='FastHRNet', stride=stride, init_cfg=None),
        neck=dict(type='FeatureMapProcessor', concat=True),
        head=dict(
            type='HeatmapHead',
            in_channels=54,
            out_channels=5,
            deconv_out_channels=None,
            decoder=dict(
                type='MSRAHeatmap', input_size=input_size, heatmap_size=heatmap_size, sigma=2
            ),
        ),
    )


def build(heatmap_size, **arguments):
    return MODELS.build(model_config(heatmap_size, **arguments))


@pytest.fixture
def wrong_model():
    return build((8, 8))


def test_matching_size_passes():
    check_heatmap_size(build((4, 4)))


def test_size_is_compared_in_x_and_y():
    check_heatmap_size(build((2, 4), input_size=(128, 256)))
    with pytest.raises(ValueError, match=r'heatmaps of 2x4 cells \(W x H\) .* 128x256 px'):
        check_heatmap_size(build((4, 2), input_size=(128, 256)))


def test_message_names_both_sizes_and_both_remedies(wrong_model):
    with pytest.raises(ValueError) as raised:
        check_heatmap_size(wrong_model)
    message = str(raised.value)
    assert 'heatmaps of 4x4 cells (W x H) for an input of 256x256 px' in message
    assert 'MSRAHeatmap decodes heatmaps of 8x8' in message
    assert '`codec.heatmap_size=(4, 4)`' in message
    assert '`model.backbone.stride=32`' in message


def test_no_stride_is_proposed_when_none_fits():
    with pytest.raises(ValueError, match='choose a backbone of another stride'):
        check_heatmap_size(build((7, 7)))


@pytest.mark.parametrize('heatmap_size', [(4, 4), (8, 8)])
def test_model_is_left_as_it_was(heatmap_size):
    model = build(heatmap_size)
    model.train()
    model.backbone.layer1.eval()
    modes = [module.training for module in model.modules()]
    state = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    try:
        check_heatmap_size(model)
    except ValueError:
        assert heatmap_size == (8, 8)
    assert [module.training for module in model.modules()] == modes
    assert all(torch.equal(state[name], tensor) for name, tensor in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())


def test_wrapped_model_is_unwrapped(wrong_model):
    with pytest.raises(ValueError, match='heatmaps of 4x4'):
        check_heatmap_size(nn.DataParallel(wrong_model))


def test_model_without_heatmap_decoder_is_skipped():
    config = model_config((8, 8))
    config['head']['decoder'] = None
    check_heatmap_size(MODELS.build(config))
    check_heatmap_size(nn.Linear(1, 1))


def test_output_that_is_no_heatmap_is_skipped(wrong_model):
    wrong_model.head.forward = lambda features: (torch.zeros(1, 5, 8), torch.zeros(1, 5, 8))
    check_heatmap_size(wrong_model)


def test_last_stage_counts(wrong_model):
    wrong_model.head.forward = lambda features: [
        torch.zeros(1, 5, 4, 4),
        torch.zeros(1, 5, 8, 8),
    ]
    check_heatmap_size(wrong_model)


def runner_with(model):
    """What the hook uses of a runner whose datasets have no pipeline."""
    loaders = ('train_dataloader', 'val_dataloader', 'test_dataloader')
    return SimpleNamespace(model=model, **dict.fromkeys(loaders, SimpleNamespace(dataset=None)))


@pytest.mark.parametrize('moment', ['before_train', 'before_val', 'before_test'])
def test_hook_checks_before(moment, wrong_model):
    hook = HOOKS.build(dict(type='HeatmapSizeHook'))
    with pytest.raises(ValueError, match='heatmaps of 4x4'):
        getattr(hook, moment)(runner_with(wrong_model))


def test_hook_checks_once():
    model = build((4, 4))
    calls = []
    model.backbone.register_forward_hook(lambda *_: calls.append(1))
    hook = HeatmapSizeHook()
    for moment in (hook.before_train, hook.before_val, hook.before_val):
        moment(runner_with(model))
    assert len(calls) == 1


KEYPOSS = dict(type='KeyPosS', input_size=(256, 256), heatmap_size=(4, 4))
VECTORS = dict(KEYPOSS, type='GaussianVector')


def with_head(neck=None, **head):
    """A pose estimator with 4 x 4 features and another head."""
    config = model_config((4, 4))
    config['head'] = {'in_channels': 54, **head}
    if neck is not None:
        config['neck'] = dict(type=neck)
    return MODELS.build(config).eval()


def sample():
    size = np.array([256.0, 256.0])
    about = dict(input_size=(256, 256), input_center=size / 2, input_scale=size)
    boxes = dict(bboxes=np.zeros((1, 4)), bbox_scores=np.ones(1))
    return PoseDataSample(metainfo=about, gt_instances=InstanceData(**boxes))


SIMCC = dict(
    type='SimCCHead',
    out_channels=5,
    input_size=(256, 256),
    in_featuremap_size=(4, 4),
    deconv_out_channels=None,
    decoder=KEYPOSS,
)
REGRESSION = dict(
    type='RegressionHead',
    in_channels=36,  # of the last feature map
    num_joints=5,
    decoder=KEYPOSS,
    neck='GlobalAveragePooling',
)
INTEGRAL = dict(
    type='IntegralRegressionHead',
    num_joints=5,
    in_featuremap_size=(4, 4),
    deconv_out_channels=None,
    decoder=KEYPOSS,
)
PLAIN = dict(type='HeatmapHead', out_channels=5, deconv_out_channels=None, decoder=VECTORS)


@pytest.mark.parametrize(
    'head, needs, got, cure',
    [
        (SIMCC, r'\(B, K, 4, 4\)', r'\(1, 5, 512\) and \(1, 5, 512\)', 'HeatmapHead'),
        (REGRESSION, r'\(B, K, 4, 4\)', r'\(1, (1, )?5, 2\)', 'HeatmapHead'),
        (INTEGRAL, r'\(B, K, 4, 4\)', r'\(1, (1, )?5, 2\)', 'HeatmapHead'),
        (PLAIN, r'\(B, K, 4\) and \(B, K, 4\)', r'\(1, 5, 4, 4\)', 'GaussianVectorHead'),
    ],
)
def test_a_codec_of_this_package_on_a_head_of_another_kind_names_the_cure(head, needs, got, cure):
    """Before the first batch, and by `predict` where the hook is not used."""
    model = with_head(**head)
    message = rf'heatmap_size=\(4, 4\) .* needs {needs}, got {got}.*; .* use a head that .*{cure}'
    with pytest.raises(ValueError, match=message):
        HeatmapSizeHook().before_test(runner_with(model))
    with pytest.raises(ValueError, match=message), torch.no_grad():
        model.predict(torch.zeros(1, 3, 256, 256), [sample()])


def test_vectors_are_checked():
    settings = dict(type='GaussianVectorHead', out_channels=5, deconv_out_channels=None)
    check_heatmap_size(with_head(**settings, decoder=VECTORS))
    wrong = with_head(**settings, decoder=dict(VECTORS, heatmap_size=(8, 4)))
    with pytest.raises(ValueError, match=r'\(4, 4\) \(W, H\), its codec has heatmap_size=\(8, 4\)'):
        check_heatmap_size(wrong)
    wrong.head.forward = lambda features: (torch.zeros(1, 5, 4), torch.zeros(1, 5, 4))
    with pytest.raises(ValueError, match=r'needs \(B, K, 8\) and \(B, K, 4\), got \(1, 5, 4\) and'):
        check_heatmap_size(wrong)


def test_the_head_beside_visibilities_is_checked():
    pose = dict(PLAIN, in_channels=54)
    for size in ((4, 4), (8, 4)):
        config = model_config((4, 4))
        codec = dict(KEYPOSS, heatmap_size=size)
        config['head'] = dict(type='VisPredictHead', pose_cfg=dict(pose, decoder=codec))
        model = MODELS.build(config)
        if size == (4, 4):
            check_heatmap_size(model)
        else:
            with pytest.raises(ValueError, match='puts out heatmaps of 4x4 .* KeyPosS decodes'):
                check_heatmap_size(model)


@MODELS.register_module()
class TwoOutputsHead(LocatingHead):
    """Puts out heatmaps of landmarks and, twice as fine, of the boundaries of a face."""

    def __init__(self, *args, boundaries, **settings):
        super().__init__(*args, **settings)
        self.boundaries = KEYPOINT_CODECS.build(boundaries)

    def forward(self, feats):
        heatmaps = super().forward(feats)
        return heatmaps, nn.functional.interpolate(heatmaps, scale_factor=2)

    def outputs_by_codec(self, outputs):
        heatmaps, boundaries = outputs
        return {
            **super().outputs_by_codec(heatmaps),
            'boundaries': (self.boundaries, (boundaries,)),
        }


@pytest.mark.parametrize(
    'decoder, boundaries, message',
    [
        ((4, 4), (8, 8), None),
        ((8, 8), (8, 8), 'puts out heatmaps of 4x4 .* codec KeyPosS decodes heatmaps of 8x8'),
        (
            (4, 4),
            (4, 4),
            'puts out boundaries of 8x8 .* codec MSRAHeatmap decodes boundaries of 4x4',
        ),
    ],
)
def test_every_output_is_checked_by_its_name(decoder, boundaries, message):
    model = with_head(
        type='TwoOutputsHead',
        out_channels=5,
        deconv_out_channels=None,
        decoder=dict(KEYPOSS, heatmap_size=decoder),
        boundaries=dict(KEYPOSS, type='MSRAHeatmap', heatmap_size=boundaries, sigma=2),
    )
    if message is None:
        check_heatmap_size(model)
    else:
        with pytest.raises(ValueError, match=message):
            check_heatmap_size(model)


class FirstBatchLoadedError(Exception):
    """Raised by the dataset below, so that a test need not train."""


class UnreadableFaces(torch.utils.data.Dataset):
    """A dataset that may not be read."""

    def __len__(self):
        return 1

    def __getitem__(self, index):
        raise FirstBatchLoadedError


def train(heatmap_size, work_dir):
    """Start a real training that ends when it loads its first batch."""
    runner = Runner(
        model=model_config(heatmap_size),
        work_dir=str(work_dir),
        train_dataloader=torch.utils.data.DataLoader(UnreadableFaces()),
        train_cfg=dict(by_epoch=True, max_epochs=1),
        optim_wrapper=dict(optimizer=dict(type='Adam', lr=2e-3)),
        custom_hooks=[dict(type='HeatmapSizeHook')],
        default_scope='mmpose',
        experiment_name=f'{work_dir.name}-{heatmap_size[0]}',
    )
    runner.train()


def test_training_with_a_wrong_size_is_refused_before_the_first_batch(tmp_path):
    with pytest.raises(ValueError, match='heatmaps of 4x4'):
        train((8, 8), tmp_path)
    with pytest.raises(FirstBatchLoadedError):
        train((4, 4), tmp_path)

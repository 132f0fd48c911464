import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.registry import init_default_scope
from mmengine.structures import InstanceData
from mmpose.models.utils.tta import flip_vectors
from mmpose.registry import DATASETS, MODELS
from mmpose.structures import PoseDataSample
from torch import nn

from mmpose_multilat.codecs import GaussianVector
from mmpose_multilat.datasets.synthetic import Request, write_data_sets
from mmpose_multilat.models.layers import BandPooling

SIZE = (64, 48)  # w, h of the input
CELLS = (16, 12)
CODEC = dict(type='GaussianVector', input_size=SIZE, heatmap_size=CELLS)
SETTINGS = dict(
    type='GaussianVectorHead',
    in_channels=3,
    out_channels=3,
    deconv_out_channels=None,
    final_layer=None,
    loss=dict(type='KeypointMSELoss', use_target_weight=True),
    decoder=CODEC,
)
LANDMARKS = np.array(
    [[[20, 20], [44, 20], [32, 32]], [[21, 22], [43, 19], [33, 30]]], dtype=np.float32
)
PARTNERS = [1, 0, 2]


def build(**changes):
    return MODELS.build({**SETTINGS, **changes})


def samples(landmarks=LANDMARKS, visible=None):
    """Labels as GenerateTarget and PackPoseInputs make them."""
    packed = []
    for face, points in enumerate(landmarks):
        encoded = GaussianVector(SIZE, CELLS).encode(
            points[None], None if visible is None else visible[face][None]
        )
        labels = InstanceData(**{name: torch.from_numpy(each) for name, each in encoded.items()})
        meta = dict(
            flip_indices=PARTNERS,
            input_size=np.array(SIZE),
            input_center=np.array(SIZE) / 2,
            input_scale=np.array(SIZE),
        )
        sample = PoseDataSample(gt_instance_labels=labels, metainfo=meta)
        sample.gt_instances = InstanceData(bboxes=np.zeros((1, 4)), bbox_scores=np.ones(1))
        packed.append(sample)
    return packed


def crosses(landmarks=LANDMARKS):
    """(B, K, H, W) heatmaps whose means over columns and rows are the labels.

    A column plus a row, less a constant: the mean over rows is the x vector plus the mean of y.
    """
    labels = [sample.gt_instance_labels for sample in samples(landmarks)]
    x = torch.cat([label.keypoint_x_labels for label in labels]).unsqueeze(-2)
    y = torch.cat([label.keypoint_y_labels for label in labels]).unsqueeze(-1)
    mean_x, mean_y = x.mean(-1, keepdim=True), y.mean(-2, keepdim=True)
    # The two vectors of a heatmap have the same mean, which the labels of 16 and 12 cells have not.
    return x + y - (mean_x + mean_y) / 2, (x.squeeze(-2), y.squeeze(-1)), (mean_y - mean_x) / 2


def test_forward_pools_the_heatmaps():
    heatmaps, (x, y), difference = crosses()
    found = build(band_pooling=dict(bandwidths=[1]))((heatmaps,))
    torch.testing.assert_close(found[0], x + difference.squeeze(-1))
    torch.testing.assert_close(found[1], y - difference.squeeze(-1))
    default = build()((heatmaps,))
    for ours, expected in zip(default, BandPooling((3, 5), (0.5, 0.5))(heatmaps)):
        assert torch.equal(ours, expected)


def test_predicts_the_landmarks_and_shows_the_heatmaps():
    heatmaps, _, _ = crosses()
    head = build(band_pooling=dict(bandwidths=[1]))
    found, fields = head.predict((heatmaps,), samples(), dict(output_heatmaps=True))
    for face, expected in enumerate(LANDMARKS):
        assert found[face].keypoints.shape == (1, 3, 2) and found[face].keypoint_scores.min() > 0.8
        assert np.abs(found[face].keypoints[0] - expected).max() <= 2 + 1e-4  # half a cell
        assert torch.equal(fields[face].heatmaps, heatmaps[face])
    plain = head.predict((heatmaps,), samples())
    np.testing.assert_array_equal(plain[0].keypoints, found[0].keypoints)


def test_loss_by_hand():
    heatmaps, (x, y), _ = crosses()
    head = build()
    visible = np.array([[1, 0, 1], [1, 1, 0.5]], dtype=np.float32)
    losses = head.loss((heatmaps,), samples(visible=visible))
    assert set(losses) == {'loss_x', 'loss_y'}
    for name, target, pooled in zip(('loss_x', 'loss_y'), (x, y), BandPooling()(heatmaps)):
        weights = torch.from_numpy(visible)
        hidden = (weights < 0.5).unsqueeze(-1)
        errors = (pooled - target.masked_fill(hidden, 0)).square().mean(-1)
        assert losses[name].item() == pytest.approx((errors * weights).mean().item(), rel=1e-5)


@pytest.mark.parametrize(
    'loss', ['HeatmapNormLoss', 'MultilaterationAnchorLoss', 'AdaptiveWingLoss']
)
def test_losses_on_heatmaps_fit_vectors(loss):
    heatmaps, _, _ = crosses()
    heatmaps.requires_grad_()
    head = build(loss=dict(type=loss, use_target_weight=True))
    losses = head.loss((heatmaps,), samples())
    sum(losses.values()).backward()
    assert heatmaps.grad.isfinite().all() and heatmaps.grad.any()


@pytest.mark.parametrize('shift', [False, True])
def test_flip_test_averages_the_vectors(shift):
    generator = torch.Generator().manual_seed(0)
    plain, mirrored = torch.randn(2, 2, 3, 12, 16, generator=generator)
    head = build()
    test_cfg = dict(flip_test=True, shift_heatmap=shift)
    found = head.predict([(plain,), (mirrored,)], samples(), test_cfg)
    x, y = flip_vectors(*head((mirrored,)), flip_indices=PARTNERS)
    if shift:
        # As MMPose shifts heatmaps: the first column is repeated before the bands are averaged.
        moved = torch.cat((mirrored.flip(-1)[..., :1], mirrored.flip(-1)[..., :-1]), -1)
        x, y = BandPooling()(moved[:, PARTNERS])
    both = [(one + other) / 2 for one, other in zip(head((plain,)), (x, y))]
    expected, scores = head.decoder.batch_decode(*both)
    for face in range(2):
        np.testing.assert_allclose(found[face].keypoints, expected[face], atol=1e-3)
        np.testing.assert_allclose(found[face].keypoint_scores, scores[face], atol=1e-5)


def test_flip_test_shifts_nothing_unless_it_is_told_to():
    generator = torch.Generator().manual_seed(0)
    plain, mirrored = torch.randn(2, 2, 3, 12, 16, generator=generator)
    settings = [dict(flip_test=True), dict(flip_test=True, shift_heatmap=False)]
    first, second = (
        build().predict([(plain,), (mirrored,)], samples(), test_cfg) for test_cfg in settings
    )
    np.testing.assert_array_equal(first[0].keypoints, second[0].keypoints)


def test_heatmaps_are_shown_without_their_gradient():
    heatmaps = crosses()[0].requires_grad_()
    _, fields = build().predict((heatmaps,), samples(), dict(output_heatmaps=True))
    assert not fields[0].heatmaps.requires_grad


def test_a_head_without_a_codec_pools_all_the_same():
    heatmaps, _, _ = crosses()
    torch.testing.assert_close(build(decoder=None)((heatmaps,)), build()((heatmaps,)))


@MODELS.register_module()
class SortedEyes(nn.Module):
    """Gives the head the image itself, one px for a cell, the eye on the left first."""

    def forward(self, pictures):
        columns = torch.arange(pictures.shape[-1])
        places = (pictures.mean(-2) * columns).sum(-1) / pictures.mean(-2).sum(-1)  # (B, 3)
        in_order = (places[:, 0] < places[:, 1])[:, None, None, None]
        eyes = torch.where(in_order, pictures[:, :2], pictures[:, :2].flip(1))
        return (torch.cat((eyes, pictures[:, 2:]), 1),)


@pytest.mark.parametrize(
    'alignment, flip_mode', [('udp', 'heatmap'), ('udp', 'coordinates'), ('msra', 'coordinates')]
)
def test_flip_test_of_the_pose_estimator_makes_no_error(alignment, flip_mode):
    codec = dict(CODEC, input_size=CELLS, alignment=alignment, rounded=False, refine='exact')
    settings = dict(
        type='MultilaterationPoseEstimator',
        backbone=dict(type='SortedEyes'),
        head=dict(SETTINGS, decoder=codec, band_pooling=dict(bandwidths=[1])),
        test_cfg=dict(flip_test=True, flip_mode=flip_mode, output_heatmaps=True),
    )
    model, batch = MODELS.build(settings), samples()[:1]
    size = np.array(CELLS)
    batch[0].set_metainfo(dict(input_size=size, input_center=size / 2, input_scale=size))
    places = torch.tensor([[4.3, 5.2], [10.1, 5.4], [7.7, 6.6]])
    steps = torch.arange(16.0)
    x, y = torch.exp(-((steps - places.T.unsqueeze(-1)) ** 2) / 8)  # (3, 16) each
    picture = y[:, :12].unsqueeze(-1) * x.unsqueeze(-2)
    found = model.predict(picture[None], batch)[0]
    np.testing.assert_allclose(found.pred_instances.keypoints[0], places, atol=1e-3)
    assert found.pred_fields.heatmaps.shape == (3, 12, 16)


def test_feature_index_chooses_the_feature_map():
    heatmaps, _, _ = crosses()
    small = heatmaps[..., ::2, ::2]
    first = build(feature_index=0)((heatmaps, small))
    torch.testing.assert_close(first, build()((heatmaps,)))
    with pytest.raises(ValueError, match=r'heatmaps of \(8, 6\).*codec has heatmap_size'):
        build()((heatmaps, small))
    for wrong in (2, -3):
        with pytest.raises(ValueError, match=f'feature_index={wrong} is none of the 2 feature'):
            build(feature_index=wrong)((heatmaps, small))
    torch.testing.assert_close(build(feature_index=-2)((heatmaps, small)), build()((heatmaps,)))


@pytest.mark.parametrize(
    'changes, message',
    [
        (
            dict(decoder=dict(type='KeyPosS', input_size=SIZE, heatmap_size=CELLS)),
            'KeyPosS encodes no vectors',
        ),
        (dict(band_pooling=dict(bandwidths=[2])), r'bandwidths=\[2\] must be'),
        (dict(band_pooling='x'), "band_pooling='x' must be arguments of BandPooling"),
        (dict(feature_index='first'), "feature_index='first' must be a whole number"),
    ],
)
def test_wrong_settings_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        build(**changes)


def test_flip_modes_of_other_heatmaps_are_refused():
    heatmaps, _, _ = crosses()
    test_cfg = dict(flip_test=True, flip_mode='udp_combined')
    with pytest.raises(ValueError, match="flip_mode='udp_combined' does not fit"):
        build().predict([(heatmaps,), (heatmaps,)], samples(), test_cfg)


def test_loss_falls_and_gradients_are_finite(tmp_path):
    """Ten training steps on eight synthetic faces, through the pipeline of a config."""
    name = 'configs/face_2d_keypoint/popos/300w/popos_hrnetv2-w18_4xb32-100e_300w-256x256-hm4.py'
    config = Config.fromfile(name)
    codec = dict(type='GaussianVector', input_size=(256, 256), heatmap_size=(4, 4))
    config.train_dataloader.dataset.pipeline[-2].encoder = codec
    config.model.backbone.init_cfg = None
    head = dict(
        config.model.head,
        type='GaussianVectorHead',
        decoder=codec,
        loss=dict(type='KeypointMSELoss', use_target_weight=True),
    )
    init_default_scope('mmpose')
    write_data_sets(['300w'], str(tmp_path), Request(train=8, test=1, size=128))
    dataset = DATASETS.build({**config.train_dataloader.dataset, 'data_root': f'{tmp_path}/300w/'})
    torch.manual_seed(0)
    batch = pseudo_collate([dataset[i] for i in range(8)])
    model = MODELS.build(dict(config.model, head=head))
    model.train()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    totals = []
    for _ in range(10):
        data = model.data_preprocessor(batch, training=True)
        total = sum(model.loss(data['inputs'], data['data_samples']).values())
        optimizer.zero_grad()
        total.backward()
        gradients = [each.grad for each in model.parameters() if each.grad is not None]
        assert gradients and all(gradient.isfinite().all() for gradient in gradients)
        optimizer.step()
        totals.append(total.item())
    assert sum(totals[-3:]) < sum(totals[:3])


def test_the_feature_index_may_be_a_whole_number_of_numpy():
    assert type(build(feature_index=np.int64(0)).feature_index) is int

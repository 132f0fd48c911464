import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData, PixelData
from mmpose.registry import MODELS
from mmpose.structures import PoseDataSample

from mmpose_multilat.codecs import POPoS

CODEC = dict(type='POPoS', input_size=(64, 64), heatmap_size=(16, 16), sigma=2)
SETTINGS = dict(
    type='MultilaterationHead',
    in_channels=5,
    out_channels=5,
    deconv_out_channels=None,
    final_layer=None,
    loss=dict(type='KeypointMSELoss', use_target_weight=True),
    decoder=CODEC,
    coordinate_loss=dict(type='MPJPELoss', use_target_weight=True),
)
LANDMARKS = np.array(
    [
        [[20, 20], [44, 20], [32, 32], [24, 44], [40, 44]],
        [[21, 22], [43, 19], [33, 30], [25, 40], [41, 45]],
    ],
    dtype=np.float32,
)


def samples(landmarks=LANDMARKS, visible=None):
    """Labels as GenerateTarget and PackPoseInputs make them."""
    packed = []
    for face, points in enumerate(landmarks):
        encoded = POPoS((64, 64), (16, 16)).encode(
            points[None], None if visible is None else visible[face][None]
        )
        labels = InstanceData(
            keypoint_weights=torch.from_numpy(encoded['keypoint_weights']),
            keypoint_labels=torch.from_numpy(encoded['keypoint_labels']),
        )
        fields = PixelData(heatmaps=torch.from_numpy(encoded['heatmaps']))
        packed.append(PoseDataSample(gt_instance_labels=labels, gt_fields=fields))
    return packed


def heatmaps_of(landmarks):
    codec = POPoS((64, 64), (16, 16))
    return torch.stack(
        [torch.from_numpy(codec.encode(face[None])['heatmaps']) for face in landmarks]
    )


def build(**changes):
    return MODELS.build({**SETTINGS, **changes})


def test_perfect_heatmaps_have_no_loss():
    losses = build().loss((heatmaps_of(LANDMARKS),), samples())
    assert set(losses) == {'loss_kpt', 'loss_coordinate'}
    assert losses['loss_kpt'] == 0
    assert losses['loss_coordinate'] < 1e-2


@pytest.mark.parametrize(
    'changes, expected',
    [
        ({}, 5.0),  # all landmarks are off by (3, 4) px
        (dict(coordinate_unit='ocular', eyes=(0, 1)), (5 / 24 + 5 / np.hypot(22, 3)) / 2),
    ],
)
def test_loss_is_the_mean_distance_in_its_unit(changes, expected):
    moved = LANDMARKS + np.array([3, 4], dtype=np.float32)
    losses = build(**changes).loss((heatmaps_of(moved),), samples())
    assert losses['loss_coordinate'].item() == pytest.approx(expected, rel=1e-2)


def test_invisible_and_hopeless_landmarks_take_no_part():
    visible = np.ones((2, 5), dtype=np.float32)
    visible[0, 2] = 0
    heatmaps = heatmaps_of(LANDMARKS)
    heatmaps[0, 2] = heatmaps_of(LANDMARKS + 15)[0, 2]  # invisible, and wrong by 21 px
    heatmaps[1, 3] = 0.05 * heatmaps_of(LANDMARKS + 15)[1, 3]  # below min_score
    heatmaps[1, 4] = 0
    losses = build().loss((heatmaps,), samples(visible=visible))
    assert losses['loss_coordinate'] < 1e-2


def test_a_face_without_a_distance_of_its_eyes_takes_no_part():
    landmarks = LANDMARKS.copy()
    landmarks[0, 1] = landmarks[0, 0]
    head = build(coordinate_unit='ocular', eyes=(0, 1))
    losses = head.loss((heatmaps_of(landmarks + 5),), samples(landmarks))
    alone = head.loss((heatmaps_of(landmarks + 5)[1:],), samples(landmarks)[1:])
    assert losses['loss_coordinate'].item() == pytest.approx(alone['loss_coordinate'].item() / 2)


@pytest.mark.parametrize('loss', ['MPJPELoss', 'SmoothL1Loss', 'L1Loss', 'WingLoss'])
@pytest.mark.parametrize('decoder', [dict(type='KeyPosS'), dict(type='POPoS'), dict(type='Dark')])
def test_every_loss_and_decoder_trains(loss, decoder):
    """Ten steps of gradient descent on the heatmaps themselves bring the landmarks nearer."""
    head = build(
        decoder={**CODEC, **decoder}, coordinate_loss=dict(type=loss, use_target_weight=True)
    )
    heatmaps = heatmaps_of(LANDMARKS + 2).requires_grad_()
    optimizer = torch.optim.Adam([heatmaps], lr=5e-3)
    values = []
    for _ in range(10):
        losses = head.loss((heatmaps,), samples())
        values.append(losses['loss_coordinate'].item())
        optimizer.zero_grad()
        losses['loss_coordinate'].backward()
        assert heatmaps.grad.isfinite().all()
        optimizer.step()
    assert values[-1] < 0.9 * values[0]


@pytest.mark.parametrize(
    'changes, message',
    [
        (
            dict(coordinate_decoder={**CODEC, 'type': 'KeyPosS', 'sigma': 1.5}),
            r'coordinate_decoder has sigma=1.5, decoder has sigma=2.0',
        ),
        (dict(coordinate_decoder={**CODEC, 'type': 'TwoHot'}), 'TwoHot with these'),
        (dict(decoder={**CODEC, 'type': 'OneHot'}), 'OneHot with these settings has no gradient'),
        (dict(decoder={**CODEC, 'solver': 'grid'}), "POPoS with solver='exact'"),
        (dict(coordinate_unit='pixel'), "coordinate_unit='pixel' is unknown"),
        (dict(coordinate_unit='ocular'), r'needs eyes=\(i, j\)'),
        (dict(coordinate_loss=dict(type='L1Loss')), 'needs use_target_weight=True'),
    ],
)
def test_wrong_settings_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        build(**changes)


def test_another_codec_can_decode_while_training():
    """A factor on the heatmap shifts POPoS, which takes absolute ranges, but not KeyPosS."""
    heatmaps = 0.7 * heatmaps_of(LANDMARKS + 1.3)
    targets = samples(LANDMARKS + 1.3)
    alone = build().loss((heatmaps,), targets)['loss_coordinate']
    head = build(coordinate_decoder=dict(CODEC, type='KeyPosS'))
    assert isinstance(head.decoder, POPoS)
    assert head.loss((heatmaps,), targets)['loss_coordinate'] < 1e-3 < alone

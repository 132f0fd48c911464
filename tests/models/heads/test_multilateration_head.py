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


def test_both_losses_are_weighted_by_hand():
    """Landmark 2 of the first face counts half, landmark 4 of the second not at all."""
    visible = np.ones((2, 5), dtype=np.float32)
    visible[0, 2], visible[1, 4] = 0.5, 0
    moved = LANDMARKS.copy()
    moved[0, 2] += [3, 4]
    moved[1, 4] += 8
    losses = build().loss((heatmaps_of(moved),), samples(visible=visible))
    assert losses['loss_coordinate'].item() == pytest.approx(0.5 * 5 / 10, rel=1e-2)
    squares = (heatmaps_of(moved) - heatmaps_of(LANDMARKS)).square().mean((-2, -1))
    assert losses['loss_kpt'].item() == pytest.approx(0.5 * squares[0, 2].item() / 10, rel=1e-4)


def test_a_landmark_with_the_lowest_score_takes_part():
    heatmaps = heatmaps_of(LANDMARKS + 4)
    heatmaps[0, 0] *= 0.5  # in the centre of a cell, so that the height is the score
    weaker = heatmaps.clone()
    weaker[0, 0] *= 0.999
    head = build(decoder=dict(CODEC, type='KeyPosS'), min_score=0.5)
    all_ten, nine = (
        head.loss((maps,), samples(LANDMARKS))['loss_coordinate'].item()
        for maps in (heatmaps, weaker)
    )
    assert all_ten == pytest.approx(np.hypot(4, 4), rel=1e-3)
    assert nine == pytest.approx(0.9 * all_ten, rel=1e-3)


def test_a_head_can_decode_while_training_alone():
    head = build(decoder=None, coordinate_decoder=dict(CODEC, type='KeyPosS'))
    losses = head.loss((heatmaps_of(LANDMARKS),), samples())
    assert losses['loss_coordinate'] < 1e-2


def test_a_loss_that_always_takes_weights_needs_no_setting():
    losses = [SETTINGS['coordinate_loss']] * 2
    twice = build(coordinate_loss=dict(type='LossSum', losses=losses))
    heatmaps = heatmaps_of(LANDMARKS + 2)
    found, once = (head.loss((heatmaps,), samples()) for head in (twice, build()))
    torch.testing.assert_close(found['loss_coordinate'], 2 * once['loss_coordinate'])


def test_a_face_without_a_distance_of_its_eyes_takes_no_part():
    landmarks = LANDMARKS.copy()
    landmarks[0, 1] = landmarks[0, 0]
    head = build(coordinate_unit='ocular', eyes=(0, 1))
    losses = head.loss((heatmaps_of(landmarks + 5),), samples(landmarks))
    alone = head.loss((heatmaps_of(landmarks + 5)[1:],), samples(landmarks)[1:])
    assert losses['loss_coordinate'].item() == pytest.approx(alone['loss_coordinate'].item() / 2)


@pytest.mark.parametrize('hidden', [0, 1])
def test_a_face_with_an_unlabelled_eye_takes_no_part(hidden):
    """Where that eye is said to be has no meaning, and so has the distance to it."""
    landmarks, visible = LANDMARKS.copy(), np.ones((2, 5), dtype=np.float32)
    landmarks[0, hidden], visible[0, hidden] = (0, 0), 0
    head = build(coordinate_unit='ocular', eyes=(0, 1))
    heatmaps, targets = heatmaps_of(LANDMARKS + 5), samples(landmarks, visible)
    both = head.loss((heatmaps,), targets)['loss_coordinate'].item()
    alone = head.loss((heatmaps[1:],), targets[1:])['loss_coordinate'].item()
    assert both == pytest.approx(alone / 2) and both > 0
    in_px = build().loss((heatmaps,), targets)['loss_coordinate'].item()
    assert in_px == pytest.approx(np.hypot(5, 5) * 9 / 10, rel=1e-2)


def test_a_labelled_eye_that_is_not_found_leaves_the_face():
    """The distance is that of the labels, whatever the network says."""
    heatmaps = heatmaps_of(LANDMARKS + np.array([3, 4], dtype=np.float32))
    heatmaps[:, 0] = 0  # below min_score
    head = build(coordinate_unit='ocular', eyes=(0, 1))
    loss = head.loss((heatmaps,), samples())['loss_coordinate'].item()
    assert loss == pytest.approx((5 / 24 + 5 / np.hypot(22, 3)) / 2 * 4 / 5, rel=1e-2)


@pytest.mark.parametrize(
    'loss', ['MPJPELoss', 'SmoothL1Loss', 'L1Loss', 'MSELoss', 'WingLoss', 'SoftWingLoss']
)
@pytest.mark.parametrize('decoder', ['KeyPosS', 'POPoS', 'Dark'])
@pytest.mark.parametrize('unit', ['input', 'ocular'])
def test_autocast_does_not_reach_the_loss_on_coordinates(unit, decoder, loss):
    """Half precision, 1 part in 256, spoils the differences of squares that decoders solve."""
    head = build(
        decoder=dict(CODEC, type=decoder),
        coordinate_loss=dict(type=loss, use_target_weight=True),
        coordinate_unit=unit,
        eyes=(0, 1),
    )
    half = heatmaps_of(LANDMARKS + 2).bfloat16()  # as a network puts them out under autocast
    full = head.loss((half.float(),), samples())['loss_coordinate']
    half.requires_grad_()
    with torch.autocast('cpu', dtype=torch.bfloat16):
        found = head.loss((half,), samples())['loss_coordinate']
    found.backward()
    assert found.dtype == torch.float32
    assert found.item() == pytest.approx(full.item(), rel=0.05)
    assert half.grad.isfinite().all() and half.grad.any()


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
        (
            dict(coordinate_decoder={**CODEC, 'type': 'KeyPosS', 'input_size': (64, 32)}),
            r'coordinate_decoder has input_size=\(64, 32\), decoder has input_size=\(64, 64\)',
        ),
        (
            dict(coordinate_decoder={**CODEC, 'type': 'KeyPosS', 'heatmap_size': (16, 8)}),
            r'coordinate_decoder has heatmap_size=\(16, 8\), decoder has heatmap_size=\(16, 16\)',
        ),
        (dict(coordinate_decoder={**CODEC, 'type': 'TwoHot'}), 'TwoHot with these'),
        (dict(decoder={**CODEC, 'type': 'MSRAHeatmap'}), 'MSRAHeatmap with these'),
        (dict(decoder={**CODEC, 'type': 'OneHot'}), 'OneHot with these settings has no gradient'),
        (dict(decoder={**CODEC, 'solver': 'grid'}), "POPoS with solver='exact'"),
        (dict(coordinate_unit='pixel'), "coordinate_unit='pixel' is unknown"),
        (dict(coordinate_unit='ocular'), r'needs eyes=\(i, j\)'),
        (dict(coordinate_unit='ocular', eyes=(1, 1)), r'eyes=\(1, 1\) must be .* two different'),
        (dict(coordinate_unit='ocular', eyes=(0, 5)), 'numbers from 0 to 4, the last of the 5'),
        (dict(coordinate_unit='ocular', eyes=(-1, 1)), 'numbers from 0 to 4'),
        (dict(coordinate_unit='ocular', eyes=(0, 1.0)), 'whole numbers'),
        (dict(coordinate_unit='ocular', eyes=(False, 1)), 'whole numbers'),
        (dict(coordinate_unit='ocular', eyes=[0, 1, 2]), 'two different'),
        (dict(coordinate_unit='ocular', eyes=3), r'eyes=3 must be \(i, j\)'),
        (dict(coordinate_loss=None), 'coordinate_loss=None must be the config of a loss'),
        (dict(min_score=float('nan')), 'min_score=nan must be a finite number'),
        (
            dict(
                decoder={**CODEC, 'type': 'UDPHeatmap'},
                coordinate_decoder={**CODEC, 'type': 'KeyPosS'},
            ),
            'coordinate_decoder has alignment=msra, decoder has alignment=udp',
        ),
        (
            dict(
                decoder={**CODEC, 'type': 'MSRAHeatmap'},
                coordinate_decoder={**CODEC, 'type': 'KeyPosS', 'alignment': 'udp'},
            ),
            'coordinate_decoder has alignment=udp, decoder has alignment=msra',
        ),
        (dict(coordinate_loss=dict(type='L1Loss')), 'needs use_target_weight=True'),
        (
            dict(coordinate_loss=dict(type='LossSum', losses=[dict(type='L1Loss')])),
            'needs use_target_weight=True',
        ),
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


@pytest.mark.parametrize(
    'decoder, alignment',
    [('MSRAHeatmap', 'msra'), ('UDPHeatmap', 'udp'), ('KeyPosS', 'msra')],
)
@pytest.mark.parametrize('kind', [list, tuple])
def test_equal_settings_agree_however_they_are_written(decoder, alignment, kind):
    """MMPose's codecs keep lists as they are given."""
    sizes = dict(input_size=kind((64, 64)), heatmap_size=kind((16, 16)))
    head = build(
        decoder=dict(type=decoder, sigma=2, **sizes),
        coordinate_decoder=dict(CODEC, type='KeyPosS', alignment=alignment),
    )
    assert head.coordinate_decoder.alignment == alignment


def test_eyes_may_be_whole_numbers_of_numpy():
    eyes = build(coordinate_unit='ocular', eyes=np.array([0, 1])).eyes
    assert eyes == (0, 1) and {type(eye) for eye in eyes} == {int}

"""One adapter for all heads: what it finds is what their own `predict` finds."""

import numpy as np
import pytest
import torch
from mmpose.codecs import MSRAHeatmap, UDPHeatmap
from mmpose.registry import MODELS
from mmpose.structures import PoseDataSample

from mmpose_multilat.codecs import KeyPosS
from mmpose_multilat.landmarks import Located
from mmpose_multilat.models.heads import (
    LocatingHead,
    averaged_outputs,
    codec_of,
    decoding_with,
    flip_indices_of,
    locate_outputs,
    outputs_by_codec,
    shown_fields,
    stretch_of,
    to_instances,
    visibilities,
)

SIZE, CELLS, LANDMARKS, CHANNELS = (64, 32), (16, 8), 3, 6
PARTNERS = [0, 2, 1]
SIZES = dict(input_size=SIZE, heatmap_size=CELLS, sigma=2)
SIMCC = dict(type='SimCCLabel', input_size=SIZE, sigma=(4.9, 3.5), use_dark=False)
POINTS = dict(type='RegressionLabel', input_size=SIZE)

HEATMAPS = dict(type='HeatmapHead', out_channels=LANDMARKS, deconv_out_channels=None)
STAGES = dict(type='CPMHead', num_stages=2, out_channels=LANDMARKS, deconv_out_channels=None)
VECTORS = dict(
    type='RTMCCHead',
    out_channels=LANDMARKS,
    input_size=SIZE,
    in_featuremap_size=CELLS,
)
REGRESSION = dict(type='RegressionHead', num_joints=LANDMARKS)
OURS = dict(HEATMAPS, type='PlainLocatingHead')
POOLED = dict(HEATMAPS, type='GaussianVectorHead')


def build(head, decoder):
    torch.manual_seed(0)
    decoder = dict(SIZES, type=decoder) if isinstance(decoder, str) else decoder
    head = MODELS.build(dict(head, in_channels=CHANNELS, decoder=decoder)).eval()
    for each in head.parameters():  # initial heatmaps are all but constant
        torch.nn.init.normal_(each)
    return head


@MODELS.register_module()
class PlainLocatingHead(LocatingHead):
    """The least that a head of one's own is."""


def features(kind, seed=0):
    """Of two faces, as the head takes them."""
    generator = torch.Generator().manual_seed(seed)
    feats = torch.randn(2, CHANNELS, *reversed(CELLS), generator=generator)
    if kind is STAGES:  # one feature map for each stage
        return [feats, 0.5 * feats.flip(-1)]
    return (feats.mean((-2, -1)) if kind is REGRESSION else feats,)


def samples():
    return [PoseDataSample(metainfo=dict(flip_indices=PARTNERS, input_size=SIZE))]


def assert_same(found, expected, codec):
    """Landmarks and scores as MMPose's heads give them."""
    for ours, theirs in zip(to_instances(found, codec), expected, strict=True):
        np.testing.assert_allclose(ours.keypoints, theirs.keypoints[..., :2], atol=1e-4)
        np.testing.assert_allclose(ours.keypoint_scores, theirs.keypoint_scores, atol=1e-6)


ALL = [
    (HEATMAPS, 'KeyPosS'),
    (HEATMAPS, 'MSRAHeatmap'),
    (HEATMAPS, 'UDPHeatmap'),
    (STAGES, 'KeyPosS'),
    (STAGES, 'MSRAHeatmap'),
    (VECTORS, SIMCC),
    (REGRESSION, POINTS),
    (OURS, 'KeyPosS'),
    (OURS, 'UDPHeatmap'),
    (POOLED, 'GaussianVector'),
]


@pytest.mark.parametrize('kind, decoder', ALL)
@torch.no_grad()
def test_every_head_answers_as_its_own_predict(kind, decoder):
    head, feats = build(kind, decoder), features(kind)
    found = locate_outputs(head, head.forward(feats), feats)
    assert found.coordinates.shape == (2, LANDMARKS, 2) and found.covariances is None
    assert_same(found, head.predict(feats, samples(), {}), head.decoder)


@pytest.mark.parametrize('shift_heatmap', [False, True])
@pytest.mark.parametrize('kind, decoder', ALL)
@torch.no_grad()
def test_averaged_outputs_are_those_of_its_own_flip_test(kind, decoder, shift_heatmap):
    head, feats = build(kind, decoder), [features(kind), features(kind, seed=1)]
    test_cfg = dict(flip_test=True, flip_mode='heatmap', shift_heatmap=shift_heatmap)
    expected = head.predict(list(feats), samples(), test_cfg)
    outputs = [head.forward(each) for each in feats]
    averaged = averaged_outputs(head, outputs, feats, PARTNERS, test_cfg)
    assert_same(locate_outputs(head, averaged, feats[0]), expected, head.decoder)


def test_landmarks_of_mmposes_udp_codec_are_mirrored_in_true_pixels():
    """A peak in a cell and in its mirror cell are one landmark, whose side is swapped twice."""
    heatmaps = torch.zeros(1, 1, 8, 16)
    heatmaps[0, 0, 4, 3] = 1
    for codec in (UDPHeatmap(**SIZES), KeyPosS(**SIZES, alignment='udp')):
        head = build(dict(HEATMAPS, out_channels=1), None)
        with decoding_with(head, codec):
            plain, flipped = (
                locate_outputs(head, each, (each,)) for each in (heatmaps, heatmaps.flip(-1))
            )
        found = flipped.mirrored(SIZE[0], [0])
        torch.testing.assert_close(found.coordinates, plain.coordinates, atol=1e-3, rtol=0)


def test_only_mmposes_udp_codec_stretches():
    np.testing.assert_allclose(stretch_of(UDPHeatmap(**SIZES)), [64 / 63, 32 / 31])
    others = (None, MSRAHeatmap(**SIZES), KeyPosS(**SIZES, alignment='udp'))
    np.testing.assert_array_equal([stretch_of(each) for each in others], np.ones((3, 2)))


def test_instances_of_mmpose():
    found = Located(torch.tensor([[[63.0, 31.0]]]), torch.tensor([[0.5]]), torch.ones(1, 1, 2, 2))
    (instances,) = to_instances(found, UDPHeatmap(**SIZES))
    np.testing.assert_allclose(instances.keypoints, [[[64, 32]]], rtol=1e-6)
    np.testing.assert_array_equal(instances.keypoint_scores, [[0.5]])
    np.testing.assert_array_equal(instances.keypoint_covariances, np.ones((1, 1, 2, 2)))
    assert 'keypoint_covariances' not in to_instances(Located(*found[:2]), None)[0]


@pytest.mark.parametrize(
    'kind, decoder, got',
    [
        (VECTORS, 'KeyPosS', r'got \(2, 3, 128\) and \(2, 3, 64\)'),
        (REGRESSION, 'KeyPosS', r'got \(2, 3, 2\)'),
        (HEATMAPS, 'GaussianVector', r'got \(2, 3, 8, 16\)'),
    ],
)
@torch.no_grad()
def test_a_codec_that_does_not_fit_names_the_cure(kind, decoder, got):
    head, feats = build(kind, decoder), features(kind)
    outputs = head.forward(feats)
    with pytest.raises(ValueError, match=f'{got}; set the heatmap_size .* and use a head that'):
        locate_outputs(head, outputs, feats)
    if kind is not HEATMAPS:
        with pytest.raises(ValueError, match=f'{got}; set the heatmap_size .* and use a head that'):
            averaged_outputs(head, [outputs] * 2, [feats] * 2, PARTNERS, {})


@torch.no_grad()
def test_covariances_of_codecs_that_tell_them():
    head, feats = build(HEATMAPS, 'KeyPosS'), features(HEATMAPS)
    heatmaps = head.forward(feats)
    found = locate_outputs(head, heatmaps, feats, covariances=True)
    expected = head.decoder.locate_in_input(heatmaps, covariances=True)
    for got, same in zip(found, expected):
        torch.testing.assert_close(got, same, equal_nan=True)
    with (
        decoding_with(head, MSRAHeatmap(**SIZES)),
        pytest.raises(ValueError, match='MSRAHeatmap tells no covariances'),
    ):
        locate_outputs(head, heatmaps, feats, covariances=True)


def test_another_codec_decodes_for_a_while():
    head = build(HEATMAPS, 'KeyPosS')
    own, other = head.decoder, MSRAHeatmap(**SIZES)
    with pytest.raises(ZeroDivisionError), decoding_with(head, other):
        assert codec_of(head) is other
        raise ZeroDivisionError
    assert codec_of(head) is own


def test_outputs_by_codec():
    for kind in (HEATMAPS, OURS):
        head, heatmaps = build(kind, 'KeyPosS'), torch.zeros(1, LANDMARKS, 8, 16)
        assert outputs_by_codec(head, heatmaps) == {'heatmaps': (head.decoder, (heatmaps,))}
        assert outputs_by_codec(build(kind, None), heatmaps) == {}
    head, stages = build(STAGES, 'KeyPosS'), [torch.zeros(1), torch.ones(1)]
    assert outputs_by_codec(head, stages) == {'heatmaps': (head.decoder, (stages[-1],))}
    head, vectors = build(POOLED, 'GaussianVector'), (torch.zeros(1), torch.zeros(2))
    assert outputs_by_codec(head, vectors) == {'vectors': (head.decoder, vectors)}
    assert outputs_by_codec(build(POOLED, None), vectors) == {}


@pytest.mark.parametrize(
    'kind, decoder',
    [
        (HEATMAPS, 'KeyPosS'),
        (STAGES, 'KeyPosS'),
        (OURS, 'KeyPosS'),
        (POOLED, 'GaussianVector'),
        (VECTORS, SIMCC),
    ],
)
@pytest.mark.filterwarnings('ignore:The predicted simcc values are normalized')
@torch.no_grad()
def test_heatmaps_are_shown_as_by_its_own_predict(kind, decoder):
    head, feats = build(kind, decoder), features(kind)
    _, expected = head.predict(feats, samples(), dict(output_heatmaps=True))
    found = shown_fields(head, head.forward(feats), feats)
    for ours, theirs in zip(found, expected, strict=True):
        assert torch.equal(ours.heatmaps, theirs.heatmaps)


@torch.no_grad()
def test_a_head_of_coordinates_shows_nothing():
    head, feats = build(REGRESSION, POINTS), features(REGRESSION)
    assert shown_fields(head, head.forward(feats), feats) is None


@pytest.mark.parametrize('use_sigmoid', [False, True])
@torch.no_grad()
def test_visibilities_beside_the_landmarks(use_sigmoid):
    loss = dict(type='BCELoss', use_sigmoid=use_sigmoid)
    pose = dict(HEATMAPS, in_channels=CHANNELS, decoder=dict(SIZES, type='KeyPosS'))
    torch.manual_seed(0)
    head, feats = MODELS.build(dict(type='VisPredictHead', pose_cfg=pose, loss=loss)), features(0)
    expected, _ = head.predict(feats, samples(), {})
    found = visibilities(head, feats)
    np.testing.assert_allclose(found, np.stack([each.keypoints_visible for each in expected]))
    assert codec_of(head) is head.pose_head.decoder
    with decoding_with(head, None):
        assert head.pose_head.decoder is None


@torch.no_grad()
def test_visibilities_of_vectors():
    head, feats = (
        build(VECTORS, dict(SIMCC, decode_visibility=True, decode_beta=0.01)),
        features(VECTORS),
    )
    expected = [each.keypoints_visible for each in head.predict(feats, samples(), {})]
    found = visibilities(head, feats)
    np.testing.assert_array_equal(found, expected)
    assert found.shape == (2, 1, LANDMARKS) and np.ptp(found) > 0
    assert visibilities(build(VECTORS, SIMCC), feats) is None
    assert visibilities(build(HEATMAPS, 'KeyPosS'), feats) is None


def test_a_head_without_decoder_names_the_setting():
    with pytest.raises(
        ValueError, match='PlainLocatingHead has no decoder .* set model.head.decoder'
    ):
        build(OURS, None).locate(features(OURS))


def test_samples_without_partners_name_the_cure():
    assert flip_indices_of(samples()[0]) == PARTNERS
    with pytest.raises(ValueError, match="add 'flip_indices' to the meta_keys of PackPoseInputs"):
        flip_indices_of(PoseDataSample())

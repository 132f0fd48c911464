"""The exact flip test and covariances, with a network that knows left from right and makes no
error."""

from functools import cache

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.evaluator import DumpResults
from mmengine.fileio import load
from mmengine.runner import Runner
from mmengine.structures import InstanceData
from mmpose.models import TopdownPoseEstimator
from mmpose.registry import KEYPOINT_CODECS, MODELS
from mmpose.structures import PoseDataSample, merge_data_samples
from mmpose.structures.utils import split_instances
from torch import nn

from mmpose_multilat.codecs import HeatmapCodec
from mmpose_multilat.datasets.synthetic import Request, write_data_sets
from mmpose_multilat.models import MultilaterationPoseEstimator
from mmpose_multilat.multilateration import encode_gaussian, input_to_heatmap

SIDE = 256
FLIP_INDICES = [0, 2, 1]
BIAS = 0.01  # input px
DECODERS = sorted(
    name for name, kind in KEYPOINT_CODECS.module_dict.items() if issubclass(kind, HeatmapCodec)
)
ROUGH = ('OneHot', 'TwoHot', 'Dark')  # err on clean Gaussians, least at 64x64 for Dark
STOCK = 'mmpose::face_2d_keypoint/topdown_heatmap/wflw/td-hm_hrnetv2-w18_8xb64-60e_wflw-256x256.py'


@MODELS.register_module()
class FlawlessNetwork(nn.Module):
    """Draws Gaussians at the centroids of what it sees: a nose in the first channel of the image,
    an eye in the left and one in the right half of the second."""

    def __init__(self, heatmap_size, alignment):
        super().__init__()
        self.heatmap_size, self.alignment = heatmap_size, alignment

    def forward(self, pictures):
        half = pictures.shape[-1] // 2
        nose, eyes = pictures[:, 0], pictures[:, 1]
        seen = (nose, 0), (eyes[..., :half], 0), (eyes[..., half:], half)
        landmarks = torch.stack([centroid(part) + torch.tensor([x, 0]) for part, x in seen], 1)
        landmarks = input_to_heatmap(
            landmarks, (SIDE, SIDE), self.heatmap_size, self.alignment
        )  # (B, 3, 2)
        return (encode_gaussian(landmarks, self.heatmap_size, 2.0).float(),)


@MODELS.register_module()
class Shrinking(nn.Module):
    """The image itself, 64x64: a backbone that costs nothing."""

    def forward(self, pictures):
        return (nn.functional.avg_pool2d(pictures, SIDE // 64),)


def centroid(pictures):
    """(B, 2) centre of mass (x, y) of (B, h, w) images; 0 / 0 where nothing is to be seen."""
    columns, rows = pictures.sum(-2).double(), pictures.sum(-1).double()
    moments = [each @ torch.arange(each.shape[-1]).double() for each in (columns, rows)]
    return torch.stack(moments, -1) / columns.sum(-1, keepdim=True)


def faces(count=8, seed=0):
    """(B, 3, 2) landmarks (x, y) in px, inside the cells of every size and alignment."""
    generator = torch.Generator().manual_seed(seed)
    low = torch.tensor([[90.0, 60.0], [66.0, 60.0], [140.0, 60.0]])
    high = torch.tensor([[160.0, 180.0], [120.0, 180.0], [188.0, 180.0]])
    return low + (high - low) * torch.rand(count, 3, 2, generator=generator)


def draw(landmarks):
    """(B, 3, h, w) images with four pixels round each landmark whose centroid is the landmark."""
    pictures = torch.zeros(len(landmarks), 3, SIDE, SIDE)
    for face, points in enumerate(landmarks.double()):
        for channel, (x, y) in zip((0, 1, 1), points.tolist()):
            i, j = int(y), int(x)
            rows, columns = torch.tensor([i + 1 - y, y - i]), torch.tensor([j + 1 - x, x - j])
            pictures[face, channel, i : i + 2, j : j + 2] += rows.outer(columns)
    return pictures


def samples(count, **meta):
    meta = dict(
        input_center=np.array([SIDE / 2, SIDE / 2]),
        input_scale=np.array([SIDE, SIDE]),
        input_size=np.array([SIDE, SIDE]),
        flip_indices=FLIP_INDICES,
        **meta,
    )
    return [
        PoseDataSample(
            metainfo=meta,
            gt_instances=InstanceData(bboxes=np.zeros((1, 4)), bbox_scores=np.ones(1)),
        )
        for _ in range(count)
    ]


def build(
    decoder='KeyPosS', cells=16, alignment='msra', kind='MultilaterationPoseEstimator', **cfg
):
    geometry = dict(heatmap_size=(cells, cells), alignment=alignment)
    codec = dict(type=decoder, input_size=(SIDE, SIDE), sigma=2, **geometry)
    if decoder not in DECODERS:
        del codec['alignment']  # MMPose's have no such argument
    test_cfg = dict(flip_test=True, flip_mode='coordinates', shift_heatmap=True)
    return MODELS.build(
        dict(
            type=kind,
            backbone=dict(type='FlawlessNetwork', **geometry),
            head=dict(
                type='HeatmapHead',
                in_channels=3,
                out_channels=3,
                deconv_out_channels=None,
                final_layer=None,
                decoder=codec,
            ),
            test_cfg={**test_cfg, **cfg},
        )
    ).eval()


def predict(model, pictures):
    """(B, 3, 2) landmarks and (B, 3) scores."""
    found = [each.pred_instances for each in model.predict(pictures, samples(len(pictures)))]
    keypoints = np.concatenate([each.keypoints for each in found])
    return keypoints, np.concatenate([each.keypoint_scores for each in found])


@cache
def scene():
    """Landmarks and images of faces, then of their flipped images."""
    landmarks = faces()
    mirrored = landmarks[:, FLIP_INDICES] * torch.tensor([-1, 1]) + torch.tensor([SIDE - 1, 0])
    pictures = draw(landmarks)
    return torch.cat((landmarks, mirrored)).numpy(), torch.cat((pictures, pictures.flip(-1)))


def mean_error(model):
    """Mean (x, y) and largest error in input px over faces and their flipped images.

    An error that the flipped image does not have the other way round remains: a bias.
    """
    landmarks, pictures = scene()
    errors = predict(model, pictures)[0] - landmarks
    return errors.mean((0, 1)), np.abs(errors).max()


def test_the_network_of_these_tests_is_flip_equivariant():
    network, pictures = FlawlessNetwork((16, 16), 'udp'), draw(faces())
    (plain,), (mirrored,) = network(pictures), network(pictures.flip(-1))
    torch.testing.assert_close(mirrored.flip(-1)[:, FLIP_INDICES], plain)


@pytest.mark.parametrize('alignment', ['msra', 'udp'])
@pytest.mark.parametrize('cells', [64, 32, 16, 8, 4])
@pytest.mark.parametrize('decoder', DECODERS)
def test_no_decoder_has_a_bias(decoder, cells, alignment):
    (x, _), largest = mean_error(build(decoder, cells, alignment))
    assert abs(x) < BIAS
    if decoder not in ROUGH:
        assert largest < BIAS


@pytest.mark.parametrize('flip_test', [True, False])
def test_mmposes_udp_codec_has_no_bias_in_its_own_pixels(flip_test):
    """They are w / (w - 1) px of the input long."""
    landmarks, pictures = scene()
    found, _ = predict(build('UDPHeatmap', 64, 'udp', flip_test=flip_test), pictures)
    x, _ = (found - landmarks * SIDE / (SIDE - 1)).mean((0, 1))
    assert abs(x) < BIAS


@pytest.mark.parametrize('cells', [64, 32, 16])
@pytest.mark.parametrize('decoder', sorted(set(DECODERS) - set(ROUGH)))
def test_shifted_heatmaps_of_mmpose_are_off_by_half_a_pixel(decoder, cells):
    """The control: the same test finds the bias where it is known to be."""
    model = build(decoder, cells, kind='TopdownPoseEstimator', flip_mode='heatmap')
    (x, _), _ = mean_error(model)
    assert x == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize('flip_test', [True, False])
def test_other_settings_do_what_mmpose_does(flip_test):
    pictures, settings = draw(faces(4)), dict(flip_test=flip_test, flip_mode='heatmap')
    ours, theirs = (
        predict(build(kind=kind, **settings), pictures)[0]
        for kind in ('MultilaterationPoseEstimator', 'TopdownPoseEstimator')
    )
    np.testing.assert_array_equal(ours, theirs)


def test_heatmaps_with_nan():
    """One image without a nose, one whose flipped image alone is spoilt."""
    landmarks = faces(3)
    pictures = draw(landmarks)
    pictures[1, 0] = 0  # its centroid is 0 / 0
    model = build()
    forward, passes = model.head.forward, []

    def spoil_second(features):
        heatmaps = forward(features).clone()
        passes.append(heatmaps)
        if len(passes) == 2:
            heatmaps[2, 1] = torch.nan  # the left eye of the flipped image
        return heatmaps

    model.head.forward = spoil_second
    keypoints, scores = predict(model, pictures)
    assert len(passes) == 2 and np.isfinite(keypoints).all()
    assert scores[1, 0] == 0
    trusted = scores > 0
    assert trusted.sum() == 8
    np.testing.assert_allclose(keypoints[trusted], landmarks.numpy()[trusted], atol=0.01)
    assert scores[2, 2] == pytest.approx(scores[0].mean() / 2, rel=0.1)


def test_output_heatmaps_are_those_of_the_picture():
    pictures = draw(faces(2))
    model = build('POPoS', 8, output_heatmaps=True)
    found = model.predict(pictures, samples(2))
    heatmaps = torch.stack([each.pred_fields.heatmaps for each in found])
    torch.testing.assert_close(heatmaps, model.backbone(pictures)[0])
    model.test_cfg['output_heatmaps'] = False
    keypoints, _ = predict(model, pictures)
    np.testing.assert_array_equal([each.pred_instances.keypoints[0] for each in found], keypoints)


def test_selected_landmarks():
    model, pictures = build(), draw(faces(2))
    expected, _ = predict(model, pictures)
    model.test_cfg['output_keypoint_indices'] = [2, 0]
    np.testing.assert_array_equal(predict(model, pictures)[0], expected[:, [2, 0]])


def test_unknown_flip_mode_is_refused():
    with pytest.raises(ValueError, match=r"flip_mode='coordinate' is unknown, use one of \('heat"):
        build(flip_mode='coordinate')


def test_samples_without_pairs_are_refused():
    (sample,) = samples(1)
    del sample.flip_indices
    with pytest.raises(ValueError, match="add 'flip_indices' to the meta_keys of PackPoseInputs"):
        build().predict(draw(faces(1)), [sample])


def test_batch_of_none():
    assert build().predict(torch.zeros(0, 3, SIDE, SIDE), []) == []


COVARIANCE_DECODERS = sorted(
    name for name in DECODERS if name in ('GaussianMLE', 'KeyPosS', 'POPoS')
)


def noisy(model, amount=0.03):
    """Noise on the heatmaps, another in every pass; gives the list they are collected in."""
    forward, passes = model.head.forward, []
    generator = torch.Generator().manual_seed(1)

    def forward_noisily(features):
        heatmaps = forward(features)
        passes.append(heatmaps + amount * torch.randn(heatmaps.shape, generator=generator))
        return passes[-1]

    model.head.forward = forward_noisily
    return passes


def stretched(count, centre=(100.0, 50.0), scale=(512.0, 64.0)):
    """Samples whose crops are taken from a wider and lower region of the image."""
    result = samples(count)
    for sample in result:
        sample.set_metainfo(dict(input_center=np.array(centre), input_scale=np.array(scale)))
    return result


def mirrored_by_hand(covariances):
    """(..., 3, 2, 2) with eyes swapped, entry by entry."""
    result = covariances.copy()
    for place, source in enumerate(FLIP_INDICES):
        (xx, xy), (_, yy) = np.moveaxis(covariances[..., source, :, :], (-2, -1), (0, 1))
        result[..., place, :, :] = np.moveaxis(np.array([[xx, -xy], [-xy, yy]]), (0, 1), (-2, -1))
    return result


@pytest.mark.parametrize('decoder', COVARIANCE_DECODERS)
@pytest.mark.parametrize('mode', [None, 'heatmap', 'coordinates'])
def test_covariances_reach_the_picture(decoder, mode):
    flips = dict(flip_test=mode is not None, flip_mode=mode or 'heatmap')
    model = build(decoder, 16, output_covariances=True, shift_heatmap=False, **flips)
    passes = noisy(model)
    found = model.predict(draw(faces(4)), stretched(4))
    covariances = np.concatenate([each.pred_instances.keypoint_covariances for each in found])
    keypoints = np.concatenate([each.pred_instances.keypoints for each in found])
    assert all('pred_fields' not in each for each in found)

    plain, *mirrored = passes
    if mode == 'heatmap':
        plain = (plain + mirrored[0].flip(-1)[:, FLIP_INDICES]) / 2
    decoded = model.head.decoder.locate_in_input(plain, covariances=True)
    places, _, expected = (part.numpy() for part in decoded)
    if mode == 'coordinates':
        decoded = model.head.decoder.locate_in_input(mirrored[0], covariances=True)
        other, _, uncertainty = (part.numpy() for part in decoded)
        places = (places + other[:, FLIP_INDICES] * [-1, 1] + [SIDE - 1, 0]) / 2
        expected = (expected + mirrored_by_hand(uncertainty)) / 2
    np.testing.assert_allclose(
        keypoints, places * [2, 0.25] + [100 - 256, 50 - 32], rtol=1e-5, atol=1e-4
    )
    factors = np.array([[4, 0.5], [0.5, 1 / 16]])  # 2 px of the image for one along x, 1/4 along y
    np.testing.assert_allclose(covariances, expected * factors, rtol=1e-4)
    assert covariances.dtype == np.float32 and np.isfinite(covariances).all()


@pytest.mark.parametrize('mode', [None, 'heatmap', 'coordinates'])
def test_covariances_change_nothing_else(mode):
    flips = dict(flip_test=mode is not None, flip_mode=mode or 'heatmap')
    with_covariances, without = build(output_covariances=True, **flips), build(**flips)
    pictures = draw(faces(3))
    for got, expected in zip(predict(with_covariances, pictures), predict(without, pictures)):
        np.testing.assert_array_equal(got, expected)
    (sample,) = without.predict(pictures[:1], samples(1))
    assert 'keypoint_covariances' not in sample.pred_instances


def test_covariances_of_landmarks_seen_once_or_never():
    model = build(output_covariances=True)
    pictures = draw(faces(2))
    pictures[0, 0] = 0  # a face without a nose
    passes, forward = noisy(model), model.head.forward

    def spoil(features):
        heatmaps = forward(features)
        if len(passes) == 2:
            heatmaps[1, 1] = torch.nan  # the left eye of the flipped image
        return heatmaps

    model.head.forward = spoil
    found = [each.pred_instances for each in model.predict(pictures, samples(2))]
    assert found[0].keypoint_scores[0, 0] == 0
    assert np.isnan(found[0].keypoint_covariances[0, 0]).all()
    assert np.isfinite(found[0].keypoint_covariances[0, 1:]).all()
    alone = model.head.decoder.locate_in_input(passes[0], covariances=True)[2][1, 2]
    np.testing.assert_allclose(found[1].keypoint_covariances[0, 2], alone, rtol=1e-5)


def test_selected_landmarks_and_heatmaps_with_covariances():
    model, pictures = build(output_covariances=True, output_heatmaps=True), draw(faces(2))
    expected = model.predict(pictures, samples(2))
    model.test_cfg['output_keypoint_indices'] = [2, 0]
    for chosen, all_of_them in zip(model.predict(pictures, samples(2)), expected):
        np.testing.assert_array_equal(
            chosen.pred_instances.keypoint_covariances,
            all_of_them.pred_instances.keypoint_covariances[:, [2, 0]],
        )
        assert torch.equal(chosen.pred_fields.heatmaps, all_of_them.pred_fields.heatmaps[[2, 0]])


def test_a_decoder_without_covariances_is_refused_when_built():
    with pytest.raises(
        ValueError, match='decoder is OneHot, which tells no covariances; decode wi'
    ):
        build('OneHot', output_covariances=True)


@pytest.mark.parametrize('flip_mode', ['heatmap', 'coordinates'])
@pytest.mark.parametrize('flip_test', [False, True])
@pytest.mark.parametrize(
    'outputs', [torch.zeros(1, 3, 2), (torch.zeros(1, 3, 16), torch.zeros(1, 3, 16))]
)
def test_a_head_without_heatmaps_is_refused(outputs, flip_test, flip_mode):
    """One that puts out coordinates or vectors, with a codec that decodes heatmaps."""
    model = build(output_covariances=True, flip_test=flip_test, flip_mode=flip_mode)
    model.head.forward = lambda features: outputs
    with pytest.raises(ValueError, match='use a head that puts out heatmaps, such as HeatmapHead'):
        model.predict(draw(faces(1)), samples(1))


POSE = dict(
    type='HeatmapHead',
    in_channels=3,
    out_channels=3,
    deconv_out_channels=None,
    final_layer=None,
    decoder=dict(type='KeyPosS', input_size=(SIDE, SIDE), heatmap_size=(16, 16)),
)
HEADS_WITH_VISIBILITIES = [
    dict(type='VisPredictHead', pose_cfg=POSE),
    dict(
        type='SimCCHead',
        in_channels=3,
        out_channels=3,
        input_size=(SIDE, SIDE),
        in_featuremap_size=(16, 16),
        deconv_out_channels=None,
        decoder=dict(
            type='SimCCLabel',
            input_size=(SIDE, SIDE),
            sigma=6.0,
            use_dark=False,
            decode_visibility=True,
            decode_beta=0.1,
        ),
    ),
]


def with_head(head, **cfg):
    """A network whose head is one of MMPose that also tells how visible landmarks are."""
    model = build(**cfg)
    torch.manual_seed(0)
    model.head = MODELS.build(head).eval()
    for each in model.head.parameters():
        torch.nn.init.normal_(each)
    return model


@pytest.mark.parametrize('head', HEADS_WITH_VISIBILITIES)
def test_visibilities_are_averaged_with_those_of_the_other_side(head):
    model, pictures = with_head(head), draw(faces(4))
    found = [each.pred_instances for each in model.predict(pictures, samples(4))]
    model.test_cfg['flip_test'] = False
    plain, flipped = (
        [each.pred_instances for each in model.predict(each, samples(4))]
        for each in (pictures, pictures.flip(-1))
    )
    assert np.ptp([each.keypoints_visible for each in plain]) > 0.01
    for both, one, other in zip(found, plain, flipped):
        assert both.keypoints_visible.shape == (1, 3)
        visible = (one.keypoints_visible + other.keypoints_visible[:, FLIP_INDICES]) / 2
        np.testing.assert_allclose(both.keypoints_visible, visible, atol=1e-6)
        places = other.keypoints[:, FLIP_INDICES] * [-1, 1] + [SIDE - 1, 0]
        np.testing.assert_allclose(both.keypoints, (one.keypoints + places) / 2, atol=1e-3)


def test_visibilities_beside_covariances():
    model, pictures = with_head(HEADS_WITH_VISIBILITIES[0]), draw(faces(2))
    expected = model.predict(pictures, samples(2))
    model.test_cfg.update(output_covariances=True)
    for got, each in zip(model.predict(pictures, samples(2)), expected):
        visible = each.pred_instances.keypoints_visible
        np.testing.assert_array_equal(got.pred_instances.keypoints_visible, visible)
        assert np.isfinite(got.pred_instances.keypoint_covariances).all()


def test_averaged_heatmaps_are_put_out_where_heatmaps_are_averaged():
    settings = dict(flip_mode='heatmap', output_heatmaps=True)
    ours, theirs = (build(**settings, output_covariances=each) for each in (True, False))
    pictures = draw(faces(2))
    for got, expected in zip(
        ours.predict(pictures, samples(2)), theirs.predict(pictures, samples(2))
    ):
        assert torch.equal(got.pred_fields.heatmaps, expected.pred_fields.heatmaps)


def test_batch_of_none_with_covariances():
    assert build(output_covariances=True).predict(torch.zeros(0, 3, SIDE, SIDE), []) == []


def test_mmpose_handles_samples_with_covariances():
    found = build(output_covariances=True).predict(draw(faces(2)), samples(2))
    merged = merge_data_samples(found)
    assert merged.pred_instances.keypoint_covariances.shape == (2, 3, 2, 2)
    assert [sorted(each) for each in split_instances(merged.pred_instances)] == [
        ['bbox', 'bbox_score', 'keypoint_scores', 'keypoints']
    ] * 2


@pytest.fixture(scope='module')
def stock_config(tmp_path_factory):
    """MMPose's own config for WFLW with the lines of the README, on three synthetic faces."""
    folder = tmp_path_factory.mktemp('stock')
    write_data_sets(['wflw'], str(folder), Request(train=1, test=3, size=128))
    path = folder / 'stock.py'
    path.write_text(
        f"_base_ = '{STOCK}'\n"
        "custom_imports = dict(imports=['mmpose_multilat'])\n"
        "model = dict(type='MultilaterationPoseEstimator', head=dict(decoder=dict(type='OneHot')), "
        "test_cfg=dict(flip_mode='coordinates'))\n"
    )
    config = Config.fromfile(path)
    config.model.backbone.init_cfg = None
    config.work_dir = str(folder / 'work_dir')
    loader = dict(batch_size=3, num_workers=0, persistent_workers=False)
    loader['dataset'] = dict(data_root=f'{folder}/wflw/')
    config.merge_from_dict(dict(test_dataloader=loader))
    return config


def test_a_stock_config_with_two_lines_more(stock_config, monkeypatch):
    """`mim test` without its command line; the averages are made here by hand."""
    found = []
    collect = TopdownPoseEstimator.add_pred_to_datasample
    monkeypatch.setattr(
        MultilaterationPoseEstimator,
        'add_pred_to_datasample',
        lambda self, instances, *rest: (
            found.extend(each.keypoints.copy() for each in instances)
            or collect(self, instances, *rest)
        ),
    )
    torch.manual_seed(0)
    runner = Runner.from_cfg(stock_config)
    torch.nn.init.ones_(runner.model.head.final_layer.bias)  # all responses are above 0
    metrics = runner.test()
    assert len(found) == 3 and np.isfinite(metrics['NME'])

    model = runner.model
    (batch,) = runner.test_dataloader
    data = model.data_preprocessor(batch, training=False)
    flip_indices = runner.test_dataloader.dataset.metainfo['flip_indices']
    with torch.no_grad():
        plain, mirrored = (
            model.head.decode(model.head.forward(model.extract_feat(pictures)))
            for pictures in (data['inputs'], data['inputs'].flip(-1))
        )
    for result, left, right in zip(found, plain, mirrored):
        other = right.keypoints[:, flip_indices] * [-1, 1] + [SIDE - 1, 0]
        np.testing.assert_allclose(result, (left.keypoints + other) / 2, atol=1e-3)


def test_metrics_and_dumps_with_covariances(stock_config, tmp_path):
    config = Config(stock_config.to_dict())
    config.merge_from_dict({'model.test_cfg.output_covariances': True})
    config.model.backbone = dict(type='Shrinking')
    del config.model['neck']
    config.model.head.in_channels = 3
    config.model.head.decoder.type = 'KeyPosS'
    config.test_evaluator = [
        dict(type='NME', norm_mode='keypoint_distance'),
        dict(type='FaceAlignmentMetric'),
    ]
    runner = Runner.from_cfg(config)
    torch.nn.init.ones_(runner.model.head.final_layer.bias)
    runner.test_evaluator.metrics.append(DumpResults(str(tmp_path / 'found.pkl')))
    metrics = runner.test()
    assert np.isfinite(metrics['NME']) and 'NME_ocular' in ' '.join(metrics)
    dumped = load(tmp_path / 'found.pkl')
    assert [each['pred_instances']['keypoint_covariances'].shape for each in dumped] == [
        (1, 98, 2, 2)
    ] * 3

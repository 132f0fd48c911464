"""The head that refines landmarks over a graph: around whatever head, from whatever codec."""

import numpy as np
import pytest
import torch
from mmengine.runner.checkpoint import load_state_dict
from mmengine.structures import InstanceData, PixelData
from mmpose.registry import KEYPOINT_CODECS, MODELS
from mmpose.structures import PoseDataSample
from references import gaussian
from torch import nn

from mmpose_multilat.landmarks import HeatmapGeometry, Located
from mmpose_multilat.models.heads.confidences import confidences_of

SIZE, CELLS, LANDMARKS, CHANNELS = (64, 48), (16, 12), 3, 5
SIZES = dict(input_size=SIZE, heatmap_size=CELLS)
PARTNERS = [1, 0, 2]
CODECS = [
    dict(SIZES, type='KeyPosS'),
    dict(SIZES, type='POPoS'),
    dict(SIZES, type='GaussianMLE', alignment='udp'),
    dict(SIZES, type='TwoHot'),
    dict(SIZES, type='MSRAHeatmap', sigma=2, unbiased=True),
    dict(SIZES, type='UDPHeatmap', sigma=2),
]
names = pytest.mark.parametrize('codec', CODECS, ids=lambda each: each['type'])


def base(codec=CODECS[0], **changes):
    layers = dict(in_channels=CHANNELS, out_channels=LANDMARKS, deconv_out_channels=None)
    loss = dict(type='KeypointMSELoss', use_target_weight=True)
    return dict(dict(type='HeatmapHead', decoder=codec, loss=loss, **layers), **changes)


def build(base_head=None, seed=0, **settings):
    """A head whose graph moves landmarks by whole px."""
    head = MODELS.build(dict(type='GraphRefinementHead', base_head=base_head or base(), **settings))
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in head.parameters():
            weight.copy_(torch.randn(weight.shape, generator=generator) * 0.2)
    return head.eval()


def features(batch=2, seed=1, size=CELLS):
    generator = torch.Generator().manual_seed(seed)
    return (torch.randn(batch, CHANNELS, size[1], size[0], generator=generator),)


def samples(batch=2, codec=CODECS[0], seed=2):
    """Labels as GenerateTarget and PackPoseInputs make them, with `pack_transformed`."""
    numbers, encoder = np.random.default_rng(seed), KEYPOINT_CODECS.build(codec)
    packed = []
    for _ in range(batch):
        points = numbers.uniform(10, 40, size=(1, LANDMARKS, 2)).astype(np.float32)
        encoded = encoder.encode(points, np.ones((1, LANDMARKS), np.float32))
        sample = PoseDataSample(metainfo=dict(flip_indices=PARTNERS))
        fields = dict(heatmaps=torch.from_numpy(encoded.pop('heatmaps')))
        sample.gt_fields = PixelData(**fields)
        labels = {name: torch.from_numpy(np.asarray(each)) for name, each in encoded.items()}
        sample.gt_instance_labels = InstanceData(**labels)
        sample.gt_instances = InstanceData(transformed_keypoints=points)
        packed.append(sample)
    return packed


@names
def test_an_untrained_graph_answers_what_the_base_head_does(codec):
    head = MODELS.build(dict(type='GraphRefinementHead', base_head=base(codec))).eval()
    expected = head.base_head.predict(features(), [], {})
    found = head.predict(features(), [], {})
    for ours, theirs in zip(found, expected):
        np.testing.assert_allclose(ours.keypoints, theirs.keypoints, atol=1e-3)
        np.testing.assert_allclose(ours.keypoint_scores, theirs.keypoint_scores, atol=1e-6)


@names
@pytest.mark.parametrize('answer', ['offset', 'coordinates'])
def test_the_answer_is_that_of_the_graph(codec, answer):
    """Written out with the features under each landmark, read by nearest cells of a flat map."""
    head = build(base(codec), predict=answer, hidden_channels=(4,), embedding_channels=6)
    flat = (torch.linspace(-1, 1, CHANNELS).reshape(1, -1, 1, 1).expand(2, -1, 12, 16),)
    with torch.no_grad():
        outputs = head.forward(flat)
        outputs = outputs + torch.from_numpy(gaussian((6, 5), *CELLS, 2)).float()
        start = head.base_head.decode(outputs)
        points = torch.from_numpy(np.concatenate([each.keypoints for each in start])).float()
        if codec['type'] == 'UDPHeatmap':  # MMPose's stretch for UDP crops
            points = points * (torch.tensor(SIZE) - 1) / torch.tensor(SIZE)
        scores = torch.from_numpy(np.concatenate([each.keypoint_scores for each in start]))
        places = (points - (torch.tensor(SIZE) - 1) / 2) / (torch.tensor(SIZE) / 2)
        there = flat[0][:, :, 0, 0].unsqueeze(1).expand(-1, LANDMARKS, -1)
        moved, _ = head.graph(there, places, scores)
        expected = places + moved if answer == 'offset' else moved
        expected = expected * (torch.tensor(SIZE) / 2) + (torch.tensor(SIZE) - 1) / 2
        found = head.locate_outputs(outputs, flat)
    torch.testing.assert_close(found.coordinates, expected, atol=2e-3, rtol=1e-4)
    torch.testing.assert_close(found.scores, scores, atol=1e-6, rtol=0)
    assert (found.coordinates - points).abs().max() > 1


def test_features_are_read_in_the_alignment_of_the_codec():
    """A feature that grows by one with each column tells the column that was read."""
    for alignment, scale in (('msra', 64 / 16), ('udp', 63 / 15)):
        head = build(base(dict(SIZES, type='KeyPosS', alignment=alignment)))
        columns = torch.arange(16.0).expand(1, CHANNELS, 12, 16)
        coordinates = torch.tensor([[[20.0, 8.0], [31.5, 9.0], [4.0, 4.0]]])
        seen = []
        head.graph.register_forward_pre_hook(lambda module, given, seen=seen: seen.append(given))
        head._move(Located(coordinates, torch.ones(1, 3)), columns)
        torch.testing.assert_close(seen[0][0][..., 0], coordinates[..., 0] / scale)


def test_a_feature_map_of_another_size_is_read_at_the_same_places():
    head = build(feature_index=0)
    coarse, fine = torch.zeros(1, CHANNELS, 12, 16), torch.arange(32.0).expand(1, CHANNELS, 24, 32)
    seen = []
    head.graph.register_forward_pre_hook(lambda module, given: seen.append(given))
    found = Located(torch.tensor([[[20.0, 8.0], [31.0, 9.0], [4.0, 4.0]]]), torch.ones(1, 3))
    head._move(found, fine)
    torch.testing.assert_close(seen[0][0][..., 0], torch.tensor([[10.0, 15.5, 2.0]]))
    assert head.locate((fine, coarse)).coordinates.isfinite().all()


def test_confidence_is_the_score_or_how_far_the_covariance_spreads():
    geometry = HeatmapGeometry(SIZE, CELLS)  # pitch 4 px
    covariances = torch.tensor([[[[16.0, 5], [5, 32]], [[float('nan')] * 2] * 2]])
    found = Located(torch.zeros(1, 2, 2), torch.tensor([[0.8, 0.0]]), covariances)
    assert torch.equal(confidences_of(found, geometry, 'score'), found.scores)
    anywhere = (16**2 + 12**2) / 12
    expected = -torch.tensor([[3.0, anywhere]]).log()
    torch.testing.assert_close(confidences_of(found, geometry, 'covariance'), expected)


def test_edges_know_the_covariance():
    codec = dict(SIZES, type='GaussianMLE')
    head = build(base(codec), confidence='covariance')
    (found, edges), feats = head.locate(features(), output_edges=True), features()
    assert edges.shape == (2, LANDMARKS, LANDMARKS)
    torch.testing.assert_close(edges.sum(-1), torch.ones(2, LANDMARKS))
    assert torch.equal(found.coordinates, head.locate(feats).coordinates)
    _, others = head.locate(features(seed=5), output_edges=True)
    assert not torch.allclose(edges, others)
    told = head.locate(feats, covariances=True).covariances
    assert told.shape == (2, LANDMARKS, 2, 2)
    expected = head.base_head.decoder.locate_in_input(head.forward(feats), covariances=True)
    torch.testing.assert_close(told, expected.covariances, equal_nan=True)
    assert head.locate(feats).covariances is None


@names
@pytest.mark.parametrize('batch', [1, 2])
def test_both_losses_train_their_own_part(codec, batch):
    head, feats = build(base(codec)).train(), features(batch)
    found = head.loss(feats, samples(batch, codec))
    assert set(found) >= {'loss_kpt', 'loss_refined'}
    found['loss_refined'].backward()
    assert all(weight.grad is None for weight in head.base_head.parameters())
    assert all(each.grad.isfinite().all() for each in head.graph.parameters())
    found['loss_kpt'].backward()
    assert head.base_head.final_layer.weight.grad.abs().sum() > 0


def test_the_loss_is_the_mean_absolute_error_in_halves_of_the_sides():
    head, feats, given = build(), features(), samples()
    given[0].gt_instance_labels.keypoint_weights[0, 1] = 0
    found = head.loss(feats, given)['loss_refined']
    true = torch.cat([each.gt_instance_labels.keypoint_labels for each in given])
    errors = (head.locate(feats).coordinates - true).abs() / (torch.tensor(SIZE) / 2)
    errors[0, 1] = 0
    assert found.item() == pytest.approx(errors.mean().item(), rel=1e-4)


def test_end_to_end_reaches_the_heatmaps_through_codec_and_features():
    feats = [each.requires_grad_() for each in features()]
    head = build(end_to_end=True).train()
    head.loss(feats, samples())['loss_refined'].backward()
    assert head.base_head.final_layer.weight.grad.abs().sum() > 0
    assert feats[0].grad.abs().sum() > 0
    for each in (head.base_head.final_layer.weight, feats[0]):
        assert each.grad.isfinite().all()


@pytest.mark.parametrize('content', [0.0, 1.0, float('nan'), float('inf')])
@pytest.mark.parametrize('end_to_end', [False, True])
def test_gradients_are_finite_from_degenerate_heatmaps(content, end_to_end):
    head = build(end_to_end=end_to_end).train()
    heatmaps = torch.full((2, LANDMARKS, 12, 16), content, requires_grad=True)
    found = head.locate_outputs(heatmaps, features())
    assert found.coordinates.isfinite().all() and found.scores.isfinite().all()
    found.coordinates.sum().backward()
    for each in (*head.graph.parameters(), *([heatmaps] if end_to_end else [])):
        assert each.grad is None or each.grad.isfinite().all()


def test_landmarks_outside_the_map_are_refined_from_its_border():
    head = build(base(dict(CODECS[0], beyond_box=True)))
    heatmaps = torch.from_numpy(gaussian((-1.5, 5), *CELLS, 2)).float().expand(1, LANDMARKS, 12, 16)
    assert head.base_head.decoder.locate_in_input(heatmaps).coordinates[..., 0].max() < 0
    assert head.locate_outputs(heatmaps, features(1)).coordinates.isfinite().all()


def test_half_precision_stays_near_float32():
    feats = features()
    single, half = build(), build().half()
    expected, found = single.locate(feats), half.locate([each.half() for each in feats])
    assert found.coordinates.dtype == torch.float32
    assert (found.coordinates - expected.coordinates).abs().max() < 0.5  # px
    with torch.autocast('cpu', torch.bfloat16):
        outputs = single.forward(feats).float()
        found = single.locate_outputs(outputs, feats)
    expected = single.locate_outputs(outputs, feats)
    torch.testing.assert_close(found.coordinates, expected.coordinates)


class Columns(nn.Module):
    """A backbone: one convolution with statistics that training would change."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Conv2d(3, CHANNELS, 4, 4)
        self.norm = nn.BatchNorm2d(CHANNELS)

    def forward(self, crops):
        return (self.norm(self.layer(crops)),)


def estimator(head, **settings):
    MODELS.register_module(name='Columns', module=Columns, force=True)
    return MODELS.build(
        dict(
            type='MultilaterationPoseEstimator',
            data_preprocessor=dict(type='PoseDataPreprocessor'),
            backbone=dict(type='Columns'),
            head=head,
            **settings,
        )
    )


FROZEN = ['backbone', 'head.base_head']


def train_once(model):
    optimizer = torch.optim.SGD([each for each in model.parameters() if each.requires_grad], 0.1)
    model.train()
    losses = model.loss(torch.rand(2, 3, SIZE[1], SIZE[0]), samples())
    sum(each for name, each in losses.items() if 'loss' in name).backward()
    optimizer.step()
    return losses


def test_frozen_means_bit_identical_after_a_step():
    plain = estimator(base())
    model = estimator(dict(type='GraphRefinementHead', base_head=base()), frozen=FROZEN)
    load_state_dict(model, plain.state_dict())
    before = {name: each.clone() for name, each in model.state_dict().items()}
    assert set(train_once(model)) == {'loss_refined'}
    after = model.state_dict()
    changed = {name for name, each in before.items() if not torch.equal(each, after[name])}
    assert changed and all(name.startswith('head.graph') for name in changed)
    for name, each in plain.state_dict().items():
        found = after[name.replace('head.', 'head.base_head.')]
        assert torch.equal(found, each)


def test_what_is_not_frozen_is_trained():
    model = estimator(dict(type='GraphRefinementHead', base_head=base()))
    before = {name: each.clone() for name, each in model.state_dict().items()}
    assert {'loss_kpt', 'loss_refined'} <= set(train_once(model))
    after = model.state_dict()
    for part in ('backbone.layer.weight', 'backbone.norm.running_mean', 'head.base_head'):
        names = [name for name in before if name.startswith(part)]
        assert any(not torch.equal(before[name], after[name]) for name in names)


def test_a_frozen_network_without_its_weights_is_refused():
    model = estimator(dict(type='GraphRefinementHead', base_head=base()), frozen=FROZEN)
    with pytest.raises(ValueError, match='load_from'):
        train_once(model)
    other = estimator(base(out_channels=LANDMARKS + 1))
    with pytest.raises(ValueError, match='does not fit the frozen base_head: head.base_head.final'):
        load_state_dict(model, other.state_dict())


def test_its_own_checkpoint_is_loaded_whole():
    head = dict(type='GraphRefinementHead', base_head=base())
    one, other = estimator(head), estimator(head, frozen=FROZEN)
    other.load_state_dict(one.state_dict())
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters()))


def test_flipped_crops_are_refined_and_mirrored():
    head = dict(type='GraphRefinementHead', base_head=base(), hidden_channels=(8,))
    model = estimator(head, test_cfg=dict(flip_test=True, flip_mode='coordinates')).eval()
    model.head.load_state_dict(build(hidden_channels=(8,)).state_dict())
    nn.init.ones_(model.head.base_head.final_layer.bias)  # peaks above zero, which are trusted
    crops = torch.rand(2, 3, SIZE[1], SIZE[0], generator=torch.Generator().manual_seed(0))
    plain, flipped = model.locate(crops), model.locate(crops.flip(-1))
    other = flipped.coordinates[:, PARTNERS]
    other = torch.stack((SIZE[0] - 1 - other[..., 0], other[..., 1]), -1)
    found = model.locate(crops, PARTNERS).coordinates
    trusted = (plain.scores > 0) & (flipped.scores[:, PARTNERS] > 0)
    expected = (plain.coordinates + other) / 2
    assert trusted.any()
    torch.testing.assert_close(found[trusted], expected[trusted])


@pytest.mark.parametrize(
    ('settings', 'named'),
    [
        (dict(predict='places'), 'predict'),
        (dict(edges='none'), 'edges'),
        (dict(confidence='heat'), 'confidence'),
        (dict(base_head=base(CODECS[3]), confidence='covariance'), 'tells covariances'),
        (dict(base_head=base(CODECS[4]), end_to_end=True), 'differentiable'),
        (dict(base_head=base(None)), 'decoder of heatmaps'),
        (dict(feature_channels=0), 'feature_channels'),
        (dict(feature_index='last'), 'feature_index'),
        (dict(end_to_end=1), 'end_to_end'),
    ],
)
def test_wrong_settings_are_named(settings, named):
    with pytest.raises(ValueError, match=named):
        build(**settings)


def test_labels_without_landmarks_are_refused():
    given = samples(codec=CODECS[4])
    for sample in given:
        del sample.gt_instances
    with pytest.raises(ValueError, match='pack_transformed'):
        build(base(CODECS[4])).loss(features(), given)


def test_a_head_of_several_outputs_is_wrapped_too():
    codec = dict(SIZES, type='GaussianVector')
    head = build(base(codec, type='GaussianVectorHead'))
    found = head.locate(features())
    assert found.coordinates.shape == (2, LANDMARKS, 2) and found.coordinates.isfinite().all()
    assert list(head.outputs_by_codec(head.forward(features()))) == ['vectors']
    assert head.shown_heatmaps(head.forward(features()), features()).shape == (2, 3, 12, 16)

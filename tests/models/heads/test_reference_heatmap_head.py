import copy

import numpy as np
import pytest
import torch
from mmpose.models import TopdownPoseEstimator
from mmpose.registry import KEYPOINT_CODECS, MODELS
from reference_networks import (
    BOUNDARIES,
    CODEC,
    HEATMAP_SIZE,
    LANDMARKS,
    NETWORK,
    PARTNERS,
    build_estimator,
    fill,
    head_settings,
    make_samples,
)

from mmpose_multilat.analysis.complexity import measure_complexity
from mmpose_multilat.engine.hooks import check_heatmap_size
from mmpose_multilat.models.heads import outputs_by_codec
from mmpose_multilat.models.pose_estimators import locate, look

CURVES = KEYPOINT_CODECS.build(BOUNDARIES).num_boundaries
CHOICES = ('neutral', 'random', 'correlated', 'least_correlated', 'blank')
PARTS = dict(soft=False, hard=False)


@pytest.fixture
def images():
    return torch.randn(3, 3, 64, 64, generator=torch.Generator().manual_seed(0))


def heatmaps_of(estimator, images, samples=None):
    with torch.no_grad():
        return look(estimator, images, samples).outputs.heatmaps


def test_outputs_are_named_with_their_codecs(images):
    estimator = build_estimator()
    outputs = look(estimator, images).outputs
    named = outputs_by_codec(estimator.head, outputs)
    assert list(named) == ['heatmaps', 'boundary_heatmaps']
    assert [type(codec).__name__ for codec, _ in named.values()] == [
        'GaussianMLE',
        'BoundaryHeatmap',
    ]
    (landmarks,), (boundaries,) = (tensors for _, tensors in named.values())
    assert landmarks.shape == (3, LANDMARKS, *HEATMAP_SIZE)
    assert boundaries.shape == (3, CURVES, *HEATMAP_SIZE)
    check_heatmap_size(estimator)


def test_size_of_the_decoder_is_checked():
    estimator = build_estimator(decoder=dict(CODEC, heatmap_size=(8, 8)))
    with pytest.raises(ValueError, match='16x16.*8x8'):
        check_heatmap_size(estimator)


@pytest.mark.parametrize('kind', ['GaussianMLE', 'Dark', 'MSRAHeatmap'])
def test_landmarks_are_what_any_codec_decodes(kind, images):
    estimator = build_estimator(decoder=dict(CODEC, type=kind))
    decoded = map(estimator.head.decoder.decode, heatmaps_of(estimator, images).numpy())
    keypoints, scores = zip(*decoded)
    with torch.no_grad():
        found = locate(estimator, images)
    np.testing.assert_allclose(found.coordinates, np.concatenate(keypoints), atol=1e-4)
    np.testing.assert_allclose(found.scores, np.concatenate(scores), atol=1e-6)


def test_sample_s_own_reference_is_taken(images):
    estimator = build_estimator()
    samples = make_samples(3)
    own = heatmaps_of(estimator, images, samples)
    assert not torch.equal(own, heatmaps_of(estimator, images))
    bank = copy.deepcopy(estimator)
    labels = samples[1].gt_instance_labels
    for name, field in zip(('images', 'landmarks', 'visible'), ('image', 'landmarks', 'visible')):
        getattr(bank.head.bank, name)[0] = labels[f'reference_{field}'][0]
    torch.testing.assert_close(own[1:2], heatmaps_of(bank, images[1:2]), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize('reference', CHOICES)
def test_bank_is_used_as_the_choice_says(reference, images):
    estimator = build_estimator(reference=reference)
    before = heatmaps_of(estimator, images)
    assert torch.equal(before, heatmaps_of(estimator, images))
    used = {'neutral': [0], 'random': [estimator.head.bank.drawn], 'blank': []}
    kept = estimator.head.bank.images.clone()
    estimator.head.bank.images[used.get(reference, slice(None))] = 0
    changed = not torch.equal(before, heatmaps_of(estimator, images))
    assert changed is (reference != 'blank')
    fill(estimator.head.bank, seed=1)
    if reference in used:
        estimator.head.bank.images[used[reference]] = kept[used[reference]]
        estimator.head.bank.landmarks.copy_(build_estimator().head.bank.landmarks)
        assert torch.equal(before, heatmaps_of(estimator, images))


def test_a_blank_reference_ignores_those_of_samples(images):
    estimator = build_estimator(reference='blank')
    own = heatmaps_of(estimator, images, make_samples(3))
    assert torch.equal(own, heatmaps_of(estimator, images))


def test_correlated_and_least_correlated_are_chosen_for_each_image(images):
    """From a bank of two faces, one of which is the image itself."""
    answers = {}
    for reference in ('correlated', 'least_correlated'):
        estimator = build_estimator(reference=reference)
        head = estimator.head
        preprocessor = head.reference_inputs.preprocessor
        pixels = torch.randint(0, 256, (3, 3, 128, 128), generator=torch.Generator().manual_seed(1))
        head.bank.images[1::2], head.bank.images[::2] = pixels[0].float(), pixels[1].float()
        small = torch.nn.functional.avg_pool2d(pixels.float().flip(1), 2)
        crops = (small - preprocessor.mean) / preprocessor.std
        answers[reference] = heatmaps_of(estimator, crops)
        for face, own in ((0, 1), (1, 0)):
            single = build_estimator()
            number = own if reference == 'correlated' else 1 - own
            for name in ('images', 'landmarks'):
                getattr(single.head.bank, name)[0] = getattr(head.bank, name)[number]
            expected = heatmaps_of(single, crops[face : face + 1])
            torch.testing.assert_close(
                answers[reference][face : face + 1], expected, atol=1e-5, rtol=1e-5
            )
    assert not torch.equal(answers['correlated'], answers['least_correlated'])


@torch.no_grad()
def test_losses_are_those_of_equation_9(images):
    """The default sums over 128x128 cells; at 16x16 it is 64 times the sum."""
    estimator, samples = build_estimator(), make_samples(3)
    head, labels = estimator.head, [sample.gt_instance_labels for sample in samples]
    labels[0].keypoint_weights[:] = 0
    feats = estimator.extract_feat(images)
    losses = head.loss(feats, samples)
    outputs, transformed = head._transform(head.with_samples(feats, samples))
    target = torch.stack([sample.gt_fields.heatmaps for sample in samples])
    squares = (outputs.heatmaps - target).square().sum((-2, -1))
    squares[0] = 0
    torch.testing.assert_close(losses['loss_kpt'], 64 * squares.mean())
    target = torch.cat([label.boundary_heatmaps for label in labels])
    squares = (outputs.boundary_heatmaps - target).square().sum((-2, -1))
    torch.testing.assert_close(losses['loss_boundary'], 64 * squares.mean())
    by_scale = zip(transformed.hard, transformed.soft, transformed.weights)
    errors = [(hard * weight - soft).abs().mean() for hard, soft, weight in by_scale]
    torch.testing.assert_close(losses['loss_transformation'], 0.1 * sum(errors) / 2)


@pytest.mark.parametrize(
    ('changes', 'names'),
    [
        (dict(), {'loss_kpt', 'loss_boundary', 'loss_transformation'}),
        (dict(boundaries=None), {'loss_kpt', 'loss_transformation'}),
        (dict(network=dict(NETWORK, soft=False)), {'loss_kpt', 'loss_boundary'}),
        (dict(network=dict(NETWORK, hard=False)), {'loss_kpt', 'loss_boundary'}),
        (dict(network=dict(NETWORK, **PARTS)), {'loss_kpt', 'loss_boundary'}),
        (dict(reference='blank'), {'loss_kpt', 'loss_boundary', 'loss_transformation'}),
    ],
)
def test_every_part_is_trained_or_left_out(changes, names, images):
    estimator = build_estimator(**changes).train()
    losses = estimator.loss(images, make_samples(3))
    assert set(losses) == names
    sum(losses.values()).backward()
    missing = [name for name, value in estimator.named_parameters() if value.grad is None]
    assert missing == []


def test_training_without_references_is_refused(images):
    samples = make_samples(3, references=False)
    with pytest.raises(ValueError, match='carry no reference faces; put AddReference'):
        build_estimator().loss(images, samples)
    for changes in (dict(reference='blank'), dict(network=dict(NETWORK, **PARTS))):
        assert build_estimator(**changes).loss(images, samples)['loss_kpt'].isfinite()


@pytest.mark.parametrize('references', [True, False])
@pytest.mark.parametrize('kind', ['MultilaterationPoseEstimator', 'TopdownPoseEstimator'])
def test_test_loop_finds_what_the_seam_finds(kind, references, images):
    estimator = build_estimator(type=kind)
    samples = make_samples(3, references)
    with torch.no_grad():
        found = estimator.predict(images, copy.deepcopy(samples))
        view = look(estimator, images, samples)
        expected = estimator.head.locate_outputs(view.outputs, view.feats)
    for face, sample in enumerate(found):
        np.testing.assert_allclose(
            sample.pred_instances.keypoints[0], expected.coordinates[face], atol=1e-4
        )


def test_flip_test_on_landmarks_is_exact(images):
    """The flipped image has the flipped answer, whatever the reference."""
    estimator = build_estimator(test_cfg=dict(flip_test=True, flip_mode='coordinates'))
    with torch.no_grad():
        plain = locate(estimator, images, PARTNERS)
        flipped = locate(estimator, images.flip(-1), PARTNERS).mirrored(64, PARTNERS)
        one, other = (locate(estimator, each) for each in (images, images.flip(-1)))
    torch.testing.assert_close(plain.coordinates, flipped.coordinates)
    expected = one.averaged(other.mirrored(64, PARTNERS))
    torch.testing.assert_close(plain.coordinates, expected.coordinates)
    samples = make_samples(3, references=False)
    found = estimator.predict(images, samples)
    for face, sample in enumerate(found):
        np.testing.assert_allclose(
            sample.pred_instances.keypoints[0], expected.coordinates[face], atol=1e-4
        )


def test_flip_mode_of_mmpose_averages_both_outputs(images):
    flips = dict(flip_test=True, flip_mode='heatmap', shift_heatmap=False, output_heatmaps=True)
    estimator, samples = build_estimator(test_cfg=flips), make_samples(3)
    head = estimator.head
    with torch.no_grad():
        views = [look(estimator, each, samples) for each in (images, images.flip(-1))]
        averaged = head.averaged_outputs(
            [view.outputs for view in views], [view.feats for view in views], PARTNERS, flips
        )
        found = TopdownPoseEstimator.predict(estimator, images, samples)
    plain, other = (view.outputs for view in views)
    expected = (plain.heatmaps + other.heatmaps.flip(-1)[:, PARTNERS]) / 2
    torch.testing.assert_close(averaged.heatmaps, expected)
    curves = list(head.boundaries.flip_indices)
    expected = (plain.boundary_heatmaps + other.boundary_heatmaps.flip(-1)[:, curves]) / 2
    torch.testing.assert_close(averaged.boundary_heatmaps, expected)
    for face, sample in enumerate(found):
        torch.testing.assert_close(sample.pred_fields.heatmaps, averaged.heatmaps[face])


def test_landmarks_come_out_without_boundaries(images):
    flips = dict(flip_test=True, flip_mode='heatmap')
    estimator = build_estimator(boundaries=None, test_cfg=flips)
    found = estimator.predict(images, make_samples(3))
    assert all(np.isfinite(sample.pred_instances.keypoints).all() for sample in found)


def test_covariances_are_told_where_the_codec_tells_them(images):
    with torch.no_grad():
        found = locate(build_estimator(), images, covariances=True)
    assert found.covariances.shape == (3, LANDMARKS, 2, 2)


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        (dict(scheme='ibug'), "boundaries.scheme='aflw' and scheme='ibug' differ"),
        (dict(reference='nearest'), "reference='nearest' is unknown"),
        (dict(reference_seed=-1), 'reference_seed=-1'),
        (dict(out_channels=0), 'out_channels=0'),
        (dict(sigma=0), 'sigma=0'),
        (dict(network=dict(NETWORK, heatmap_size=(15, 15))), 'multiple of 2'),
        (
            dict(boundaries=dict(BOUNDARIES, heatmap_size=(8, 8))),
            r'boundaries.heatmap_size=\(8, 8\) differs from \(16, 16\)',
        ),
        (dict(decoder=dict(CODEC, alignment='udp')), "boundaries.alignment='msra' differs"),
    ],
)
def test_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        MODELS.build({**head_settings(), **changes})


def test_checkpoint_of_another_scheme_is_refused():
    weights = build_estimator().state_dict()
    other = build_estimator(scheme='wflw', boundaries=None)
    with pytest.raises(ValueError, match="scheme 'aflw', the head is for 'wflw'"):
        other.load_state_dict(weights, strict=False)


def test_operations_are_counted():
    parts = (dict(), dict(hard=False), dict(soft=False, hard=False))
    estimators = [build_estimator(network={**NETWORK, **each}) for each in parts]
    counted = [measure_complexity(each, (64, 64)) for each in estimators]
    assert counted[0].gflops > counted[1].gflops > counted[2].gflops > 0
    whole = sum(each.numel() for each in estimators[0].parameters())
    assert counted[0].parameters_million == pytest.approx(whole / 1e6)

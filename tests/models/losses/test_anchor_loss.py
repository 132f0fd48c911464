import math

import pytest
import torch
from mmpose.registry import MODELS

from mmpose_multilat.models.losses.anchor_loss import MultilaterationAnchorLoss, anchor_errors


def brute_force(predicted, target, num_anchors, anchors_from):
    """Sum over the cells that a full sort puts first, cell by cell."""
    height, width = target.shape
    chosen = set()
    for name, heatmap in (('target', target), ('prediction', predicted)):
        if anchors_from in (name, 'both'):
            cells = [(heatmap[y, x].item(), y, x) for y in range(height) for x in range(width)]
            chosen |= {(y, x) for _, y, x in sorted(cells, reverse=True)[:num_anchors]}
    return sum((predicted[y, x] - target[y, x]).item() ** 2 for y, x in chosen)


def heatmaps(*batch, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return [torch.rand(*batch, 8, 6, generator=generator, dtype=torch.float64) for _ in range(2)]


@pytest.mark.parametrize('anchors_from', ['target', 'prediction', 'both'])
@pytest.mark.parametrize('num_anchors', [1, 4, 10, 48])
def test_errors_equal_brute_force(num_anchors, anchors_from):
    predicted, target = heatmaps(2, 3)
    found = anchor_errors(predicted, target, num_anchors, anchors_from)
    for face in range(2):
        for landmark in range(3):
            maps = predicted[face, landmark], target[face, landmark]
            expected = brute_force(*maps, num_anchors, anchors_from)
            assert found[face, landmark].item() == pytest.approx(expected)


def test_by_hand():
    target = torch.tensor([[[[1.0, 0.6], [0.2, 0.0]]]])
    predicted = torch.tensor([[[[0.7, 0.2], [0.9, 0.0]]]])
    # Strongest of the target: 1.0 and 0.6, missed by 0.3 and 0.4.
    loss = MultilaterationAnchorLoss(num_anchors=2, loss_weight=6)
    assert loss(predicted, target).item() == pytest.approx(6 * 0.5)
    squared = MultilaterationAnchorLoss(num_anchors=2, norm='squared')
    assert squared(predicted, target).item() == pytest.approx(0.25)
    # Strongest of the prediction: 0.9 and 0.7, missed by 0.7 and 0.3.
    prediction = MultilaterationAnchorLoss(num_anchors=2, anchors_from='prediction')
    assert prediction(predicted, target).item() == pytest.approx(math.sqrt(0.58))
    both = MultilaterationAnchorLoss(num_anchors=2, anchors_from='both', norm='squared')
    assert both(predicted, target).item() == pytest.approx(0.09 + 0.16 + 0.49)


def test_weights_scale_landmarks_and_the_mean_runs_over_all():
    predicted, target = heatmaps(2, 3)
    weights = torch.tensor([[1.0, 0.0, 0.5], [1.0, 1.0, 0.0]], dtype=torch.float64)
    errors = anchor_errors(predicted, target, 10).sqrt()
    loss = MultilaterationAnchorLoss()(predicted, target, weights)
    assert loss.item() == pytest.approx((errors * weights).sum().item() / 6)
    ignored = MultilaterationAnchorLoss(use_target_weight=False)(predicted, target, weights)
    assert ignored.item() == pytest.approx(errors.mean().item())


@pytest.mark.parametrize('norm', ['l2', 'squared'])
@pytest.mark.parametrize('anchors_from', ['target', 'prediction', 'both'])
def test_gradient(norm, anchors_from):
    predicted, target = heatmaps(1, 2)
    loss = MultilaterationAnchorLoss(num_anchors=5, norm=norm, anchors_from=anchors_from)
    predicted.requires_grad_()
    assert torch.autograd.gradcheck(lambda maps: loss(maps, target), predicted)
    (gradient,) = torch.autograd.grad(loss(predicted, target), predicted)
    touched = (gradient != 0).sum((-2, -1))
    assert (touched >= 5).all() and (touched <= (10 if anchors_from == 'both' else 5)).all()


def test_a_perfect_prediction_has_a_finite_gradient():
    target = heatmaps(1, 2)[1]
    predicted = target.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(MultilaterationAnchorLoss()(predicted, target), predicted)
    assert (gradient == 0).all()


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
def test_mixed_precision(dtype):
    target = heatmaps(1, 2)[1].float()
    predicted = (target + 1e-3).to(dtype).requires_grad_()
    loss = MultilaterationAnchorLoss()(predicted, target)
    (gradient,) = torch.autograd.grad(loss, predicted)
    error = (predicted.detach().float() - target).flatten(-2)
    chosen = target.flatten(-2).topk(10).indices
    expected = error.gather(-1, chosen).square().sum(-1).sqrt().mean()
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(expected.item(), rel=1e-3)
    assert gradient.isfinite().all() and gradient.any()


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
def test_squares_of_small_errors_survive_half_precision(dtype):
    predicted = torch.full((1, 1, 4, 4), 1e-4, dtype=dtype)
    loss = MultilaterationAnchorLoss(num_anchors=9)(predicted, torch.zeros_like(predicted))
    assert loss.item() == pytest.approx(3e-4, rel=0.01)


def test_more_anchors_than_cells_means_all_cells():
    predicted, target = heatmaps(1, 2)
    loss = MultilaterationAnchorLoss(num_anchors=100, norm='squared')
    expected = (predicted - target).square().sum((-2, -1)).mean()
    torch.testing.assert_close(loss(predicted, target), expected)


def test_empty_batch():
    assert MultilaterationAnchorLoss()(torch.zeros(0, 3, 8, 8), torch.zeros(0, 3, 8, 8)) == 0


@pytest.mark.parametrize(
    'wrong, message',
    [
        (dict(num_anchors=0), 'num_anchors=0 must be a whole number of at least 1'),
        (dict(num_anchors=2.5), 'num_anchors=2.5 must be a whole number of at least 1'),
        (dict(num_anchors=10.0), 'num_anchors=10.0 must be a whole number of at least 1'),
        (dict(num_anchors=True), 'num_anchors=True must be a whole number of at least 1'),
        (dict(loss_weight=math.nan), 'loss_weight=nan must be a finite number of at least 0'),
        (dict(loss_weight=-1), 'loss_weight=-1 must be a finite number of at least 0'),
        (dict(loss_weight='6'), "loss_weight='6' must be a finite number of at least 0"),
        (dict(anchors_from='labels'), r"use one of \('target', 'prediction', 'both'\)"),
        (dict(use_target_weight=None), 'use_target_weight=None must be True or False'),
        (dict(norm='l1'), r"use one of \('l2', 'squared'\)"),
    ],
)
def test_wrong_arguments_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        MultilaterationAnchorLoss(**wrong)


def test_sum_with_the_mean_squared_error_as_in_the_paper():
    predicted, target = heatmaps(2, 3)
    weights = torch.tensor([[1.0, 0.0, 0.5], [1.0, 1.0, 0.0]], dtype=torch.float64)
    loss = MODELS.build(
        dict(
            type='LossSum',
            losses=[
                dict(type='KeypointMSELoss', use_target_weight=True),
                dict(type='MultilaterationAnchorLoss', loss_weight=6.0),
            ],
        )
    )
    squares = (predicted - target).square().mean((-2, -1))
    norms = anchor_errors(predicted, target, 10).sqrt()
    expected = ((squares + 6 * norms) * weights).mean()
    torch.testing.assert_close(loss(predicted, target, weights), expected)


def test_a_sum_of_nothing_is_refused():
    with pytest.raises(ValueError, match='LossSum needs at least one loss'):
        MODELS.build(dict(type='LossSum', losses=[]))


@pytest.mark.parametrize('losses', [dict(type='KeypointMSELoss'), 'KeypointMSELoss', [None]])
def test_what_is_no_list_of_losses_is_refused(losses):
    with pytest.raises(ValueError, match='losses=.* must be a list of losses'):
        MODELS.build(dict(type='LossSum', losses=losses))

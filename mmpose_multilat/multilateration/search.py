"""Minimise the range cost: by POPoS' parallel search, exactly, by Gauss-Newton."""

import math

import torch
from torch import Tensor

from .principal_cost import PrincipalCost
from .range_cost import RangeCost, position_factors

EXACT_STEPS = 8
"""They reach float32 precision on bumps of any height with noise up to a tenth of it; on stations
scattered over a heatmap of pure noise a hundredth of a cell may be left."""

GAUSS_NEWTON_STEPS = 20
"""The limit that the paper sets (POPoS section 4.5)."""

DAMPING = 1e-6
"""Fraction of the trace that is added to the diagonal, so that collinear stations give a finite
step."""

FAR_FROM_POLE = 1e-3
"""Where Newton's method may start, as a fraction of the trace: nearer to a pole its first steps
would be small."""

LONGEST = 1e3
"""Largest distance between two mirrored minima that can be told apart, in heatmap px; no landmark
lies as far from its strongest cell."""


def candidate_offsets(sampling_range: float, sampling_rate: float, like: Tensor) -> Tensor:
    """Candidates of POPoS' parallel search: a square mesh centred on the strongest cell.

    Equation (4), corrected: as printed its mesh has the wrong spacing and is not centred.

    Args:
        sampling_range: Half the side of the square, in heatmap px.
        sampling_rate: Candidates per heatmap px.
        like: A tensor whose dtype and device the result takes.

    Returns:
        (C, 2) offsets (x, y) in heatmap px, C = (2 round(sampling_range * sampling_rate) + 1)^2;
        the centre is one of them.
    """
    steps = round(sampling_range * sampling_rate)
    axis = torch.arange(-steps, steps + 1, dtype=like.dtype, device=like.device) / sampling_rate
    return torch.cartesian_prod(axis, axis)


def search_candidates(cost: RangeCost, candidates: Tensor) -> Tensor:
    """The candidate of the lowest cost (PPPSC, POPoS equation (5)).

    One matrix product serves all landmarks and candidates. Minima of groups and then the place in
    one group are several times cheaper than the place among all candidates.

    Args:
        cost: Cost with sums of shape (...).
        candidates: (C, 2) positions (x, y), the same for all landmarks; C is a square number.

    Returns:
        (..., 2) best candidates.
    """
    side = round(math.sqrt(len(candidates)))
    factors = position_factors(candidates)  # (C, 4)
    pairs = (factors.unsqueeze(-1) * factors.unsqueeze(-2)).flatten(-2)  # (C, 16)
    # Landmarks last, so that minima of many landmarks are formed at once.
    costs = pairs @ cost.products.reshape(-1, 16).mT  # (C, N)
    groups = costs.unflatten(0, (side, side))
    group = groups.amin(1).min(0).indices  # (N,)
    place = groups.gather(0, group.expand(1, side, -1)).squeeze(0).min(0).indices
    return candidates[group * side + place].view(*cost.products.shape[:-2], 2)


def minimise_exact(cost: RangeCost, steps: int = EXACT_STEPS) -> Tensor:
    """The global minimum of the cost, by the root of a function of one variable.

    Where the gradient vanishes c = -pull / (R + spread), with R the sum of the residuals; at the
    global minimum R + spread is nowhere negative (Beck, Stoica and Li, "Exact and approximate
    solutions of source localization problems", IEEE Transactions on Signal Processing 2008). There
    R = q + S |c|^2 has a single root, which Newton's method finds on 1 / |c| = sqrt(S / (R - q)):
    both sides are concave, so that it approaches from one side wherever it starts. The unknown is
    d, the distance of R from the pole at minus the smaller spread.

    Args:
        cost: Cost with sums of shape (...).
        steps: Number of Newton steps, fixed so that the batch stays together.

    Returns:
        (..., 2) positions (x, y), with the derivative of the minimum (see `attach_gradient`). Of
        two minima that mirror each other, one.
    """
    with torch.no_grad():
        principal = PrincipalCost.from_cost(cost)
        poles = principal.spread - principal.spread[1]  # (2, ...): of c, as -d
        smallest = principal.spread.sum(0) * DAMPING
        pull = _away_from_zero(principal.pull, smallest)
        offset = (principal.q + principal.spread[1]) / cost.count  # (R - q) / S = d / S - offset
        floor = cost.count * (offset + DAMPING * offset.abs()) + smallest  # R = q, with room
        floor = torch.maximum(floor, smallest / LONGEST)
        d = _start_of_root(principal, pull, poles, offset, floor)
        for _ in range(steps):
            d = torch.maximum(_step_to_root(cost.count, pull, poles, offset, d), floor)
        position = principal.leave(-pull / (poles + d))
    return attach_gradient(cost, position)


def _away_from_zero(pull: Tensor, smallest: Tensor) -> Tensor:
    """With no pull across the stations the root would give the saddle between two minima."""
    return torch.where(pull.abs() < smallest, smallest, pull)


def _start_of_root(
    principal: PrincipalCost, pull: Tensor, poles: Tensor, offset: Tensor, floor: Tensor
) -> Tensor:
    """(...) the root without noise, where R = 0, or a bound below the root if that is smaller."""
    lowest = floor.add(principal.spread.sum(0), alpha=FAR_FROM_POLE)
    d = torch.maximum(principal.spread[1], lowest)
    bound = principal.count * (offset + (pull / (poles + d)).square().sum(0))
    return torch.where(bound < d, torch.maximum(bound, lowest), d)


def _step_to_root(count: int, pull: Tensor, poles: Tensor, offset: Tensor, d: Tensor) -> Tensor:
    """(...) the next d by Newton's method."""
    distance = poles + d  # (2, ...)
    squares = (pull / distance).square()
    square = squares.sum(0)  # |c|^2 by the gradient
    excess = torch.add(-offset, d, alpha=1 / count)  # |c|^2 by the residuals
    ratio = (square / excess).sqrt()
    slope = (squares / distance).sum(0) / square
    slope = slope.addcdiv(ratio, excess, value=0.5 / count)
    return d.addcdiv(ratio - 1, slope)


def minimise_gauss_newton(
    cost: RangeCost, start: Tensor, steps: int = GAUSS_NEWTON_STEPS
) -> Tensor:
    """Minimise the cost by Gauss-Newton steps (IGNO, POPoS section 3.3).

    The Jacobian of residual i is 2 (c - a_i); equation (6) prints its inverse by mistake. Its
    matrix diag(spread) + 2 S c c' is inverted in closed form (Sherman and Morrison).

    Args:
        cost: Cost with sums of shape (...).
        start: (..., 2) positions (x, y); the paper starts at the strongest cell.
        steps: Number of steps; a fixed number keeps the batch together.

    Returns:
        (..., 2) positions, with the derivative of the minimum (see `attach_gradient`).
    """
    with torch.no_grad():
        principal = PrincipalCost.from_cost(cost)
        inverse = 1 / principal.spread.add(principal.spread.sum(0), alpha=DAMPING)
        c = principal.enter(start)
        for _ in range(steps):
            gradient = principal.gradient(c, principal.residual(c))
            along, across = gradient * inverse, c * inverse
            share = (c * along).sum(0) / ((c * across).sum(0) + 0.5 / cost.count)
            c = torch.addcmul(c - along, share, across)
        position = principal.leave(c)
    return attach_gradient(cost, position)


def attach_gradient(cost: RangeCost, minimum: Tensor) -> Tensor:
    """Let gradients flow from a minimum to the ranges, without passing through the iterations.

    At the minimum the gradient g of the cost vanishes, so that the implicit function theorem gives
    the derivative of the position as -H^-1 dg with the Hessian H held fixed: exact where the
    iterations have converged, whatever their number.

    Args:
        cost: Cost with sums of shape (...).
        minimum: (..., 2) positions (x, y) where it is least.

    Returns:
        The same (..., 2) positions; without a gradient where they are not finite or further away
        than `LONGEST`.
    """
    if not (torch.is_grad_enabled() and cost.products.requires_grad):
        return minimum
    minimum = minimum.detach()
    # Where iterations have gone astray nothing may flow: NaN times a weight of 0 would be NaN.
    usable = minimum.abs().amax(-1, keepdim=True) < LONGEST  # False for NaN
    usual = torch.where(usable, minimum, torch.zeros_like(minimum))
    principal = PrincipalCost.from_cost(cost)
    c = principal.enter(usual).detach()
    residual = principal.residual(c)
    (xx, yy), xy = (entry.detach() for entry in _newton_matrix(principal, c, residual))
    x, y = principal.gradient(c, residual)
    step = torch.stack((yy * x - xy * y, xx * y - xy * x)) / (xx * yy - xy * xy)
    moved = principal.leave(c - step)
    return torch.where(usable, usual + (moved - moved.detach()), minimum)


def _newton_matrix(
    cost: PrincipalCost, coordinates: Tensor, residual: Tensor
) -> tuple[Tensor, Tensor]:
    """The Hessian / 4, where it is not positive definite the damped Gauss-Newton matrix.

    Returns:
        (2, ...) its diagonal and (...) the entry beside it.
    """
    cross = 2 * cost.count * coordinates[0] * coordinates[1]
    diagonal = cost.spread + 2 * cost.count * coordinates.square()
    trace = diagonal.sum(0)
    full = diagonal + residual
    convex = (full.prod(0) - cross * cross > DAMPING * trace * trace) & (full.sum(0) > 0)
    return torch.where(convex, full, diagonal + DAMPING * trace), cross

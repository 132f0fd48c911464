"""Minimise the range cost: by POPoS' parallel search, by Newton's method, by Gauss-Newton."""

import torch
from torch import Tensor

from .range_cost import RangeCost, polynomial_terms

NEWTON_STEPS = 5
"""From a candidate 0.05 px from the minimum two steps reach float32 precision; five serve landmarks
outside the candidates."""

GAUSS_NEWTON_STEPS = 20
"""The limit that the paper sets (POPoS section 4.5)."""

DAMPING = 1e-6
"""Fraction of the trace that is added to the diagonal, so that collinear stations give a finite
step."""


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

    One matrix product serves all landmarks and candidates.

    Args:
        cost: Cost with sums of shape (...).
        candidates: (C, 2) positions (x, y), the same for all landmarks.

    Returns:
        (..., 2) best candidates.
    """
    costs = cost.polynomial() @ polynomial_terms(candidates).transpose(-1, -2)  # (..., C)
    return candidates[costs.argmin(-1)]


def minimise_newton(cost: RangeCost, start: Tensor, steps: int = NEWTON_STEPS) -> Tensor:
    """Minimise the cost by Newton's method from a good start; exact to rounding.

    Where the Hessian is not positive definite the Gauss-Newton matrix, which always is, takes its
    place. The result is never worse than the start.

    Args:
        cost: Cost with sums of shape (...).
        start: (..., 2) positions (x, y), for instance the best candidate.
        steps: Number of steps.

    Returns:
        (..., 2) positions, with the derivative of the minimum (see `attach_gradient`).
    """
    with torch.no_grad():
        position = start
        for _ in range(steps):
            step = _solve(*_newton_matrix(cost, position), *cost.gradient(position))
            position = position - step
        better = cost.value(position) <= cost.value(start)  # False for NaN
        position = torch.where(better.unsqueeze(-1), position, start)
    return attach_gradient(cost, position)


def minimise_gauss_newton(
    cost: RangeCost, start: Tensor, steps: int = GAUSS_NEWTON_STEPS
) -> Tensor:
    """Minimise the cost by Gauss-Newton steps (IGNO, POPoS section 3.3).

    The Jacobian of equation (6), printed as its inverse, is corrected.

    Args:
        cost: Cost with sums of shape (...).
        start: (..., 2) positions (x, y); the paper starts at the strongest cell.
        steps: Number of steps; a fixed number keeps the batch together.

    Returns:
        (..., 2) positions, with the derivative of the minimum (see `attach_gradient`).
    """
    with torch.no_grad():
        position = start
        for _ in range(steps):
            xx, xy, yy = cost.gauss_newton_matrix(position)
            damping = DAMPING * (xx + yy)
            step = _solve(xx + damping, xy, yy + damping, *cost.gradient(position))
            position = position - step
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
        The same (..., 2) positions.
    """
    if not (torch.is_grad_enabled() and cost.q.requires_grad):
        return minimum
    minimum = minimum.detach()
    matrix = (entry.detach() for entry in _newton_matrix(cost, minimum))
    step = _solve(*matrix, *cost.gradient(minimum))
    return minimum - (step - step.detach())


def _newton_matrix(cost: RangeCost, position: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """(...) entries xx, xy, yy of the Hessian / 4, or of the damped Gauss-Newton matrix."""
    xx, xy, yy = cost.gauss_newton_matrix(position)
    residual = cost.residual(position)
    convex = (xx + residual) * (yy + residual) - xy * xy > DAMPING * (xx + yy).square()
    convex &= xx + yy + 2 * residual > 0
    diagonal = torch.where(convex, residual, DAMPING * (xx + yy))
    return xx + diagonal, xy, yy + diagonal


def _solve(xx: Tensor, xy: Tensor, yy: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Solve the systems [[xx, xy], [xy, yy]] p = [x, y] of (...) entries; returns (..., 2)."""
    determinant = xx * yy - xy * xy
    return torch.stack((yy * x - xy * y, xx * y - xy * x), -1) / determinant.unsqueeze(-1)

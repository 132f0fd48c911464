"""Plots of the study."""

from collections.abc import Sequence
from statistics import mean
from typing import Optional

from projects.study.panels import Panel, measured
from projects.study.results import Result
from projects.study.summary import Summary

from . import published
from .recipes import BANDWIDTHS, HEATMAP, PAPER, RECIPES, UNROUNDED, Setting
from .selection import at_epoch, nme, summary_of
from .tables import PUBLISHED, VECTOR_DECODERS

DECODERS = ('quarter', 'exact')

Curves = dict[str, dict[float, Summary]]


def ablation_panels(results: Sequence[Result], size: int) -> list[Panel]:
    """Tables 7 and 8 as diagrams, those that have been measured; the paper's curve beside ours."""
    by_theta = {each: Setting('paper', theta=each) for each in published.BY_THETA}
    by_width = {float(mean(each)): Setting('paper', bandwidths=each) for each in BANDWIDTHS}
    both = mean(PAPER.bandwidths)
    by_both = {float(both): PAPER}
    pairs = {f'3 and 5, {key}': curve for key, curve in curves(results, size, by_both).items()}
    singles = curves(results, size, by_width)
    known = {float(mean(each)): published.BY_BANDWIDTHS[each] for each in BANDWIDTHS}
    panels = [
        with_published('Table 7', 'theta', curves(results, size, by_theta), published.BY_THETA),
        with_published('Table 8', 'bandwidth in cells', {**singles, **pairs}, known),
    ]
    return [panel for panel in panels if panel is not None]


def curves(results: Sequence[Result], size: int, settings: dict[float, Setting]) -> Curves:
    """NME by value of a setting for the decoders, where it was measured."""
    found = {
        VECTOR_DECODERS[decoder]: {
            value: nme(results, setting, size, decoder) for value, setting in settings.items()
        }
        for decoder in DECODERS
    }
    return measured(
        {
            label: {value: summary for value, summary in curve.items() if summary is not None}
            for label, curve in found.items()
        }
    )


def with_published(
    title: str, setting: str, found: Curves, known: dict[float, float]
) -> Optional[Panel]:
    """A diagram with the paper's curve, None if there is nothing beside it."""
    if not found:
        return None
    paper = {value: Summary(nme / 100, None, 1) for value, nme in known.items()}
    return Panel(title, setting, {**found, PUBLISHED: paper})


def convergence_panels(results: Sequence[Result], size: int, epochs: int) -> list[Panel]:
    """Figure 6, nothing before there is a run with a curve."""
    found = {
        RECIPES[setting.recipe].label: {
            epoch: summary_of(results, setting, size, at_epoch(epoch))
            for epoch in range(1, epochs + 1)
        }
        for setting in (HEATMAP, PAPER, UNROUNDED)
    }
    shown = measured(
        {
            label: {epoch: summary for epoch, summary in curve.items() if summary is not None}
            for label, curve in found.items()
        }
    )
    panel = Panel(f'Convergence, {size}x{size}', 'epoch', shown, is_logarithmic=True)
    return [panel] if shown else []

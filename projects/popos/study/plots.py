"""Plots of the study."""

from collections.abc import Sequence
from typing import Any

from projects.study.panels import Panel, measured, summaries
from projects.study.results import Result
from projects.study.summary import Summary, nme_of, sizes_in

from .plan import ABLATION_SIZE
from .recipes import ABLATIONS, LABELS
from .selection import ablation_errors, decoding_errors, errors

PAPER = dict(range=1, rate=10, anchors=10, weight=6)
"""Choices of the paper for what its figure 5 varies; the figure itself gives no numbers."""


def size_panels(results: Sequence[Result], decoders: Sequence[str]) -> list[Panel]:
    """Error over heatmap size, one diagram for each decoder and one curve for each recipe."""
    panels = []
    for decoder in decoders:
        curves = {
            label: summaries(
                {size: errors(results, recipe, size, nme_of(decoder)) for size in sizes_in(results)}
            )
            for recipe, label in LABELS.items()
        }
        panels.append(Panel(decoder, 'heatmap', measured(curves), is_size=True))
    return [panel for panel in panels if panel.curves]


def figure_5_panels(results: Sequence[Result]) -> list[Panel]:
    """The four diagrams of the paper's figure 5, those that have been measured."""

    def decoding(family: str) -> dict[str, dict[Any, Summary]]:
        by_recipe = decoding_errors(results, family, ABLATION_SIZE)
        return measured({label: summaries(curve) for label, curve in by_recipe.items()})

    def training(part: str) -> dict[str, dict[Any, Summary]]:
        found = ablation_errors(results, part, ABLATION_SIZE, 'POPoS')
        mse = found.pop(None)
        if part == 'weight' and any(found.values()):
            found = {0: mse, **found}  # plain MSE is the anchor loss with weight 0
        return measured({LABELS[ABLATIONS[part].recipe]: summaries(found)})

    cells = {f'{label}, K in the loss': curve for label, curve in training('anchors').items()}
    panels = [
        Panel('(a) sampling range', 'heatmap px', decoding('range'), PAPER['range']),
        Panel('(b) sampling rate', 'candidates per heatmap px', decoding('rate'), PAPER['rate']),
        Panel('(c) anchors', 'cells', {**decoding('anchors'), **cells}, PAPER['anchors']),
        Panel('(d) weight of the MA loss', 'w', training('weight'), PAPER['weight']),
    ]
    return [panel for panel in panels if panel.curves]

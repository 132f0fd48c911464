"""Markdown tables of the study. NME by inter-ocular distance in %."""

from collections.abc import Sequence
from typing import Optional

from projects.study.results import Result
from projects.study.summary import Reader, Summary, by_seed, summarise
from projects.study.tables import cell, markdown

from .decode import BANK, REFERENCES
from .plan import GUIDED, PARTS

LABELS = {
    'backbone': 'backbone',
    'encoder': '+ encoder',
    'soft': '+ encoder, soft transformation',
    'soft_fusion': '+ encoder, soft transformation, fusion',
    'hard_fusion': '+ encoder, hard transformation, fusion',
    'all': 'all',
    'blank': 'all, blank reference',
    'no_boundaries': 'all, without boundaries',
}
"""In the order of table VIII; the control and table IX behind it."""

OCCLUSIONS = ('plain', 'occluded')


def condition(reference: str, occlusion: str) -> Reader:
    """Reads the NME of a condition, None where it was not measured."""
    return lambda result: result.record['conditions'].get(reference, {}).get(occlusion)


def summary_of(
    results: Sequence[Result], part: str, reference: str, occlusion: str
) -> Optional[Summary]:
    """NME of a network in one condition over its seeds."""
    chosen = [result for result in results if result.run.part == part]
    return summarise(list(by_seed(chosen, condition(reference, occlusion)).values()))


def parts_table(results: Sequence[Result]) -> str:
    """Tables VIII and IX and the control: rows are networks, all guided by the neutral face."""
    rows = [
        [
            LABELS[part],
            *(cell(summary_of(results, part, BANK, occlusion)) for occlusion in OCCLUSIONS),
        ]
        for part in LABELS
    ]
    return markdown(['network', 'NME', 'NME with occluders'], rows)


def references_table(results: Sequence[Result], occlusion: str) -> str:
    """Table VII: rows are networks, columns references in testing."""
    rows = [
        [
            LABELS[part],
            *(cell(summary_of(results, part, each, occlusion)) for each in (BANK, *REFERENCES)),
        ]
        for part in PARTS
        if part in GUIDED
    ]
    return markdown(['network', BANK, *(each.replace('_', ' ') for each in REFERENCES)], rows)

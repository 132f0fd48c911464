"""Errors of the runs that a table or a plot is about."""

from collections.abc import Sequence
from typing import Optional

from mmpose_multilat.multilateration import ALIGNMENTS
from projects.study.results import Result
from projects.study.summary import Summary, by_seed, nme_of, summarise

from .plan import SIGMAS

DECODERS = ('KeyPosS', 'POPoS', 'GaussianMLE')

Setting = tuple[str, float]
"""Alignment, and sigma in heatmap px."""


def settings_in(results: Sequence[Result]) -> list[Setting]:
    """The settings of the plan and of all results, by alignment, then by sigma."""
    found = {(result.run.alignment, result.run.sigma) for result in results}
    found |= {(alignment, sigma) for alignment in ALIGNMENTS for sigma in SIGMAS}
    return sorted(found, key=lambda setting: (ALIGNMENTS.index(setting[0]), setting[1]))


def nme_summary(
    results: Sequence[Result], size: int, setting: Setting, decoder: str
) -> Optional[Summary]:
    """NME of a setting over its seeds, None if there is no run.

    Args:
        results: All results.
        size: Cells along a side of the heatmap.
        setting: Alignment and sigma.
        decoder: Of `DECODERS`.
    """
    chosen = [
        result
        for result in results
        if (result.run.size, (result.run.alignment, result.run.sigma)) == (size, setting)
    ]
    return summarise(list(by_seed(chosen, nme_of(decoder)).values()))

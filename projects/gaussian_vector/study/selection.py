"""Numbers of the runs that a table or a plot is about."""

from collections.abc import Sequence
from typing import Any, Optional

from projects.study.results import Result
from projects.study.summary import Reader, Summary, by_seed, nme_of, summarise

from .recipes import Setting


def summary_of(
    results: Sequence[Result], setting: Setting, size: int, read: Reader
) -> Optional[Summary]:
    """A number of the runs of a setting over their seeds, None if no run has it.

    Args:
        results: All results.
        setting: What was trained.
        size: Cells along a side of the heatmap.
        read: Takes the number from a result, None if it has none.
    """
    chosen = [each for each in results if (each.run.setting, each.run.size) == (setting, size)]
    return summarise(list(by_seed(chosen, read).values()))


def nme(results: Sequence[Result], setting: Setting, size: int, decoder: str) -> Optional[Summary]:
    """NME of a decoder without the rule, on faces cropped like those of the training."""
    return summary_of(results, setting, size, nme_of(decoder))


def decoded(padding: float, decoder: str, tau: Optional[float], outside: bool = False) -> Reader:
    """Reads an NME of a crop of the test faces, a decoder and tau, see `decode`.

    Args:
        padding: Side of the crop in sides of the annotated box.
        decoder: Its label.
        tau: Height that the beyond-box rule assumes, None for no rule.
        outside: Whether only landmarks outside the image count.
    """
    wanted = dict(padding=padding, decoder=decoder, tau=tau)

    def read(result: Result) -> Optional[float]:
        rows = result.record.get('decoding', [])  # results of other studies have none
        found = [row for row in rows if wanted.items() <= row.items()]
        return found[0]['nme_outside' if outside else 'nme'] if found else None

    return read


def at_epoch(epoch: int) -> Reader:
    """Reads the NME of the validation after an epoch."""

    def read(result: Result) -> Optional[float]:
        rows = result.record.get('nme_by_epoch', [])
        return next((row['nme'] for row in rows if row['epoch'] == epoch), None)

    return read


def box_facts(results: Sequence[Result], padding: float) -> list[dict[str, Any]]:
    """What the runs say about a crop of the test faces."""
    boxes = [box for result in results for box in result.record.get('boxes', [])]
    return [box for box in boxes if box['padding'] == padding]

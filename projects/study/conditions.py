"""On what and when results were made."""

from collections.abc import Callable, Sequence
from typing import Any

from .results import Result
from .summary import sizes_in


def conditions(results: Sequence[Result], epochs: int) -> str:
    """On what and when the results were made, every value that occurs."""

    def all_of(read: Callable[[dict[str, Any]], Any]) -> str:
        found = dict.fromkeys(str(read(result.record)) for result in results)
        return '; '.join(sorted(found)) or 'no results yet'

    def hardware(record: dict[str, Any]) -> str:
        facts = record['hardware']
        machine = f'{facts["processor"]}, {facts["cores"]} cores'
        gpu = '' if facts['device'] == 'CPU' else f', {facts["device"]}'
        return (
            f'{machine}{gpu}, runs at a time: {facts["workers"]}, threads of each: '
            f'{facts["threads"]}'
        )

    def software(record: dict[str, Any]) -> str:
        return ', '.join(f'{name} {number}' for name, number in record['versions'].items())

    resumed = sum(result.record['starts'] > 1 for result in results)
    lines = [
        f'{epochs} epochs, batch 32, Adam from 2e-3 by equal steps to 1e-5, 100 iterations of '
        'warm-up, checkpoint of the last epoch, no flip test.',
        f'{len(results)} runs, {resumed} of them resumed after an interruption, sizes '
        f'{", ".join(map(str, sizes_in(results))) or "none"}; validation faces: '
        f'{all_of(lambda record: record["faces"])}.',
        f'Dates: {all_of(lambda record: record["date"][:10])}.',
        f'Hardware: {all_of(hardware)}.',
        f'Software: {all_of(software)}. The commit of each run is in `runs.csv` ("-dirty": files '
        'were being changed, not always those that matter).',
    ]
    return '\n'.join(f'* {line}' for line in lines)

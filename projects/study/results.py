"""Runs that are finished, and what they measured."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .records import RUN, Record, digest, read_records
from .run import Run
from .run_config import config_changes

RunOf = Callable[[Record], Run]

TRAINING = 'training'
"""Key of a record: digest of base config and changes; equal ones belong to the same training."""


@dataclass(frozen=True)
class Result:
    """A run and its record.

    Args:
        run: The run.
        record: See `make_record`.
    """

    run: Run
    record: Record

    @property
    def nme(self) -> dict[str, float]:
        """NME as a fraction, by the label of the decoder."""
        return self.record['nme']

    @property
    def seconds(self) -> float:
        """Time of training and decoding."""
        return self.record['train_seconds'] + self.record['decode_seconds']


def make_record(run: Run, **measured: Any) -> Record:
    """What is kept of a run: what it was, and what came out."""
    return {RUN: run.name, **run.description, TRAINING: training_of(run), **measured}


def training_of(run: Run) -> str:
    """The digest of all that decides a training, epochs and seed included."""
    return digest([run.base_config.as_posix(), config_changes(run)])


def read_results(folder: Path, run_of: RunOf) -> tuple[list[Result], list[str]]:
    """Read what is in a folder of results.

    Args:
        folder: The folder.
        run_of: Gives the run of a record, see `definition.Definition`.

    Returns:
        Results of runs as this study trains them today, and the names of runs that do not count:
        made with other settings.
    """
    results, stale = [], []
    for name, record in read_records(folder).items():
        try:
            run = run_of(record)
            current = (run.name, training_of(run)) == (name, record[TRAINING])
        except (ValueError, KeyError, TypeError):
            current = False
        if current:
            results.append(Result(run, record))
        else:
            stale.append(name)
    return results, stale


def missing(plan: Iterable[Run], results: Iterable[Result]) -> list[Run]:
    """Runs of a plan that have no result, in the order of the plan."""
    done = {result.run for result in results}
    return [run for run in plan if run not in done]

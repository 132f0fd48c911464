"""Results of identical trainings, taken over from another study."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from mmpose_multilat.tools.command_line import UserError

from .records import RUNS, Record, add_records, read_records
from .results import TRAINING, make_record, missing, read_results, training_of
from .run import Run
from .run_config import ROOT

DECODERS = ('KeyPosS', 'POPoS', 'GaussianMLE')
"""A run that lacks one of them is from before the decoder was there, and is not taken."""

MEASURED = (
    'starts',
    'train_seconds',
    'loss',
    'faces',
    'landmarks',
    'decode_seconds',
    'nme',
    'date',
    'commit',
    'hardware',
    'versions',
)
"""What is copied."""


def take_asked_for(
    arguments: argparse.Namespace,
    plan: Sequence[Run],
    folder: Path,
    run_of: Callable[[Record], Run],
) -> None:
    """Take results over if the command line says so, and say which.

    Args:
        arguments: Of the command line, with the option `--take`.
        plan: The runs that results are wanted of.
        folder: Where to write.
        run_of: See `Definition`.

    Raises:
        UserError: If there is no folder to take results from.
    """
    source = arguments.take
    if source is None:
        return
    if not (source / RUNS).is_file():
        raise UserError(f'--take {source} has no {RUNS}: name a folder with results of a study')
    results, _ = read_results(folder, run_of)
    taken = take(source, missing(plan, results), folder)
    print(f'Taken from {source}: {", ".join(run.name for run in taken) or "nothing"}')


def take(source: Path, runs: Sequence[Run], folder: Path) -> list[Run]:
    """Write the results of runs whose training has an identical one in a folder of results.

    Args:
        source: Folder of results of any study.
        runs: The runs.
        folder: Where to write.

    Returns:
        The runs that have a result now.
    """
    found = {
        record[TRAINING]: (name, record)
        for name, record in read_records(source).items()
        if record.get('nme', {}).keys() >= set(DECODERS)
    }
    taken = {}
    for run in runs:
        same = run.same_training
        if same is not None and training_of(same) in found:
            name, record = found[training_of(same)]
            measured = {key: record[key] for key in MEASURED if key in record}
            taken[run] = make_record(run, **measured, taken_from=origin(source / name))
    if taken:
        add_records(taken.values(), folder)
    return list(taken)


def origin(path: Path) -> str:
    """A path from the repository root; of one outside only the last parts, folders differ."""
    absolute = path.absolute()
    if ROOT in absolute.parents:
        return absolute.relative_to(ROOT).as_posix()
    return f'{absolute.parent.name}/{absolute.name}'

"""Results of identical trainings, taken over from the files of another study."""

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mmpose_multilat.tools.command_line import UserError

from .results import make_record, missing, read_results, write_record
from .run import Run
from .run_config import ROOT

DECODERS = ('KeyPosS', 'POPoS', 'GaussianMLE')
"""A file that lacks one of them is from before the decoder was there, and is not taken."""

SETTINGS = ('base_config', 'overrides')
"""What a training is decided by: the config, epochs and seed included."""

MEASURED = (
    'command',
    'date',
    'hardware',
    'versions',
    'commit',
    'starts',
    'train_seconds',
    'loss',
    'faces',
    'landmarks',
    'decode_seconds',
    'nme',
)
"""What is copied; `command` stays the one that has made the result."""


def take_asked_for(
    arguments: argparse.Namespace,
    plan: Sequence[Run],
    folder: Path,
    run_of: Callable[[dict[str, Any]], Run],
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
    if not source.is_dir():
        raise UserError(f'--take {source} is no folder: name one with results of a study')
    results, _ = read_results(folder, run_of)
    taken = take(source, missing(plan, results), folder)
    print(f'Taken from {source}: {", ".join(run.name for run in taken) or "nothing"}')


def take(source: Path, runs: Sequence[Run], folder: Path) -> list[Run]:
    """Write the results of runs whose training has an identical one among the files of a folder.

    Args:
        source: Folder of results of any study.
        runs: The runs.
        folder: Where to write.

    Returns:
        The runs that have a result now.
    """
    records = {path: usable_record(path) for path in sorted(source.glob('*.json'))}
    taken = []
    for run in runs:
        if run.same_training is None:
            continue
        # Tuples become lists in JSON.
        wanted = settings_of(json.loads(json.dumps(make_record(run.same_training))))
        found = [path for path, record in records.items() if settings_of(record) == wanted]
        if found:
            measured = {key: records[found[0]][key] for key in MEASURED}
            taken_from = origin(found[0])
            write_record(make_record(run, **measured, taken_from=taken_from), folder)
            taken.append(run)
    return taken


def usable_record(path: Path) -> dict[str, Any]:
    """The content of a file of results, {} if it lacks what is needed of it."""
    try:
        record = json.loads(path.read_text())
        complete = all(key in record for key in (*SETTINGS, *MEASURED))
        return record if complete and set(DECODERS) <= record['nme'].keys() else {}
    except (ValueError, TypeError, AttributeError):
        return {}


def settings_of(record: dict[str, Any]) -> list[Any]:
    """What a training is decided by."""
    return [record.get(key) for key in SETTINGS]


def origin(path: Path) -> str:
    """A path from the repository root; of one outside only the last parts, folders differ."""
    absolute = path.absolute()
    if ROOT in absolute.parents:
        return absolute.relative_to(ROOT).as_posix()
    return f'{absolute.parent.name}/{absolute.name}'

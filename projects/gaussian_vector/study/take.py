"""Results of heatmaps that another study has trained alike."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from mmpose_multilat.tools.command_line import UserError
from projects.multilat.low_resolution.take import MEASURED, origin, settings_of, usable_record
from projects.study.results import make_record, missing, read_results, write_record

from .plan import VectorRun, run_of


def take_asked_for(arguments: argparse.Namespace, plan: Sequence[VectorRun], folder: Path) -> None:
    """Take results over if the command line says so, and say which.

    Args:
        arguments: See `options.add_options`.
        plan: The runs that results are wanted of.
        folder: Where to write.

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


def take(source: Path, runs: Sequence[VectorRun], folder: Path) -> list[VectorRun]:
    """Write the results of runs that a file in a folder has trained alike.

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
            record = make_record(run, **measured, taken_from=origin(found[0]))
            write_record(record, folder)
            taken.append(run)
    return taken

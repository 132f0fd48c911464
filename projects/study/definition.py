"""What makes a study: its runs, its folders, its options, its report."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from .results import Result, RunOf
from .run import Run


def nothing(*_: Any) -> None:
    """A study that adds no options or has nothing to prepare."""


@dataclass(frozen=True)
class Definition:
    """A study as the machine sees it.

    Args:
        module: What `python -m` calls.
        description: What `--help` begins with, a sentence or two.
        results: Folder of the results, relative to the repository root.
        work: Folder of the trainings, relative to the repository root.
        plan: The runs that the options choose, in the order in which they are trained.
        run_named: The run with a name and a number of epochs, None if there is none.
        run_of: The run that a record is about. It may raise a KeyError, TypeError or ValueError for
            one of something else.
        write_report: Writes tables and plots of results into a folder; is given the length of the
            trainings and the command, too, and returns the files.
        add_options: Adds the study's own options to the command line.
        prepare: What is done before results are looked for, given the options, the plan and the
            folder of the results.
        sizes: Sizes of the heatmaps, in cells along a side, unless the command line says others.
    """

    module: str
    description: str
    results: Path
    work: Path
    plan: Callable[[argparse.Namespace], list[Run]]
    run_named: Callable[[str, int], Optional[Run]]
    run_of: RunOf
    write_report: Callable[[Sequence[Result], Path, int, str], list[Path]]
    add_options: Callable[[argparse.ArgumentParser], None] = nothing
    prepare: Callable[[argparse.Namespace, Sequence[Run], Path], None] = nothing
    sizes: tuple[int, ...] = (16, 8, 4)

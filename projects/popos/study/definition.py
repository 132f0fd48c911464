"""The study of the losses, for the machine."""

from pathlib import Path
from typing import Any

from projects.study.definition import Definition

from .options import add_options, plan, run_named
from .plan import LossRun
from .recipes import LossSettings
from .report import write_report

DESCRIPTION = """\
Train, decode and compare the recipes of POPoS on real faces; go on where it was stopped.

Every finished run leaves one JSON file; runs that have one are not repeated, and one that was
interrupted goes on from its last checkpoint. Stop with Ctrl-C, start again with the same command.
"""


def run_of(record: dict[str, Any]) -> LossRun:
    """The run that a file of results is about."""
    settings = LossSettings(**record['settings'])
    return LossRun(record['recipe'], record['size'], record['seed'], record['epochs'], settings)


LOSSES = Definition(
    module='projects.popos.study',
    description=DESCRIPTION,
    results=Path('projects/popos/results'),
    work=Path('work_dirs/popos_study'),
    plan=plan,
    run_named=run_named,
    run_of=run_of,
    write_report=write_report,
    add_options=add_options,
)

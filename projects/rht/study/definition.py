"""The study of the references, for the machine."""

import argparse
from pathlib import Path

from projects.study.definition import Definition

from .plan import SIZE, ReferenceRun, make_plan, run_named, run_of
from .report import write_report


def plan(arguments: argparse.Namespace) -> list[ReferenceRun]:
    """The runs that the options choose."""
    return make_plan(arguments.epochs, arguments.seeds)


REFERENCES = Definition(
    module='projects.rht.study',
    description='Train RHT-S with and without its parts, and test it with several references.',
    results=Path('projects/rht/results'),
    work=Path('work_dirs/rht_study'),
    plan=plan,
    run_named=run_named,
    run_of=run_of,
    write_report=write_report,
    sizes=(SIZE,),
)

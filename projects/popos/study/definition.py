"""The study of the losses, for the machine."""

from pathlib import Path
from typing import Any

from projects.study.definition import Definition

from .options import add_options, plan, run_named
from .plan import LossRun
from .recipes import LossSettings
from .report import write_report


def run_of(record: dict[str, Any]) -> LossRun:
    """The run that a record is about."""
    settings = LossSettings(**record.get('settings', {}))
    return LossRun(record['recipe'], record['size'], record['seed'], record['epochs'], settings)


LOSSES = Definition(
    module='projects.popos.study',
    description='Train, decode and compare the recipes of POPoS on real faces.',
    results=Path('projects/popos/results'),
    work=Path('work_dirs/popos_study'),
    plan=plan,
    run_named=run_named,
    run_of=run_of,
    write_report=write_report,
    add_options=add_options,
)

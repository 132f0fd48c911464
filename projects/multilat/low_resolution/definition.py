"""The study of low resolution, for the machine."""

from functools import partial
from pathlib import Path

from projects.study.definition import Definition
from projects.study.take import take_asked_for

from .options import add_options, plan
from .plan import run_named, run_of
from .report import write_report

LOW_RESOLUTION = Definition(
    module='projects.multilat.low_resolution',
    description=(
        'Train, decode and compare heatmaps of 16x16, 8x8 and 4x4 cells: both alignments, several '
        'sigmas.'
    ),
    results=Path('projects/multilat/low_resolution/results'),
    work=Path('work_dirs/low_resolution'),
    plan=plan,
    run_named=run_named,
    run_of=run_of,
    write_report=write_report,
    add_options=add_options,
    prepare=partial(take_asked_for, run_of=run_of),
)

"""The study of the frontier, for the machine."""

from pathlib import Path

from projects.study.definition import Definition

from .networks import NETWORKS
from .options import add_options, plan
from .plan import run_named, run_of
from .report import write_report

FRONTIER = Definition(
    module='projects.frontier',
    description='Train and compare small networks by the operations that they need.',
    results=Path('projects/frontier/results'),
    work=Path('work_dirs/frontier'),
    plan=plan,
    run_named=run_named,
    run_of=run_of,
    write_report=write_report,
    add_options=add_options,
    sizes=tuple(sorted({network.size for network in NETWORKS.values()}, reverse=True)),
)

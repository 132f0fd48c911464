"""The study of Gaussian Vector, for the machine.

Vectors are trained by the paper's loss, the mean squared error, with weight 1. It is tens of times
that of heatmaps at the start, but Adam's steps do not depend on the scale of a loss. A band is an
average, so that cells must reach many times the label's height. The norm loss is the part `norm` of
the study, which is not among the default parts, and neither is `unrounded`.
"""

from functools import partial
from pathlib import Path

from projects.study.definition import Definition
from projects.study.take import take_asked_for

from .options import add_options, plan, run_named
from .plan import run_of
from .report import write_report

VECTORS = Definition(
    module='projects.gaussian_vector.study',
    description='Train, decode and compare heatmaps and vectors on real faces.',
    results=Path('projects/gaussian_vector/results'),
    work=Path('work_dirs/gaussian_vector_study'),
    plan=plan,
    run_named=run_named,
    run_of=run_of,
    write_report=write_report,
    add_options=add_options,
    prepare=partial(take_asked_for, run_of=run_of),
    sizes=(16,),
)

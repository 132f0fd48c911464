"""README.md of a folder of results."""

from collections.abc import Sequence

from projects.study.conditions import conditions
from projects.study.report import writer_of
from projects.study.results import Result
from projects.study.summary import sizes_in

from .tables import error_table, rate_table, time_table

INTRODUCTION = """\
Every run begins with a heatmap network that was trained for as many epochs (`HeatmapNormLoss`,
sigma 1, from scratch, without occluders), and trains on with half of the faces occluded: the
network itself (the control), or a graph over its landmarks, with the network or with the network
frozen. Landmarks of the heatmaps are decoded by `GaussianMLE`. NME by inter-ocular distance in %,
lower is better: mean ± sample standard deviation over n seeds, then the mean change against the
control of the same seeds. Occluded faces have one rectangle, grey or a texture, over 20 to 40 % of
the landmarks' bounding box, the same for every network; hidden landmarks lie under it. FR and AUC
at 10 %. The labels are a teacher's (see
[POPoS on real faces](../../../popos/README.md)), so absolute values must not be compared with the
paper's."""


def report_text(results: Sequence[Result], epochs: int, command: str) -> str:
    """The page: two tables for each size, conditions."""
    sizes = sizes_in(results)
    parts = [f'# Graphs over landmarks: {epochs} epochs on ytf68', INTRODUCTION]
    parts += [f'```bash\n{command}\n```']
    for size in sizes:
        parts += [error_table(results, size), rate_table(results, size)]
    parts += ['## Conditions', conditions(results, epochs)]
    parts += [time_table(results, sizes)] * bool(results)
    return '\n\n'.join(parts) + '\n'


write_report = writer_of(report_text)

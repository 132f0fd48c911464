"""README.md of a folder of results."""

from collections.abc import Sequence

from projects.study.conditions import conditions
from projects.study.report import writer_of
from projects.study.results import Result

from .tables import parts_table, references_table

INTRODUCTION = """\
RHT-S, 16x16 cells, trained from scratch on ytf68 with equal budgets and random references, decoded
by `GaussianMLE`. NME by inter-ocular distance in %, lower is better: mean ± sample standard
deviation over n seeds. The labels are a teacher's (see
[POPoS on real faces](../../../popos/README.md)), so absolute values must not be compared with the
paper's. With occluders a rectangle of 20 to 50 % of its sides hides a part of every test face, the
same for all networks."""

BLANK = """\
All networks are tested with the neutral face of their checkpoint. The one with a blank reference
has every parameter of the whole network, but never sees a reference: what it lacks is what the
reference brings, what it has over the encoder alone is what the parameters bring."""


def report_text(results: Sequence[Result], epochs: int, command: str) -> str:
    """The page: parts, references with and without occluders, conditions."""
    parts = [f'# Parts and references of RHT-S: {epochs} epochs on ytf68', INTRODUCTION]
    parts += [f'```bash\n{command}\n```', '## Parts', BLANK, parts_table(results)]
    parts += ['## References in testing', references_table(results, 'plain')]
    parts += ['With occluders:', references_table(results, 'occluded')]
    parts += ['## Conditions', conditions(results, epochs)]
    return '\n\n'.join(parts) + '\n'


write_report = writer_of(report_text)

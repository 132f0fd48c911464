"""What a graph over the landmarks costs beside the network below it: parameters, operations, time.

Networks of random weights find the landmarks of one batch with and without the graph, in turns.

    python -m projects.lcgcn.cost --out projects/lcgcn/results/cost.json
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Optional

import torch
from mmengine.analysis import FlopAnalyzer
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.utils import ProgressBar
from mmpose.models import TopdownPoseEstimator
from mmpose.registry import MODELS

from mmpose_multilat.analysis.complexity import measure_complexity
from mmpose_multilat.analysis.turns import Subject, time_in_turns
from mmpose_multilat.models.pose_estimators import locate
from mmpose_multilat.tools.command_line import UserError, run_tool
from projects.lcgcn.study.plan import GraphRun
from projects.multilat.record import about, write_json
from projects.study.run_config import ROOT
from projects.study.tables import markdown

MODULE = 'projects.lcgcn.cost'

SIZES = (16, 8, 4)
INPUT_SIZE = (256, 256)

METHODS = ('heatmap', 'score', 'covariance')


@dataclass(frozen=True)
class Cost:
    """Cost of a network with or without graph.

    Attributes:
        size: Cells along a side of the heatmap.
        method: One of `METHODS`.
        parameters_million: Of the whole network.
        gflops: Multiply-accumulate operations of a face in 10^9, without decoding.
        ms: Median time of a face in ms, decoding included.
        low: First quartile in ms.
        high: Third quartile in ms.
        added: Share of time that the graph adds; 0 without.
    """

    size: int
    method: str
    parameters_million: float
    gflops: float
    ms: float
    low: float
    high: float
    added: float


def build_parser() -> argparse.ArgumentParser:
    """Define the command line."""
    parser = argparse.ArgumentParser(
        prog=f'python -m {MODULE}',
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add('--batch', type=int, default=16, help='faces in a call (%(default)s)')
    add('--turns', type=int, default=30, help='measurements of each network (%(default)s)')
    add('--threads', type=int, default=2, help='processor threads (%(default)s)')
    add('--out', type=Path, help='file for the numbers (.json); a table (.md) is put beside it')
    return parser


def run(arguments: argparse.Namespace) -> None:
    """Measure, print the table, and write the files that were asked for."""
    for name in ('batch', 'turns', 'threads'):
        if getattr(arguments, name) < 1:
            raise UserError(f'--{name} must be at least 1')
    init_default_scope('mmpose')
    torch.set_num_threads(arguments.threads)
    facts = about(MODULE, arguments.words, seed=0)
    progress = ProgressBar(arguments.turns * len(SIZES))
    costs = [
        cost for size in SIZES for cost in measure(size, arguments.batch, arguments.turns, progress)
    ]
    text = table(costs, arguments.batch, arguments.threads)
    print(f'\n\n{text}')
    if arguments.out is not None:
        write_json(arguments.out, {**facts, 'results': [asdict(each) for each in costs]})
        arguments.out.with_suffix('.md').write_text(f'{text}\n', encoding='utf-8')


@torch.inference_mode()
def measure(size: int, batch: int, turns: int, progress: ProgressBar) -> list[Cost]:
    """Measure the networks of a heatmap size in turns."""
    torch.manual_seed(0)
    crops = torch.randn(batch, 3, *INPUT_SIZE)
    models = [build(size, method) for method in METHODS]
    subjects = [
        Subject(method, 'ours', lambda model=model: locate(model, crops))
        for method, model in zip(METHODS, models)
    ]
    timings = time_in_turns(subjects, turns, progress.update)
    return [
        Cost(
            size,
            method,
            sum(each.numel() for each in model.parameters()) / 1e6,
            measure_complexity(model, INPUT_SIZE).gflops + graph_gflops(model),
            *(value / batch for value in (timing.ms, timing.low, timing.high)),
            timing.ms / timings[0].ms - 1,
        )
        for method, model, timing in zip(METHODS, models, timings)
    ]


def build(size: int, method: str) -> TopdownPoseEstimator:
    """The network of a run of the study, with random weights."""
    run = GraphRun(method, size, 0, 12)
    config = Config.fromfile(ROOT / run.base_config)
    config.merge_from_dict({key: each for key, each in run.changes.items() if key == 'model'})
    return MODELS.build(config.model).eval()


def graph_gflops(model: TopdownPoseEstimator) -> float:
    """Multiply-accumulate operations of the graph for one face in 10^9, 0 without a graph."""
    graph = getattr(model.head, 'graph', None)
    if graph is None:
        return 0.0
    landmarks, channels = graph.edges.landmarks, graph.embedding[0].in_features
    inputs = (
        torch.rand(1, landmarks, channels),
        torch.rand(1, landmarks, 2),
        torch.rand(1, landmarks),
    )
    analyser = FlopAnalyzer(graph, inputs)
    return analyser.unsupported_ops_warnings(False).total() / 1e9


def table(costs: Sequence[Cost], batch: int, threads: int) -> str:
    """Rows are networks."""
    labels = dict(heatmap='without graph', score='edges by score', covariance='edges by covariance')
    rows = [
        [
            f'{cost.size}x{cost.size}',
            labels[cost.method],
            f'{cost.parameters_million:.3f}',
            f'{cost.gflops:.4f}',
            f'{cost.ms:.2f} ({cost.low:.2f} to {cost.high:.2f})',
            f'{100 * cost.added:+.1f} %' if cost.method != METHODS[0] else '',
        ]
        for cost in costs
    ]
    header = ['heatmap', 'network', 'parameters (M)', 'GFLOPs', 'ms a face (quartiles)', 'added']
    return f'{markdown(header, rows)}\n\nBatches of {batch}, {threads} processor threads.'


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the tool; returns the exit status."""
    return run_tool(run, build_parser(), arguments)


if __name__ == '__main__':
    sys.exit(main())

"""Decode one checkpoint with every decoder: errors by subset, time, size of the network.

The network runs over the test set of the config without and with flip test; its heatmaps are
decoded by every registered decoder. A head without Gaussian heatmaps is measured with its own
decoder alone. Written are tables (Markdown, JSON, CSV), figures, and the predictions, from which
--recompute makes tables and figures again without the network.

Examples:
    python -m mmpose_multilat.tools.benchmark CONFIG CHECKPOINT --out outputs/benchmark/hm8
    python -m mmpose_multilat.tools.benchmark CONFIG CHECKPOINT --decoders POPoS:num_anchors=15
    python -m mmpose_multilat.tools.benchmark --recompute outputs/benchmark --out outputs/figures
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Optional

from mmpose_multilat.analysis import measure, unfit_decoders
from mmpose_multilat.analysis.benchmarking import records
from mmpose_multilat.analysis.benchmarking.description import describe, evaluate_again
from mmpose_multilat.analysis.benchmarking.figures import draw_figures, draw_joint_figures
from mmpose_multilat.analysis.benchmarking.records import Benchmark
from mmpose_multilat.analysis.benchmarking.setup import prepare_setup
from mmpose_multilat.analysis.benchmarking.tables import markdown, write_csv
from mmpose_multilat.evaluation import NORMALISERS
from mmpose_multilat.inference.devices import choose_device
from mmpose_multilat.landmarks.whole_files import write_whole
from mmpose_multilat.models.heads import codec_of
from mmpose_multilat.tools import options
from mmpose_multilat.tools.command_line import (
    UserError,
    blame_user,
    option,
    print_left_out,
    repeat,
    run_tool,
)
from mmpose_multilat.tools.result_folder import make_folder

DEFAULT_OUT = Path('outputs/benchmark')


def build_parser() -> argparse.ArgumentParser:
    """Define the command line."""
    parser = options.new_parser('benchmark', __doc__)
    add = parser.add_argument
    options.add_network(parser, nargs='?')
    add('--out', type=Path, help=f'result folder (default: {DEFAULT_OUT}/NAME OF THE CONFIG)')
    options.add_decoders(parser, 'POPoS KeyPosS:kernel_size=3', 'all')
    options.add_limit(parser)
    add(
        '--normalisers',
        nargs='+',
        choices=list(NORMALISERS),
        help="what errors are divided by (default: as the config's FaceAlignmentMetric, or as "
        'usual for the dataset)',
    )
    add(
        '--thresholds',
        nargs='+',
        type=float,
        help='of failure rate and AUC, as fractions (default: as the metric, 0.08 and 0.10)',
    )
    options.add_device(parser)
    add(
        '--recompute',
        nargs='+',
        type=Path,
        metavar='DIR',
        help='no network: tables and figures again from these folders of earlier benchmarks (or '
        'folders of such folders); with several, also figures over heatmap size and GFLOPs, which '
        f'go to --out (default: {DEFAULT_OUT})',
    )
    options.add_config_options(parser)
    return parser


def run(arguments: argparse.Namespace) -> None:
    """Measure, or recompute."""
    if arguments.recompute:
        if arguments.config or arguments.checkpoint:
            raise UserError('--recompute takes folders only, neither config nor checkpoint')
        refuse_measuring(arguments)
        recompute(arguments)
        return
    if not arguments.config or not arguments.checkpoint:
        raise UserError('name a config and its checkpoint, or folders by --recompute')
    measure_checkpoint(arguments)


def refuse_measuring(arguments: argparse.Namespace) -> None:
    """Refuse options beside --recompute that say how to run the network and its decoders.

    Raises:
        UserError: If one was given; it would change nothing.
    """
    for name in ('decoders', 'limit', 'device', 'cfg_options'):
        if getattr(arguments, name) not in (None, [], {}):
            raise UserError(f'{option(name)} changes nothing of --recompute, which runs no network')


def measure_checkpoint(arguments: argparse.Namespace) -> None:
    """Run network and decoders; write predictions, tables and figures."""
    setup = prepare_setup(
        arguments.config,
        arguments.checkpoint,
        arguments.cfg_options,
        choose_device(arguments.device),
        arguments.decoders,
        arguments.limit,
        _evaluation_settings(arguments),
    )
    folder = make_folder(arguments.out or DEFAULT_OUT / Path(arguments.config).stem)
    codec = codec_of(setup.model.head)
    print_left_out({} if arguments.decoders else unfit_decoders(codec))
    faces, decoders = len(setup.loader.dataset), len(setup.decoders)
    print(f'{faces} faces, {decoders} decoders, without and with flip test:')
    with blame_user():
        measured = measure(setup.model, setup.loader, setup.decoders, setup.metric)
    benchmark = describe(setup, measured, repeat('benchmark', arguments.words))
    for result in benchmark.results:
        measured.predictions[result.decoder, result.flip_test].save(folder / result.predictions)
    write(benchmark, folder)


def recompute(arguments: argparse.Namespace) -> None:
    """Write tables and figures again from files."""
    renewed = []
    for folder, benchmark in records.find(arguments.recompute):
        renewed.append(evaluate_again(benchmark, folder, _evaluation_settings(arguments)))
        write(renewed[-1], folder)
    for path in draw_joint_figures(renewed, make_folder(arguments.out or DEFAULT_OUT)):
        print(f'Written: {path}')


def _evaluation_settings(arguments: argparse.Namespace) -> dict[str, Any]:
    """What the user asks for besides the settings of the config."""
    asked = dict(normalisers=arguments.normalisers, thresholds=arguments.thresholds)
    return {name: value for name, value in asked.items() if value is not None}


def write(benchmark: Benchmark, folder: Path) -> None:
    """Print the tables; write them and the figures."""
    records.save(benchmark, folder)
    text = markdown(benchmark)
    write_whole(folder / 'benchmark.md', text)
    write_csv(benchmark, folder / 'benchmark.csv')
    print(f'\n{text}')
    figures = [path.name for path in draw_figures(benchmark, folder)]
    tables = [records.FILE_NAME, 'benchmark.md', 'benchmark.csv']
    print(f'Written to {folder}: {", ".join(tables + figures)}, predictions/\n')


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the tool; returns the exit status."""
    return run_tool(run, build_parser(), arguments)


if __name__ == '__main__':
    sys.exit(main())

"""Set our numbers beside the published tables of the five papers.

Reads the folders that `benchmark` has written and the files of `encode_decode`. Cells that were not
measured stay empty; numbers that cannot be compared with the rest of their column carry a remark.
Without --results the tables hold the published numbers alone.

Examples:
    python -m mmpose_multilat.tools.paper_tables --paper keyposs
    python -m mmpose_multilat.tools.paper_tables --results outputs/benchmark --out outputs/papers.md
"""

import argparse
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Optional

from mmpose_multilat.analysis.published import PAPERS, choose_tables, load_paper
from mmpose_multilat.analysis.published.official import left_out
from mmpose_multilat.analysis.published.own_encodings import encoding_rows, noisy_left_out
from mmpose_multilat.analysis.published.own_results import own_rows
from mmpose_multilat.analysis.published.rendering import render
from mmpose_multilat.analysis.published.results import find_results
from mmpose_multilat.landmarks.whole_files import write_whole
from mmpose_multilat.tools import options
from mmpose_multilat.tools.command_line import UserError, run_tool
from mmpose_multilat.tools.result_folder import make_folder

LEGEND = (
    'Rows marked "published" are printed in the paper named; rows marked "ours" were measured with '
    'this package. Empty cells were not printed or not measured.'
)


def build_parser() -> argparse.ArgumentParser:
    """Define the command line."""
    parser = options.new_parser('paper_tables', __doc__)
    add = parser.add_argument
    add(
        '--results',
        nargs='+',
        type=Path,
        default=[],
        metavar='DIR',
        help='folders of benchmarks, files of encode_decode, or folders of such',
    )
    add('--paper', nargs='+', choices=PAPERS, help='only these papers (default: all)')
    add(
        '--table',
        nargs='+',
        metavar='ID',
        help='only these tables, for example keyposs.table_5 or table_5 (default: all)',
    )
    add(
        '--decoders',
        nargs='+',
        default=[],
        metavar='LABEL',
        help="decoders of our rows as in the tools' tables (default: the config's own where "
        'methods are compared, all where decoders are)',
    )
    add('--out', type=Path, metavar='FILE', help='write the Markdown there, not to the terminal')
    return parser


def print_tables(arguments: argparse.Namespace) -> None:
    """Write all chosen tables."""
    if arguments.out is not None:
        make_folder(arguments.out.parent, 'the folder of --out')
    benchmarks, encodings = find_results(arguments.results)
    known = {each.label for _, benchmark in benchmarks for each in benchmark.decoders}
    known.update(label for encoding in encodings for label in encoding.decoders)
    check_decoders(arguments.decoders, known)
    papers = [load_paper(name) for name in arguments.paper or PAPERS]
    chosen = choose_tables(papers, arguments.table)
    parts = [LEGEND]
    for paper in papers:
        if chosen[paper.name]:
            parts.append(f'# {paper.title} ({paper.venue})')
        for table in chosen[paper.name]:
            rows = own_rows(table, benchmarks, arguments.decoders)
            rows += encoding_rows(table, encodings, arguments.decoders)
            absent = left_out(table, benchmarks) + noisy_left_out(table, encodings)
            text = render(table, rows, absent)
            parts.append(f'## {table.title} (`{table.id}`)\n\n{text}')
    text = '\n\n'.join(parts) + '\n'
    if arguments.out is None:
        print(text, end='')
    else:
        write_whole(arguments.out, text)
        print(f'Written: {arguments.out}')


def check_decoders(labels: Sequence[str], known: Collection[str]) -> None:
    """Refuse labels that no result has.

    Raises:
        UserError: Naming those that exist.
    """
    for label in labels:
        if label not in known:
            raise UserError(
                f'--decoders {label}: no result has it; --results holds '
                f'{", ".join(sorted(known)) or "nothing"}'
            )


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the tool; returns the exit status."""
    return run_tool(print_tables, build_parser(), arguments)


if __name__ == '__main__':
    sys.exit(main())

"""Turn the official raw release of a dataset into the files that MMPose reads.

The annotation files have the official names and stand in OUT/annotations, the images are links
or copies beside them. Either everything is written or nothing: a broken raw release is refused
with file, line or entry, and field, and leaves OUT as it was.
"""

import argparse
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Optional

from mmpose_multilat.datasets.face.preparation.prepare import Written, prepare, warnings
from mmpose_multilat.datasets.face.preparation.raw_data import RawDataError
from mmpose_multilat.datasets.face.preparation.releases import RELEASES
from mmpose_multilat.landmarks import DATASETS
from mmpose_multilat.tools import options
from mmpose_multilat.tools.command_line import UserError, run_tool
from mmpose_multilat.tools.progress import Progress


def build_parser() -> argparse.ArgumentParser:
    """Define the command line."""
    releases = '\n'.join(
        textwrap.fill(
            f'{name}: {release.raw}.',
            initial_indent='  ',
            subsequent_indent='    ',
            break_on_hyphens=False,
            break_long_words=False,
        )
        for name, release in RELEASES.items()
    )
    epilog = f'What --raw has to hold:\n{releases}'
    parser = options.new_parser('prepare_data', __doc__, epilog=epilog)
    parser.add_argument(
        'dataset', choices=RELEASES, metavar='DATASET', help=f'one of {", ".join(RELEASES)}'
    )
    parser.add_argument(
        '--raw', type=Path, required=True, help='folder of the unpacked release, see below'
    )
    parser.add_argument(
        '--out', type=Path, help='folder of the prepared dataset (default: data/<its folder>)'
    )
    parser.add_argument(
        '--pictures',
        choices=('link', 'copy'),
        default='link',
        help='link to the images of the raw release, which then has to stay where it is, '
        'or copy them (default: %(default)s)',
    )
    parser.add_argument(
        '--overwrite',
        action='store_true',
        help='replace files of the same names in the prepared dataset; others are kept',
    )
    return parser


def run(arguments: argparse.Namespace) -> None:
    """Prepare the dataset and print what was written."""
    out = arguments.out or Path('data') / DATASETS[arguments.dataset].folder
    progress = Progress('images')
    try:
        written = prepare(
            arguments.dataset,
            arguments.raw,
            out,
            arguments.pictures == 'copy',
            arguments.overwrite,
            progress.step,
        )
    except (RawDataError, OSError) as error:
        raise UserError(f'{error}; nothing was written') from error
    finally:
        progress.close()
    print(f'\n{arguments.dataset} in {out}:')
    print_summary(written)
    for message in warnings(arguments.dataset, written):
        print(f'warning: {message}', file=sys.stderr)


def print_summary(written: Sequence[Written]) -> None:
    """Print faces and images of every annotation file."""
    width = max(len(file.name) for file in written)
    print(f'{"file":{width}}  {"faces":>6}  {"images":>8}')
    for file in written:
        print(f'{file.name:{width}}  {file.faces:6}  {file.pictures:8}')


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the tool; returns the exit status."""
    return run_tool(run, build_parser(), arguments)


if __name__ == '__main__':
    sys.exit(main())

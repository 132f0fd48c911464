"""Turn the official raw release of a data set into the files that MMPose reads.

The annotation files have the official names and stand in OUT/annotations, the pictures are links
or copies beside them. Either everything is written or nothing: a broken raw release is refused
with file, line or entry, and field, and leaves OUT as it was.
"""

import argparse
import sys
import textwrap
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Optional

from mmpose_multilat.datasets.face.preparation.prepare import Written, prepare, warnings
from mmpose_multilat.datasets.face.preparation.raw_data import RawDataError
from mmpose_multilat.datasets.face.preparation.releases import RELEASES
from mmpose_multilat.landmarks import DATASETS
from mmpose_multilat.tools.command_line import UserError, run_tool

SECONDS_BETWEEN_COUNTS = 0.5
"""Often enough to see that the tool works, seldom enough for a log file."""


class Counter:
    """Prints on one line how many pictures are done; how many there are, no release says.

    Args:
        clock: Gives the time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock, self.pictures = clock, 0
        self.start = self.shown = clock()

    def update(self) -> None:
        """Count one picture."""
        self.pictures += 1
        if self.clock() - self.shown >= SECONDS_BETWEEN_COUNTS:
            self.show()

    def show(self, end: str = '') -> None:
        """Print the count and the seconds since the start."""
        self.shown = self.clock()
        seconds = self.shown - self.start
        print(f'\r{self.pictures} pictures, {seconds:.0f} s', end=end, flush=True)


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
    parser = argparse.ArgumentParser(
        prog='prepare_data',
        description=__doc__,
        epilog=f'What --raw has to hold:\n{releases}',
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        'dataset', choices=RELEASES, metavar='DATASET', help=f'one of {", ".join(RELEASES)}'
    )
    parser.add_argument(
        '--raw', type=Path, required=True, help='folder of the unpacked release, see below'
    )
    parser.add_argument(
        '--out', type=Path, help='folder of the prepared data set (default: data/<its folder>)'
    )
    parser.add_argument(
        '--pictures',
        choices=('link', 'copy'),
        default='link',
        help='link to the pictures of the raw release, which then has to stay where it is, '
        'or copy them (default: %(default)s)',
    )
    parser.add_argument(
        '--overwrite',
        action='store_true',
        help='replace files of the same names in the prepared data set; others are kept',
    )
    return parser


def run(arguments: argparse.Namespace) -> None:
    """Prepare the data set and print what was written."""
    out = arguments.out or Path('data') / DATASETS[arguments.dataset].folder
    counter = Counter()
    try:
        written = prepare(
            arguments.dataset,
            arguments.raw,
            out,
            arguments.pictures == 'copy',
            arguments.overwrite,
            counter.update,
        )
    except (RawDataError, OSError) as error:
        raise UserError(f'{error}; nothing was written') from error
    finally:
        counter.show(end='\n')
    print(f'\n{arguments.dataset} in {out}:')
    print_summary(written)
    for message in warnings(arguments.dataset, written):
        print(f'warning: {message}', file=sys.stderr)


def print_summary(written: Sequence[Written]) -> None:
    """Print faces and pictures of every annotation file."""
    width = max(len(file.name) for file in written)
    print(f'{"file":{width}}  {"faces":>6}  {"pictures":>8}')
    for file in written:
        print(f'{file.name:{width}}  {file.faces:6}  {file.pictures:8}')


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the tool; returns the exit status."""
    return run_tool(run, build_parser(), arguments)


if __name__ == '__main__':
    sys.exit(main())

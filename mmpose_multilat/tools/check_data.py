"""Check a prepared dataset: annotation files, images, and whether both fit together.

Exit status: 0 nothing wrong (notes may be printed), 1 something is wrong, 2 a mistake in the
command line, 130 interrupted.

Examples:
    python -m mmpose_multilat.tools.check_data wflw
    python -m mmpose_multilat.tools.check_data 300w --data data/300w --no-pictures --show 100
"""

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Optional

from mmengine.utils import ProgressBar

from mmpose_multilat.datasets.face.checks import (
    KINDS,
    OUTSIDE,
    REQUIRED_FIELDS,
    Finding,
    Report,
    check_data_set,
)
from mmpose_multilat.landmarks import ANNOTATIONS, DATASETS, FaceDataset
from mmpose_multilat.tools import options
from mmpose_multilat.tools.command_line import UserError, check_least, run_tool

FOUND = 1
"""Exit status when something is wrong with the data."""


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = options.new_parser('check_data', __doc__)
    parser.add_argument(
        'dataset',
        choices=sorted(REQUIRED_FIELDS),
        metavar='DATASET',
        help=f'the dataset: {", ".join(sorted(REQUIRED_FIELDS))}',
    )
    parser.add_argument(
        '--data',
        type=Path,
        metavar='DIR',
        help="its folder (default: that of MMPose's configs, for example data/wflw)",
    )
    parser.add_argument(
        '--no-pictures',
        action='store_true',
        help='do not read the images, which takes minutes; the sizes that the annotation files '
        'state are believed, and copies of an image under two names are not recognised',
    )
    parser.add_argument(
        '--strict',
        action='store_true',
        help='landmarks outside their image are problems; by default they are counted in a '
        'note, because the official datasets have some (faces reach over the edge)',
    )
    parser.add_argument(
        '--show',
        type=int,
        default=20,
        metavar='N',
        help='problems to print at most, the summary counts all (default: %(default)s)',
    )
    parser.add_argument(
        '--workers',
        type=int,
        default=min(4, os.cpu_count() or 1),
        metavar='N',
        help='threads that read images (default: %(default)s)',
    )
    return parser


def check(arguments: argparse.Namespace) -> Report:
    """Check the dataset and print what was found.

    Raises:
        UserError: If the folder does not hold the dataset at all.
    """
    check_least(arguments, show=0, workers=1)
    dataset = DATASETS[arguments.dataset]
    folder = arguments.data or Path('data') / dataset.folder
    _require_data(dataset, folder)
    print(f'{folder}: {dataset.name}, {dataset.scheme.num_landmarks} landmarks', flush=True)
    start = time.perf_counter()
    report = check_data_set(
        dataset,
        folder,
        pictures=not arguments.no_pictures,
        strict=arguments.strict,
        workers=arguments.workers,
        track=_progress_bar,
    )
    seconds = time.perf_counter() - start
    print('\n'.join(summary_lines(dataset, report, arguments.show, seconds)))
    return report


def _require_data(dataset: FaceDataset, folder: Path) -> None:
    if not folder.is_dir():
        raise UserError(
            f'there is no folder {folder}; name the folder of the dataset with --data DIR, or '
            'prepare it: python -m mmpose_multilat.tools.prepare_data '
            f'{dataset.name} --raw DIR --out {folder}'
        )
    if not any((folder / file.path).is_file() for file in dataset.files):
        raise UserError(
            f'{folder}/{ANNOTATIONS} has none of the files of {dataset.name}: '
            f'{", ".join(file.name for file in dataset.files)}'
        )


def _progress_bar(count: int) -> Callable[[], None]:
    """Start a progress bar over images; gives what is called after each."""
    if not count:
        return lambda: None
    print(f'reading {count} images', flush=True)
    bar = ProgressBar(count)
    return bar.update


def summary_lines(dataset: FaceDataset, report: Report, show: int, seconds: float) -> Iterator[str]:
    """Return the lines of a report.

    Args:
        dataset: What was checked.
        report: What the check gave.
        show: Problems to name at most.
        seconds: Time the check took.
    """
    yield ''
    yield f'{"file":<58}{"faces":>7}{"official":>10}'
    official = {file.path: file.faces for file in dataset.files}
    for path, faces in report.faces.items():
        yield f'{path:<58}{_number(faces):>7}{_number(official[path]):>10}'
    yield f'images read: {report.pictures}, {seconds:.1f} s'
    yield from _note_lines(report.notes)
    problems = report.problems
    for finding in problems[:show]:
        yield f'problem: {finding}'
    if len(problems) > show:
        yield f'... and {len(problems) - show} more (--show {len(problems)} names all)'
    counts = Counter(finding.kind for finding in problems)
    if counts:
        yield 'by kind: ' + ', '.join(f'{kind} {counts[kind]}' for kind in KINDS if counts[kind])
    yield f'{len(problems) or "no"} problem{"" if len(problems) == 1 else "s"}'


def _note_lines(notes: Sequence[Finding]) -> Iterator[str]:
    yield from (f'note: {finding}' for finding in notes if finding.kind != OUTSIDE)
    outside = [finding for finding in notes if finding.kind == OUTSIDE]
    if outside:
        yield (
            f'note: landmarks outside their image in {len(outside)} entries, for example '
            f'{outside[0]} (--strict names all)'
        )


def _number(value: Optional[int]) -> str:
    return '-' if value is None else str(value)


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the tool.

    Returns:
        The exit status, see the module.
    """
    reports: list[Report] = []
    status = run_tool(
        lambda parsed: reports.append(check(parsed)),
        build_parser(),
        arguments,
    )
    return status or (FOUND if reports[0].problems else 0)


if __name__ == '__main__':
    sys.exit(main())

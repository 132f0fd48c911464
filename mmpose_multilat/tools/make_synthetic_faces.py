"""Write synthetic faces as datasets of MMPose, so that the configs run without any download.

Examples:
    python -m mmpose_multilat.tools.make_synthetic_faces wflw --out data --train 800 --test 200
    python -m mmpose_multilat.tools.make_synthetic_faces all --sheet sheet.png
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Optional

import cv2
from mmengine.utils import ProgressBar

from mmpose_multilat.datasets.synthetic import (
    DEFAULT_SIZE,
    SYNTHETIC_DATASETS,
    Request,
    contact_sheet,
    generate,
    write_data_sets,
)
from mmpose_multilat.tools import options
from mmpose_multilat.tools.command_line import UserError, blame_user, run_tool
from mmpose_multilat.tools.result_folder import make_folder

_SHEET_FACES, _SHEET_COLUMNS = 24, 6


def build_parser() -> argparse.ArgumentParser:
    """Define the command line."""
    parser = options.new_parser('make_synthetic_faces', __doc__)
    add = parser.add_argument
    names = ', '.join(SYNTHETIC_DATASETS)
    add(
        'datasets',
        nargs='+',
        choices=[*SYNTHETIC_DATASETS, 'all'],
        metavar='DATASET',
        help=f'datasets to write: {names}, or all',
    )
    root = 'root folder of the datasets, the folder "data" that configs expect'
    add('--out', default='data', help=f'{root} (default: %(default)s)')
    numbers = dict(
        train=(800, 'N', 'number of training faces'),
        test=(200, 'N', 'number of test faces'),
        seed=(0, 'N', 'faces are the same for the same seed'),
        size=(DEFAULT_SIZE, 'PX', 'side of the square images in px'),
        workers=(min(2, os.cpu_count() or 1), 'N', 'processes; they do not change the faces'),
    )
    for name, (default, unit, meaning) in numbers.items():
        help_line = f'{meaning} (default: %(default)s)'
        add(f'--{name}', type=int, default=default, metavar=unit, help=help_line)
    overwrite = 'replace earlier synthetic datasets; other data are never replaced'
    add('--overwrite', action='store_true', help=overwrite)
    add(
        '--sheet',
        type=Path,
        metavar='FILE',
        help=f'also write an image of the first {_SHEET_FACES} training faces with the landmarks '
        'of the first dataset',
    )
    return parser


def run(arguments: argparse.Namespace) -> None:
    """Draw the faces and write them."""
    chosen = SYNTHETIC_DATASETS if 'all' in arguments.datasets else arguments.datasets
    names = list(dict.fromkeys(chosen))
    start = time.perf_counter()
    with blame_user():
        request = Request(arguments.train, arguments.test, arguments.seed, arguments.size)
        if arguments.sheet:
            check_sheet(arguments.sheet)
        bar = ProgressBar(arguments.train + arguments.test, start=False)
        bar.start()
        written = write_data_sets(
            names, arguments.out, request, arguments.workers, arguments.overwrite, bar.update
        )
    print(
        f'\n{arguments.train} training and {arguments.test} test faces of '
        f'{arguments.size} x {arguments.size} px in {time.perf_counter() - start:.1f} s'
    )
    for name, files in written.items():
        print(f'{name}: {", ".join(files)}')
    if arguments.sheet:
        write_sheet(arguments.sheet, request, SYNTHETIC_DATASETS[names[0]].facts.scheme.name)
        print(f'contact sheet: {arguments.sheet}')


def check_sheet(path: Path) -> None:
    """Refuse a contact sheet that could not be written, before any face is drawn.

    Its folder is made.

    Raises:
        UserError: If the suffix is no image format, the path is a folder, or its folder cannot be
            made or written to.
    """
    if not cv2.haveImageWriter(f'sheet{_suffix(path)}'):
        raise UserError(
            f"'{_suffix(path)}' is no image format that OpenCV writes; use .png or .jpg"
        )
    if path.is_dir():
        raise UserError(f'--sheet {path} is a folder; name a file in it')
    make_folder(path.parent, 'the folder of --sheet')


def write_sheet(path: Path, request: Request, scheme: str) -> None:
    """Write a contact sheet of the first training faces.

    Raises:
        OSError: If the image cannot be written.
    """
    faces = [
        generate(request.seed, index, 'train', request.size)
        for index in range(min(_SHEET_FACES, request.train))
    ]
    done, code = cv2.imencode(_suffix(path), contact_sheet(faces, _SHEET_COLUMNS, scheme))
    if not done:
        raise OSError(f'OpenCV could not encode the contact sheet as {_suffix(path)}')
    path.write_bytes(code.tobytes())


def _suffix(path: Path) -> str:
    return path.suffix or '.png'


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the tool; returns the exit status."""
    return run_tool(run, build_parser(), arguments)


if __name__ == '__main__':
    sys.exit(main())

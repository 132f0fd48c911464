"""Write synthetic faces as MMPose data sets, so that the configs run without any download.

Examples:
    python -m mmpose_multilat.tools.make_synthetic_faces wflw --out data --train 800 --test 200
    python -m mmpose_multilat.tools.make_synthetic_faces all --sheet sheet.png
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

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
from mmpose_multilat.tools.command_line import INTERRUPTED, UserError
from mmpose_multilat.tools.result_folder import make_folder

_SHEET_FACES, _SHEET_COLUMNS = 24, 6


def parse_args(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog='make_synthetic_faces',
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        'datasets',
        nargs='+',
        choices=[*SYNTHETIC_DATASETS, 'all'],
        metavar='DATASET',
        help=f'data sets to write: {", ".join(SYNTHETIC_DATASETS)}, or all',
    )
    parser.add_argument(
        '--out',
        default='data',
        help='root folder of the data sets, the folder '
        '"data" that configs expect (default: %(default)s)',
    )
    parser.add_argument(
        '--train',
        type=int,
        default=800,
        metavar='N',
        help='number of training faces (default: %(default)s)',
    )
    parser.add_argument(
        '--test',
        type=int,
        default=200,
        metavar='N',
        help='number of test faces (default: %(default)s)',
    )
    parser.add_argument(
        '--seed',
        type=int,
        default=0,
        help='faces are the same for the same seed (default: %(default)s)',
    )
    parser.add_argument(
        '--size',
        type=int,
        default=DEFAULT_SIZE,
        metavar='PX',
        help='side of the square pictures in px (default: %(default)s)',
    )
    parser.add_argument(
        '--workers',
        type=int,
        default=min(2, os.cpu_count() or 1),
        metavar='N',
        help='processes; they do not change the faces (default: %(default)s)',
    )
    parser.add_argument(
        '--overwrite',
        action='store_true',
        help='replace earlier synthetic data sets; other data are never replaced',
    )
    parser.add_argument(
        '--sheet',
        metavar='FILE',
        help=f'also write a picture of the first {_SHEET_FACES} training faces '
        'with the landmarks of the first data set',
    )
    return parser.parse_args(arguments)


def check_sheet(path: str) -> None:
    """Refuse a contact sheet that could not be written, before any face is drawn.

    Its folder is made.

    Raises:
        OSError: If the suffix is no picture format, or the path is a folder.
        UserError: If its folder cannot be made or written to.
    """
    suffix = Path(path).suffix or '.png'
    if not cv2.haveImageWriter(f'sheet{suffix}'):
        raise OSError(f"'{suffix}' is no picture format that OpenCV writes; use .png or .jpg")
    if Path(path).is_dir():
        raise OSError(f'--sheet {path} is a folder; name a file in it')
    make_folder(Path(path).parent, 'the folder of --sheet')


def write_sheet(path: str, request: Request, scheme: str) -> None:
    """Write a contact sheet of the first training faces.

    Raises:
        OSError: If the picture cannot be written.
    """
    faces = [
        generate(request.seed, index, 'train', request.size)
        for index in range(min(_SHEET_FACES, request.train))
    ]
    suffix = Path(path).suffix or '.png'
    done, code = cv2.imencode(suffix, contact_sheet(faces, _SHEET_COLUMNS, scheme))
    if not done:
        raise OSError(f'OpenCV could not encode the contact sheet as {suffix}')
    Path(path).write_bytes(code.tobytes())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the tool.

    Returns:
        0, 1 after a message about what the user can change, or 130 after Ctrl-C.
    """
    args = parse_args(arguments)
    chosen = SYNTHETIC_DATASETS if 'all' in args.datasets else args.datasets
    names = list(dict.fromkeys(chosen))
    start = time.perf_counter()
    try:
        request = Request(args.train, args.test, args.seed, args.size)
        if args.sheet:
            check_sheet(args.sheet)
        bar = ProgressBar(args.train + args.test, start=False)
        bar.start()
        written = write_data_sets(
            names, args.out, request, args.workers, args.overwrite, bar.update
        )
        if args.sheet:
            scheme = SYNTHETIC_DATASETS[names[0]].facts.scheme.name
            write_sheet(args.sheet, request, scheme)
    except (ValueError, OSError, UserError) as error:
        print(f'\nmake_synthetic_faces: {error}', file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print('\ninterrupted', file=sys.stderr)
        return INTERRUPTED
    print(
        f'\n{args.train} training and {args.test} test faces of {args.size} x {args.size} px '
        f'in {time.perf_counter() - start:.1f} s'
    )
    for name, files in written.items():
        print(f'{name}: {", ".join(files)}')
    if args.sheet:
        print(f'contact sheet: {args.sheet}')
    return 0


if __name__ == '__main__':
    sys.exit(main())

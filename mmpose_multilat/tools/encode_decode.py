"""Encode landmarks as ideal heatmaps, decode them, and print the error of every decoder.

No network takes part: this is the error that a decoder adds by itself (KeyPosS table 1), or with
--noise its error when every cell carries independent Gaussian noise. `paper_tables` sets the file
of --out beside the published tables.

Examples:
    python -m mmpose_multilat.tools.encode_decode face_landmarks_300w_valid.json
    python -m mmpose_multilat.tools.encode_decode 300w_public_test.npz --out outputs/300w.json
    python -m mmpose_multilat.tools.encode_decode merlrav_test.npz --normalisers box_tight
    python -m mmpose_multilat.tools.encode_decode 300w_test.npz --decoders KeyPosS --time
"""

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Optional

from mmpose_multilat.analysis.decoder_choice import choose_decoders
from mmpose_multilat.analysis.encoding import records
from mmpose_multilat.analysis.encoding.faces import read_faces
from mmpose_multilat.analysis.encoding.measurement import measure
from mmpose_multilat.analysis.encoding.round_trip import Heatmaps
from mmpose_multilat.analysis.encoding.tables import markdown
from mmpose_multilat.codecs.keyposs import LARGEST_KERNEL
from mmpose_multilat.evaluation import NORMALISERS
from mmpose_multilat.multilateration import ALIGNMENTS
from mmpose_multilat.tools import options
from mmpose_multilat.tools.command_line import UserError, check_least, repeat, run_tool

SIZES = (64, 32, 16, 8, 4)
FACES_PER_BATCH = 64
LARGEST_SEED = 2**64 - 1
"""PyTorch's generators take 64 bits."""

DECODERS = (
    *('one-hot', 'two-hot', 'DARK'),
    *(f'KeyPosS:kernel_size={side}' for side in range(2, LARGEST_KERNEL + 1)),
    *(f'POPoS:solver={solver}' for solver in ('grid', 'exact', 'gauss_newton')),
    'GaussianMLE',
)
"""All decoders, KeyPosS with every window of the paper and POPoS with every solver."""


def build_parser() -> argparse.ArgumentParser:
    """Define the command line."""
    parser = options.new_parser('encode_decode', __doc__)
    add = parser.add_argument
    add(
        'annotations',
        type=Path,
        help='annotation file of a face dataset of MMPose (.json), or .npz with keypoints (N, K, '
        '2; NaN where not annotated) and bbox (N, 4: x, y, w, h)',
    )
    sides = f'sides of heatmaps in cells (default: {" ".join(map(str, SIZES))})'
    add('--sizes', type=int, nargs='+', default=list(SIZES), help=sides)
    options.add_decoders(parser, 'POPoS:num_anchors=25', 'all, with all windows and solvers')
    add(
        '--normalisers',
        nargs='+',
        choices=list(NORMALISERS),
        default=['ocular'],
        help='what errors are divided by (default: ocular, the distance of the outer eye corners)',
    )
    add(
        '--eyes',
        type=int,
        nargs=2,
        help='outer eye corners (default: those of the annotation scheme with as many landmarks)',
    )
    add('--sigma', type=float, default=2.0, help='in heatmap px (default: 2)')
    add(
        '--alignment',
        choices=ALIGNMENTS,
        default='msra',
        help="where the cells lie over the input, as MMPose's MSRAHeatmap or UDPHeatmap (msra)",
    )
    add(
        '--noise',
        type=float,
        default=0.0,
        help='standard deviation per cell; peaks are 1 high (default: 0)',
    )
    add('--seed', type=int, default=0, help='of the noise (default: 0)')
    add('--time', action='store_true', help='measure the time of every decoder, too')
    add(
        '--batch-size',
        type=int,
        default=FACES_PER_BATCH,
        help='faces decoded at once (default: %(default)s)',
    )
    add('--out', type=Path, metavar='FILE', help='write all numbers there as JSON')
    return parser


def run(arguments: argparse.Namespace) -> None:
    """Measure, print tables, and write the file that was asked for."""
    sizes = [
        Heatmaps(size, arguments.sigma, arguments.alignment, arguments.noise, arguments.seed)
        for size in dict.fromkeys(arguments.sizes)
    ]
    check_arguments(arguments, sizes)
    if arguments.out is not None:
        records.make_room(arguments.out)
    faces = read_faces(arguments.annotations, arguments.normalisers, arguments.eyes)
    encoding = measure(
        faces,
        arguments.annotations.name,
        sizes,
        arguments.decoders or DECODERS,
        arguments.normalisers,
        arguments.batch_size,
        arguments.time,
        repeat('encode_decode', arguments.words),
    )
    print(f'\n{markdown(encoding)}')
    if arguments.out is not None:
        records.save(encoding, arguments.out)
        print(f'Written: {arguments.out}')


def check_arguments(arguments: argparse.Namespace, sizes: Sequence[Heatmaps]) -> None:
    """Refuse numbers out of their range, and decoders that fit none of the heatmaps.

    Raises:
        UserError: Naming the argument.
    """
    check_least(arguments, batch_size=1)
    if not 0 <= arguments.noise < math.inf:
        raise UserError(f'--noise {arguments.noise} must not be negative, infinite or nan')
    if not 0 <= arguments.seed <= LARGEST_SEED:
        raise UserError(f'--seed {arguments.seed} must lie between 0 and {LARGEST_SEED}')
    if arguments.eyes is not None and len(set(arguments.eyes)) < len(arguments.eyes):
        raise UserError(f'--eyes names landmark {arguments.eyes[0]} twice; name both eye corners')
    codecs = {each.size: each.codec() for each in sizes}
    choose_decoders(codecs[max(codecs)], arguments.decoders)


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the tool; returns the exit status."""
    return run_tool(run, build_parser(), arguments)


if __name__ == '__main__':
    sys.exit(main())

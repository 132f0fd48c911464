"""Time and memory of every decoder on the same heatmaps, and of encoding. No data are needed.

Every registered decoder of this package, MMPose's own decoding, and the floors take turns: `amax`
reads every cell once, `flatten(2).max(-1)` finds the maxima with their index. Printed are
ms per face, ratios to the latter, and peak extra memory as a fraction of the heatmaps; written are
tables, JSON and a chart.

Examples:
    python -m mmpose_multilat.tools.benchmark_decode
    python -m mmpose_multilat.tools.benchmark_decode --threads 2 --sizes 64 16 --batches 16
    python -m mmpose_multilat.tools.benchmark_decode --device cuda
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Optional

import torch
from mmengine.utils import ProgressBar

from mmpose_multilat.analysis import surroundings
from mmpose_multilat.analysis.benchmarking.decode_measurement import (
    measure_decoding,
    measure_encoding,
)
from mmpose_multilat.analysis.benchmarking.decode_results import (
    DecodeResult,
    EncodeResult,
    as_record,
    decode_table,
    draw_ratios,
    encode_table,
)
from mmpose_multilat.inference.devices import choose_device
from mmpose_multilat.landmarks.whole_files import write_json, write_whole
from mmpose_multilat.tools import options
from mmpose_multilat.tools.command_line import check_least, extra, repeat, run_tool
from mmpose_multilat.tools.result_folder import make_folder

SIZES = (64, 32, 16, 8, 4)
BATCHES = (1, 16, 64)
SMALLEST_SIZE = 4
"""POPoS takes ten stations, which a heatmap of 3x3 cells does not have."""


def build_parser() -> argparse.ArgumentParser:
    """Define the command line."""
    parser = options.new_parser('benchmark_decode', __doc__)
    add = parser.add_argument
    add('--device', default='cpu', help="'cpu' (default), 'cuda', 'cuda:0' ...")
    sides = f'sides of the heatmaps in cells (default: {" ".join(map(str, SIZES))})'
    add('--sizes', type=int, nargs='+', default=SIZES, help=sides)
    faces = f'faces in a call (default: {" ".join(map(str, BATCHES))})'
    add('--batches', type=int, nargs='+', default=BATCHES, help=faces)
    add('--landmarks', type=int, default=98, help='landmarks of a face (default: 98)')
    add('--threads', type=int, help='processor threads (default: as PyTorch chooses)')
    add('--turns', type=int, default=40, help='measurements of each decoder (default: 40)')
    options.add_out(parser, 'outputs/benchmark_decode')
    return parser


def run(arguments: argparse.Namespace) -> None:
    """Check the arguments, measure, write."""
    check(arguments)
    sizes = sorted(set(arguments.sizes), reverse=True)
    batches = sorted(set(arguments.batches))
    before = torch.get_num_threads()
    torch.set_num_threads(arguments.threads or before)
    try:
        facts = dict(
            command=repeat('benchmark_decode', arguments.words),
            **surroundings.describe(arguments.device),
            landmarks=arguments.landmarks,
            dtype='float32',
        )
        conditions = arguments.landmarks, arguments.device, arguments.turns
        progress = ProgressBar((arguments.turns + 1) * len(sizes) * len(batches))
        with torch.no_grad():
            decoding = [
                result
                for size in sizes
                for batch in batches
                for result in measure_decoding(size, batch, *conditions, progress.update)
            ]
            encoding = [
                result
                for size in sizes
                for result in measure_encoding(size, arguments.landmarks, arguments.turns)
            ]
    finally:
        torch.set_num_threads(before)
    write(facts, decoding, encoding, arguments.out)


def check(arguments: argparse.Namespace) -> None:
    """Refuse what cannot be measured.

    Raises:
        UserError: If an argument is out of its range or the device is missing.
    """
    check_least(arguments, sizes=SMALLEST_SIZE, batches=1, landmarks=1, threads=1, turns=1)
    choose_device(arguments.device)
    make_folder(arguments.out)


def write(
    facts: dict[str, Any],
    decoding: Sequence[DecodeResult],
    encoding: Sequence[EncodeResult],
    out: Path,
) -> None:
    """Print the tables; write tables, numbers and chart."""
    sizes = dict.fromkeys(each.size for each in decoding)
    text = '\n\n'.join([decode_table(decoding, size) for size in sizes] + [encode_table(encoding)])
    hardware = facts['hardware']
    conditions = (
        f'{facts["landmarks"]} landmarks, float32, {hardware["device"]}, {hardware["threads"]} '
        f'threads, torch {facts["versions"]["torch"]}, {facts["date"][:10]}'
    )
    note = (
        'Medians with quartiles; ratio: to flatten(2).max(-1); memory: peak beside the heatmaps, '
        'as a fraction of them.'
    )
    print(f'\n\n{text}\n\n{conditions}. {note}')
    write_whole(out / 'decode.md', f'{text}\n\n{conditions}. {note}\n')
    write_json(out / 'decode.json', as_record(facts, decoding, encoding))
    batches = sorted({each.batch for each in decoding})
    batch = batches[len(batches) // 2]
    written = ['decode.md', 'decode.json']
    with extra('decode.png'):
        draw_ratios(decoding, batch, out / 'decode.png', f'Decoding, batch {batch}, {conditions}')
        written.append('decode.png')
    print(f'Written to {out}: {", ".join(written)}')


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the tool; returns the exit status."""
    return run_tool(run, build_parser(), arguments)


if __name__ == '__main__':
    sys.exit(main())

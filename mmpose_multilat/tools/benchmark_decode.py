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
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Optional

import torch
from mmengine.utils import ProgressBar

from mmpose_multilat.analysis import peak_memory, surroundings, time_in_turns
from mmpose_multilat.analysis.benchmarking.decode_results import (
    DecodeResult,
    EncodeResult,
    as_record,
    decode_table,
    draw_ratios,
    encode_table,
)
from mmpose_multilat.analysis.benchmarking.decode_subjects import (
    REFERENCE,
    decode_subjects,
    encode_subjects,
    make_heatmaps,
)
from mmpose_multilat.inference.devices import choose_device
from mmpose_multilat.landmarks.whole_files import write_whole
from mmpose_multilat.tools.command_line import UserError, extra, repeat, run_tool
from mmpose_multilat.tools.result_folder import make_folder

SIZES = (64, 32, 16, 8, 4)
BATCHES = (1, 16, 64)
SMALLEST_SIZE = 4
"""POPoS takes ten stations, which a heatmap of 3x3 cells does not have."""


def build_parser() -> argparse.ArgumentParser:
    """Define the command line."""
    parser = argparse.ArgumentParser(
        prog='benchmark_decode',
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add('--device', default='cpu', help="'cpu' (default), 'cuda', 'cuda:0' ...")
    sides = f'sides of the heatmaps in cells (default: {" ".join(map(str, SIZES))})'
    add('--sizes', type=int, nargs='+', default=SIZES, help=sides)
    faces = f'faces in a call (default: {" ".join(map(str, BATCHES))})'
    add('--batches', type=int, nargs='+', default=BATCHES, help=faces)
    add('--landmarks', type=int, default=98, help='landmarks of a face (default: 98)')
    add('--threads', type=int, help='processor threads (default: as PyTorch chooses)')
    add('--turns', type=int, default=40, help='measurements of each decoder (default: 40)')
    add(
        '--out',
        type=Path,
        default=Path('outputs/benchmark_decode'),
        help='result folder (default: %(default)s)',
    )
    return parser


def run(arguments: argparse.Namespace) -> None:
    """Check the arguments, measure, write."""
    check(arguments)
    sizes = sorted(set(arguments.sizes), reverse=True)
    batches = sorted(set(arguments.batches))
    before = torch.get_num_threads()
    torch.set_num_threads(arguments.threads or before)
    try:
        facts = describe(arguments)
        progress = ProgressBar((arguments.turns + 1) * len(sizes) * len(batches))
        with torch.no_grad():
            decoding = [
                result
                for size in sizes
                for batch in batches
                for result in measure_decoding(size, batch, arguments, progress.update)
            ]
            encoding = [each for size in sizes for each in measure_encoding(size, arguments)]
    finally:
        torch.set_num_threads(before)
    write(facts, decoding, encoding, arguments.out)


def check(arguments: argparse.Namespace) -> None:
    """Refuse what cannot be measured.

    Raises:
        UserError: If an argument is out of its range or the device is missing.
    """
    lowest = dict(sizes=SMALLEST_SIZE, batches=1, landmarks=1, threads=1, turns=1)
    for name, least in lowest.items():
        given = getattr(arguments, name)
        for value in given if isinstance(given, (list, tuple)) else [given]:
            if value is not None and value < least:
                raise UserError(f'--{name} {value} must be at least {least}')
    choose_device(arguments.device)
    make_folder(arguments.out)


def describe(arguments: argparse.Namespace) -> dict[str, Any]:
    """Where, when and how the benchmark is made."""
    return dict(
        date=surroundings.now(),
        command=repeat('benchmark_decode', arguments.words),
        hardware=surroundings.hardware(arguments.device),
        versions=surroundings.versions(),
        landmarks=arguments.landmarks,
        dtype='float32',
    )


def measure_decoding(
    size: int, batch: int, arguments: argparse.Namespace, tick: Callable[[], Any]
) -> list[DecodeResult]:
    """Time and memory of all decoders on one set of heatmaps."""
    device = arguments.device
    heatmaps = make_heatmaps(batch, arguments.landmarks, size, device)
    subjects = decode_subjects(heatmaps)
    timings = time_in_turns(subjects, arguments.turns, tick)
    reference = next(t.ms for s, t in zip(subjects, timings) if s.label == REFERENCE)
    memory = [peak_memory(subject, device) / heatmaps.nbytes for subject in subjects]
    tick()
    return [
        DecodeResult(
            subject.label,
            subject.kind,
            size,
            batch,
            timing.ms / batch,
            timing.low / batch,
            timing.high / batch,
            timing.turns,
            timing.ms / reference,
            extra,
        )
        for subject, timing, extra in zip(subjects, timings, memory)
    ]


def measure_encoding(size: int, arguments: argparse.Namespace) -> list[EncodeResult]:
    """Time of encoding a face on the CPU, biased and unbiased."""
    subjects = encode_subjects(arguments.landmarks, size)
    ms = [each.ms for each in time_in_turns(subjects, arguments.turns, lambda: None)]
    half = len(subjects) // 2
    return [
        EncodeResult(subject.label, size, ours, stock, stock / ours)
        for subject, ours, stock in zip(subjects, ms[:half], ms[half:])
    ]


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
    record = json.dumps(as_record(facts, decoding, encoding), indent=2)
    write_whole(out / 'decode.json', record + '\n')
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

"""How sure the differences between decoders are: a bootstrap over persons.

    python projects/keyposs/window_differences.py BENCHMARK_FOLDER ... [--out FILE.json]

Frames of one person are alike, so persons are drawn with replacement, not frames. Both decoders of
a difference are judged by the same faces. The interval says nothing of other trainings: it is about
one network and other persons.
"""

import argparse
import json
import re
import sys
from pathlib import Path

import numpy as np

from mmpose_multilat.analysis.benchmarking.records import find, load_predictions
from mmpose_multilat.evaluation import Predictions, face_errors
from mmpose_multilat.tools.command_line import UserError, run_tool

DRAWS = 2000
CONFIDENCE = (2.5, 97.5)


def person(image: str) -> str:
    """The person of a frame of ytf68: `First_Last_12.jpg`, where 12 is video and frame."""
    return re.sub(r'_\d+$', '', Path(image).stem)


def draw_persons(predictions: Predictions, seed: int) -> list[np.ndarray]:
    """Indices of faces for every draw of as many persons as there are."""
    names = np.array([person(image) for image in predictions.images])
    faces = [np.flatnonzero(names == name) for name in np.unique(names)]
    rng = np.random.default_rng(seed)
    draws = rng.integers(0, len(faces), (DRAWS, len(faces)))
    return [np.concatenate([faces[each] for each in draw]) for draw in draws]


def compare(errors: dict[str, np.ndarray], reference: str, draws: list[np.ndarray]) -> dict:
    """NME, difference to the reference and its interval for every decoder, in %."""
    rows = {}
    for label, each in errors.items():
        difference = 100 * (each - errors[reference])
        low, high = np.percentile([difference[draw].mean() for draw in draws], CONFIDENCE)
        rows[label] = dict(
            nme=100 * each.mean(), difference=difference.mean(), low=float(low), high=float(high)
        )
    return rows


def measure(arguments: argparse.Namespace) -> None:
    """Print a Markdown table for each benchmark; write the numbers if asked to."""
    written = []
    for folder, benchmark in find(arguments.folders):
        found = {
            result.decoder: load_predictions(folder, result)
            for result in benchmark.results
            if not result.flip_test
        }
        if arguments.reference not in found:
            raise UserError(f'--reference {arguments.reference}: choose from {", ".join(found)}')
        errors = {label: face_errors(each, 'ocular') for label, each in found.items()}
        draws = draw_persons(found[arguments.reference], arguments.seed)
        rows = compare(errors, arguments.reference, draws)
        print(
            f'\n{benchmark.config}\n\n| | NME % | difference | 95 % interval |\n|---|---|---|---|'
        )
        for label, row in rows.items():
            interval = f'{row["low"]:+.2f} to {row["high"]:+.2f}'
            print(f'| {label} | {row["nme"]:.2f} | {row["difference"]:+.2f} | {interval} |')
        facts = dict(config=benchmark.config, reference=arguments.reference, date=benchmark.date)
        written.append({**facts, 'decoders': rows})
    if arguments.out:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(json.dumps(written, indent=1) + '\n')


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('folders', nargs='+', type=Path, help='what benchmark has written')
    parser.add_argument('--reference', default='KeyPosS kernel_size=2', help='label of a decoder')
    parser.add_argument('--seed', type=int, default=0, help='of the draws')
    parser.add_argument('--out', type=Path, help='file for the numbers as JSON')
    return run_tool(measure, parser)


if __name__ == '__main__':
    sys.exit(main())

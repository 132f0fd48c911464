r"""Whether predicted covariances are right on synthetic noise, for which they are made.

    python -m projects.multilat.calibration --data data/annotations/300w_public_test.npz \
        --out projects/multilat/results/calibration/synthetic.json

Annotated faces become ideal heatmaps with independent Gaussian noise on every cell. Printed is the
variance of the normalised error for each decoder; 1 is right. For trained networks there is
`python -m mmpose_multilat.tools.calibrate CONFIG CHECKPOINT`.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Optional

import numpy as np
from mmengine.utils import ProgressBar

from mmpose_multilat.analysis.calibration.decoders import decoders_with_covariances
from mmpose_multilat.analysis.encoding.faces import read_faces
from mmpose_multilat.analysis.encoding.round_trip import Heatmaps, encode_batches
from mmpose_multilat.evaluation import Predictions
from mmpose_multilat.evaluation.calibration import coverage, squared_mahalanobis, variance
from mmpose_multilat.evaluation.tables import align
from mmpose_multilat.tools.command_line import UserError, run_tool
from mmpose_multilat.tools.encode_decode import FACES_PER_BATCH, SIZES

from .efficiency import NOISES
from .record import about, write_json

DECODERS = ('GaussianMLE', 'KeyPosS', 'POPoS')
LEVELS = (0.68, 0.95)

FACES = 200
"""With 68 landmarks each the variance is known to 1 %."""


@dataclass(frozen=True)
class Spread:
    """A decoder at a noise and a heatmap size.

    Attributes:
        noise: Standard deviation of the noise of every cell; the peaks are 1 high.
        heatmap_size: Side of the heatmaps in cells.
        decoder: Its label.
        variance: Of the normalised error, mean over x and y.
        coverage: Level -> share of the errors in the ellipses of that level.
        landmarks: Number of landmarks.
        left_out: Number of landmarks to which the decoder gave no covariance.
    """

    noise: float
    heatmap_size: int
    decoder: str
    variance: float
    coverage: dict[float, float]
    landmarks: int
    left_out: int


def measure(
    faces: Predictions, settings: Sequence[Heatmaps], decoders: Sequence[str]
) -> list[Spread]:
    """Encode and decode all faces with every setting, with a progress bar.

    Args:
        faces: N faces with K landmarks in input px.
        settings: Sizes and noises.
        decoders: Labels of decoders that estimate covariances.

    Returns:
        One for each setting and decoder.
    """
    progress = ProgressBar(len(settings) * -(-len(faces) // FACES_PER_BATCH))
    results = []
    for heatmaps in settings:
        codecs = decoders_with_covariances(heatmaps.codec(), decoders)
        squares: dict[str, list[np.ndarray]] = {label: [] for label in codecs}
        for places, encoded in encode_batches(faces, heatmaps, FACES_PER_BATCH):
            for label, codec in codecs.items():
                squares[label].append(_squares(codec, places.numpy(), encoded))
            progress.update()
        results += [_summarise(heatmaps, *item, faces.labelled) for item in squares.items()]
    print()  # the progress bar does not end its line
    return results


def _squares(codec: Any, places: np.ndarray, encoded: Any) -> np.ndarray:
    """(B, K) squared Mahalanobis distances of the errors of a batch."""
    found, _, covariances = codec.locate_in_input(encoded, covariances=True)
    return squared_mahalanobis(found.numpy() - places, covariances.numpy())


def _summarise(
    heatmaps: Heatmaps, label: str, squares: Sequence[np.ndarray], labelled: np.ndarray
) -> Spread:
    counted = np.concatenate(squares)[labelled]
    return Spread(
        noise=heatmaps.noise,
        heatmap_size=heatmaps.size,
        decoder=label,
        variance=variance(counted),
        coverage=coverage(counted, LEVELS),
        landmarks=len(counted),
        left_out=int(np.isnan(counted).sum()),
    )


def markdown(results: Sequence[Spread]) -> str:
    """A table for each noise: variance, and shares in the ellipses, by decoder and size."""
    sizes = list(dict.fromkeys(each.heatmap_size for each in results))
    tables = []
    for noise in dict.fromkeys(each.noise for each in results):
        rows = [[f'noise {noise:g}', *(f'{size}x{size}' for size in sizes)]]
        found = {(e.decoder, e.heatmap_size): e for e in results if e.noise == noise}
        for label in dict.fromkeys(decoder for decoder, _ in found):
            rows.append([label, *(_cell(found[label, size]) for size in sizes)])
        tables.append(align(rows))
    return '\n\n'.join(tables)


def _cell(spread: Spread) -> str:
    shares = ' / '.join(f'{100 * share:.0f}' for share in spread.coverage.values())
    return f'{spread.variance:.2f} ({shares})'


def spread_over(faces: Predictions, count: int) -> Predictions:
    """About `count` faces, evenly spread over all; all of them if there are fewer."""
    places = np.unique(np.linspace(0, len(faces) - 1, min(count, len(faces))).round().astype(int))
    return replace(
        faces,
        predicted=faces.predicted[places],
        true=faces.true[places],
        labelled=faces.labelled[places],
        scores=faces.scores[places],
        boxes=faces.boxes[places],
        images=[faces.images[place] for place in places],
        ids=[faces.ids[place] for place in places],
    )


def build_parser() -> argparse.ArgumentParser:
    """Define the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add('--data', type=Path, required=True, help='annotations (.npz), as encode_decode reads them')
    add('--sizes', type=int, nargs='+', default=list(SIZES), help='sides of heatmaps in cells')
    add('--noises', type=float, nargs='+', default=list(NOISES), help='per cell; peaks are 1 high')
    add('--decoders', nargs='+', default=list(DECODERS), help='as calibrate takes them')
    add('--faces', type=int, default=FACES, help=f'so many, spread over all (default: {FACES})')
    add('--seed', type=int, default=0, help='of the noise')
    add('--out', type=Path, help='file for the numbers (.json)')
    return parser


def run(arguments: argparse.Namespace) -> None:
    """Measure, print the tables, and write the file that was asked for."""
    if min(arguments.noises) <= 0:
        raise UserError('--noises must be above 0: without noise there is nothing to predict')
    if arguments.faces < 1:
        raise UserError(f'--faces {arguments.faces} must be positive')
    faces = spread_over(read_faces(arguments.data, []), arguments.faces)
    settings = [
        Heatmaps(size, noise=noise, seed=arguments.seed)
        for noise in arguments.noises
        for size in arguments.sizes
    ]
    results = measure(faces, settings, arguments.decoders)
    levels = ' and '.join(f'{level:.0%}' for level in LEVELS)
    print(
        f'\nVariance of the normalised error (% of the errors in ellipses for {levels}), '
        f'{len(faces)} faces:\n\n{markdown(results)}'
    )
    if arguments.out is not None:
        facts = about('projects.multilat.calibration', arguments.words, arguments.seed)
        facts.update(annotations=arguments.data.name, faces=len(faces))
        facts.update(sigma=settings[0].sigma, alignment=settings[0].alignment)
        write_json(arguments.out, {**facts, 'results': [asdict(each) for each in results]})
        print(f'Written: {arguments.out}')


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run the tool; returns the exit status."""
    return run_tool(run, build_parser(), arguments)


if __name__ == '__main__':
    sys.exit(main())
